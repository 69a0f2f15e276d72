// A shop that mounts account recovery as a library: its own pages first, all other paths go to `rekey.fetch`. What it
// takes from it: who is signed in (`visitor`), and the sign-in form in a modal (`asset`).
import { readFile } from 'node:fs/promises';
import { type Context, Hono } from 'hono';
import type { Rekey } from 'rekey-server';
import {
  accountPage,
  type Html,
  homePage,
  missingOrderPage,
  orderPage,
  shopName,
  signedOutPage,
  type Visit,
} from './pages.ts';
import { belongings } from './stock.ts';
import { isLanguage, type Language, wordsIn } from './words.ts';

/** The network of the visitor: `@hono/node-server` gives the socket as the second argument of `fetch`. */
export interface Connection {
  readonly remoteAddress?: string | undefined;
}

/** The look that the recovery pages share with the shop. */
export const brand = {
  siteName: shopName,
  brandColour: '#9a3f20',
  cornerRadiusPx: 12,
  logo: '/shop/icon.svg',
} as const;

const files: Readonly<Record<string, string>> = {
  'shop.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
  'icon-192.png': 'image/png',
  'icon-512.png': 'image/png',
};

const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `defaultLanguage`: where neither `?lang`, the cookie nor the browser names one that the shop speaks. */
export function createShop({
  rekey,
  defaultLanguage,
}: {
  rekey: Pick<Rekey, 'fetch' | 'visitor' | 'asset'>;
  defaultLanguage: Language;
}) {
  const shop = new Hono<{ Bindings: Connection }>();

  const visit = async (context: Context): Promise<Visit> => ({
    words: wordsIn(languageOf(context, defaultLanguage)),
    path: context.req.path,
    userId: (await rekey.visitor(context.req.raw))?.userId,
    asset: rekey.asset,
  });

  const answer = (context: Context, page: Html, status: 200 | 404 = 200): Response | Promise<Response> => {
    context.header('Content-Security-Policy', contentSecurityPolicy);
    context.header('X-Content-Type-Options', 'nosniff');
    // Not `no-referrer`: the form in the modal is posted from here, and over plain http its Origin is all the proof.
    context.header('Referrer-Policy', 'same-origin');
    context.header('Vary', 'Cookie, Accept-Language');
    // "Back" after signing out must not show the account again.
    context.header('Cache-Control', 'private, no-store');
    const chosen = context.req.query('lang') ?? '';
    if (isLanguage(chosen)) {
      context.header('Set-Cookie', `account-lang=${chosen}; Path=/; Max-Age=31536000; SameSite=Lax`, { append: true });
    }
    return context.html(page, status);
  };

  shop.get('/', async (context) => answer(context, homePage(await visit(context))));

  shop.get('/my-account', async (context) => {
    const here = await visit(context);
    if (here.userId === undefined) return answer(context, signedOutPage(here));
    const { orders, coupons } = belongings(here.userId);
    return answer(context, accountPage(here, here.userId, orders, coupons));
  });

  shop.get('/orders/:id', async (context) => {
    const here = await visit(context);
    if (here.userId === undefined) {
      return context.redirect(`/sign-in?${new URLSearchParams({ returnTo: context.req.path }).toString()}`, 303);
    }
    const order = belongings(here.userId).orders.find(({ id }) => id === context.req.param('id'));
    return order ? answer(context, orderPage(here, order)) : answer(context, missingOrderPage(here), 404);
  });

  shop.get('/manifest.webmanifest', (context) => {
    const words = wordsIn(languageOf(context, defaultLanguage));
    const icons = ['192', '512'].map((size) => ({
      src: `/shop/icon-${size}.png`,
      sizes: `${size}x${size}`,
      type: 'image/png',
      purpose: 'any maskable',
    }));
    const manifest = {
      id: '/',
      name: `${shopName} - ${words('page.home')}`,
      short_name: shopName,
      lang: words.language,
      start_url: '/',
      scope: '/',
      display: 'standalone',
      background_color: '#fbf5ec',
      theme_color: '#fbf5ec',
      icons,
    };
    return context.body(JSON.stringify(manifest), 200, { 'Content-Type': 'application/manifest+json' });
  });

  shop.get('/shop/:file', async (context, next) => {
    const name = context.req.param('file');
    const type = Object.hasOwn(files, name) ? files[name] : undefined;
    if (type === undefined) return next();
    const bytes = await readFile(new URL(`public/${name}`, import.meta.url));
    return context.body(new Uint8Array(bytes), 200, { 'Content-Type': type, 'Cache-Control': 'public, max-age=300' });
  });

  // What browsers ask for on pages that name no icon.
  shop.get('/favicon.ico', (context) => context.redirect('/shop/icon.svg', 301));

  shop.all('*', (context) => rekey.fetch(context.req.raw, context.env));

  return shop;
}

/** `?lang`, then the cookie, then what the browser asks for: the order that the recovery pages use too. */
function languageOf({ req }: Context, defaultLanguage: Language): Language {
  const cookie = /(?:^|;\s*)account-lang=(\w+)/.exec(req.header('Cookie') ?? '')?.[1];
  const accepted = (req.header('Accept-Language') ?? '')
    .split(',')
    .map((part) => part.trim().slice(0, 2).toLowerCase());
  return (
    [req.query('lang'), cookie, ...accepted].find((each) => each !== undefined && isLanguage(each)) ?? defaultLanguage
  );
}
