// The shop's own words. English and Spanish are equals: a key that one lacks does not type-check.

const en = {
  'page.home': 'Ceramics for every day',
  'page.language': 'Español',
  'page.skip': 'Skip to the main content',
  'home.heading': 'Made by hand, to be used every day',
  'home.words': 'Cups, plates and jugs in stoneware, turned in small batches and glazed one by one.',
  'home.products': 'Out of the kiln this week',
  'nav.main': 'Main',
  'nav.home': 'Home',
  'account.sign-in': 'Sign in',
  'account.close': 'Close',
  'account.mine': 'My account',
  'account.identify': 'Sign in',
  'account.register': 'Register',
  'account.line': 'Sign in or register',
  'account.sign-out': 'Sign out',
  'account.security': 'Sign-in and security',
  'account.hello': 'Hello, {userId}',
  'account.signed-out': 'Sign in to see your orders, parcels and coupons.',
  'orders.heading': 'Orders',
  'orders.none': 'No orders yet. When you buy something, you will find it here.',
  'orders.one': 'Order {id}',
  'orders.back': 'Back to my account',
  'orders.preparing': 'Being packed',
  'orders.on-its-way': 'On its way',
  'orders.delivered': 'Delivered',
  'orders.item': 'Item',
  'orders.quantity': 'Quantity',
  'orders.price': 'Price',
  'orders.total': 'Total',
  'orders.missing': 'This order is not in your account',
  'orders.missing-words': 'Look at the number, or see all your orders in your account.',
  'parcels.heading': 'Parcels',
  'parcels.none': 'No parcels on their way.',
  'parcels.one': 'Parcel {number}',
  'coupons.heading': 'Coupons',
  'coupons.none': 'No coupons right now.',
  'coupons.until': 'until {date}',
  'footer.words': 'A shop made up for this demo. Nothing here is for sale.',
  'product.cup': 'Morning cup',
  'product.bowl': 'Deep bowl',
  'product.plate': 'Large plate',
  'product.jug': 'Water jug',
  'product.vase': 'Tall vase',
  'product.teapot': 'Teapot for two',
  'coupon.welcome': '10% off your next order',
  'coupon.delivery': 'Free delivery',
  'coupon.second': 'Second cup at half price',
};

const es: typeof en = {
  'page.home': 'Cerámica para cada día',
  'page.language': 'English',
  'page.skip': 'Saltar al contenido',
  'home.heading': 'Cerámica hecha a mano, para usarla cada día',
  'home.words': 'Tazas, platos y jarras de gres, torneados en series cortas y esmaltados uno a uno.',
  'home.products': 'Esta semana, piezas recién salidas del horno',
  'nav.main': 'Principal',
  'nav.home': 'Inicio',
  'account.sign-in': 'Iniciar sesión',
  'account.close': 'Cerrar',
  'account.mine': 'Mi cuenta',
  'account.identify': 'Identifícate',
  'account.register': 'Regístrate',
  'account.line': 'Identifícate o regístrate',
  'account.sign-out': 'Cerrar sesión',
  'account.security': 'Acceso y seguridad',
  'account.hello': 'Hola, {userId}',
  'account.signed-out': 'Inicia sesión para ver tus pedidos, envíos y cupones.',
  'orders.heading': 'Pedidos',
  'orders.none': 'Aún no tienes pedidos. Cuando compres algo, lo verás aquí.',
  'orders.one': 'Pedido {id}',
  'orders.back': 'Volver a mi cuenta',
  'orders.preparing': 'En preparación',
  'orders.on-its-way': 'En camino',
  'orders.delivered': 'Entregado',
  'orders.item': 'Artículo',
  'orders.quantity': 'Cantidad',
  'orders.price': 'Precio',
  'orders.total': 'Total',
  'orders.missing': 'Este pedido no está en tu cuenta',
  'orders.missing-words': 'Revisa el número o mira todos tus pedidos en tu cuenta.',
  'parcels.heading': 'Envíos',
  'parcels.none': 'No tienes envíos en camino.',
  'parcels.one': 'Envío {number}',
  'coupons.heading': 'Cupones',
  'coupons.none': 'Ahora no tienes cupones.',
  'coupons.until': 'hasta el {date}',
  'footer.words': 'Una tienda inventada para esta demostración. Aquí no se vende nada.',
  'product.cup': 'Taza de la mañana',
  'product.bowl': 'Cuenco hondo',
  'product.plate': 'Plato grande',
  'product.jug': 'Jarra de agua',
  'product.vase': 'Jarrón alto',
  'product.teapot': 'Tetera para dos',
  'coupon.welcome': '10 % de descuento en tu próximo pedido',
  'coupon.delivery': 'Envío gratis',
  'coupon.second': 'La segunda taza, a mitad de precio',
};

const languages = { en, es };

export type Language = keyof typeof languages;
export type WordKey = keyof typeof en;

export const isLanguage = (text: string): text is Language => Object.hasOwn(languages, text);

export interface Words {
  (key: WordKey, values?: Readonly<Record<string, string>>): string;
  readonly language: Language;
  readonly date: (at: number) => string;
  readonly price: (cents: number) => string;
}

export function wordsIn(language: Language): Words {
  const dates = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' });
  const prices = new Intl.NumberFormat(language, { style: 'currency', currency: 'EUR' });
  const words = (key: WordKey, values: Readonly<Record<string, string>> = {}) =>
    languages[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  return Object.assign(words, {
    language,
    date: (at: number) => dates.format(at),
    price: (cents: number) => prices.format(cents / 100),
  });
}
