// The shop's pages. One frame for PC, phone and installed app: the style sheet shows each its own way to the account.
import { html } from 'hono/html';
import { drawings, homeIcon, mark, personIcon } from './drawings.ts';
import { type Coupon, type Order, type ProductName, prices, totalOf } from './stock.ts';
import type { Words } from './words.ts';

export const shopName = 'Alfarel';

export type Html = ReturnType<typeof html>;

export interface Visit {
  readonly words: Words;
  /** Path of the page, for the language switch. */
  readonly path: string;
  /** `undefined`: signed out. */
  readonly userId: string | undefined;
  /** Where the recovery server serves its files for other pages. */
  readonly asset: (name: string) => string;
}

const productNames = ['cup', 'bowl', 'plate', 'jug', 'vase', 'teapot'] as const satisfies readonly ProductName[];

export function homePage(visit: Visit): Html {
  const { words } = visit;
  return frame(
    visit,
    words('page.home'),
    html`
    <div class="welcome">
      <h1>${words('home.heading')}</h1>
      <p>${words('home.words')}</p>
    </div>
    <h2>${words('home.products')}</h2>
    <ul class="products">
      ${productNames.map(
        (name) =>
          html`<li>${drawings[name]}<h3>${words(`product.${name}`)}</h3><p>${words.price(prices[name])}</p></li>`,
      )}
    </ul>`,
  );
}

export function signedOutPage(visit: Visit): Html {
  const { words } = visit;
  return frame(
    visit,
    words('account.mine'),
    html`
    <nav class="account-line" aria-label="${words('account.line')}">
      <a href="/sign-in">${words('account.identify')}</a><span aria-hidden="true">/</span><a href="/sign-up">${words('account.register')}</a>
    </nav>
    <h1>${words('account.mine')}</h1>
    <p>${words('account.signed-out')}</p>`,
  );
}

export function accountPage(visit: Visit, userId: string, orders: readonly Order[], coupons: readonly Coupon[]): Html {
  const { words } = visit;
  const parcels = orders.flatMap(({ id, parcel }) => (parcel === undefined ? [] : [{ id, parcel }]));
  return frame(
    visit,
    words('account.mine'),
    html`
    <div class="account-head">
      <h1>${words('account.hello', { userId })}</h1>
      <form method="post" action="/sign-out"><button class="quiet">${words('account.sign-out')}</button></form>
    </div>
    <p><a href="/account">${words('account.security')}</a></p>
    ${section(
      words,
      'orders',
      orders.map(
        (order) => html`<li>
      <a href="/orders/${order.id}">${words('orders.one', { id: order.id })}</a>
      <span>${words.date(order.at)}</span>
      <span class="state ${order.state}">${words(`orders.${order.state}`)}</span>
      <span class="amount">${words.price(totalOf(order))}</span></li>`,
      ),
    )}
    ${section(
      words,
      'parcels',
      parcels.map(
        ({ id, parcel }) => html`<li>
      <span>${words('parcels.one', { number: parcel })}</span>
      <span class="order">${words('orders.one', { id })}</span>
      <span class="state on-its-way">${words('orders.on-its-way')}</span></li>`,
      ),
    )}
    ${section(
      words,
      'coupons',
      coupons.map(
        (coupon) => html`<li>
      <strong>${coupon.code}</strong>
      <span>${words(coupon.words)}</span>
      <span class="amount">${words('coupons.until', { date: words.date(coupon.until) })}</span></li>`,
      ),
    )}`,
  );
}

const section = (words: Words, name: 'orders' | 'parcels' | 'coupons', rows: readonly Html[]): Html => html`
  <section class="rows" aria-labelledby="${name}">
    <h2 id="${name}">${words(`${name}.heading`)}</h2>
    ${rows.length > 0 ? html`<ul>${[...rows]}</ul>` : html`<p>${words(`${name}.none`)}</p>`}
  </section>`;

export function orderPage(visit: Visit, order: Order): Html {
  const { words } = visit;
  return frame(
    visit,
    words('orders.one', { id: order.id }),
    html`
    <p><a href="/my-account">${words('orders.back')}</a></p>
    <h1>${words('orders.one', { id: order.id })}</h1>
    <p>${words.date(order.at)} <span class="state ${order.state}">${words(`orders.${order.state}`)}</span></p>
    <table>
      <thead><tr><th>${words('orders.item')}</th><th>${words('orders.quantity')}</th><th>${words('orders.price')}</th></tr></thead>
      <tbody>${order.lines.map(
        ([name, quantity]) =>
          html`<tr><td>${words(`product.${name}`)}</td><td>${quantity}</td><td>${words.price(prices[name] * quantity)}</td></tr>`,
      )}</tbody>
      <tfoot><tr><th colspan="2">${words('orders.total')}</th><td>${words.price(totalOf(order))}</td></tr></tfoot>
    </table>`,
  );
}

export function missingOrderPage(visit: Visit): Html {
  const { words } = visit;
  return frame(
    visit,
    words('orders.missing'),
    html`
    <h1>${words('orders.missing')}</h1>
    <p>${words('orders.missing-words')}</p>
    <p><a href="/my-account">${words('account.mine')}</a></p>`,
  );
}

function frame(visit: Visit, title: string, content: Html): Html {
  const { words, path, userId, asset } = visit;
  const other = words.language === 'en' ? 'es' : 'en';
  return html`<!doctype html>
<html lang="${words.language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
    <meta name="color-scheme" content="light dark">
    <meta name="theme-color" content="#fbf5ec" media="(prefers-color-scheme: light)">
    <meta name="theme-color" content="#1c1714" media="(prefers-color-scheme: dark)">
    <title>${title} - ${shopName}</title>
    <link rel="icon" href="/shop/icon.svg" type="image/svg+xml">
    <link rel="apple-touch-icon" href="/shop/icon-192.png">
    <link rel="manifest" href="/manifest.webmanifest?lang=${words.language}">
    <link rel="stylesheet" href="/shop/shop.css">
    <link rel="stylesheet" href="${asset('sign-in-modal.css')}">
    <script type="module" src="${asset('sign-in-modal.js')}"></script>
  </head>
  <body>
    <a class="skip" href="#content">${words('page.skip')}</a>
    <header class="top">
      <a class="brand" href="/">${mark}<span>${shopName}</span></a>
      <a class="language" href="${path}?lang=${other}" hreflang="${other}" lang="${other}">${words('page.language')}</a>
      ${userId === undefined ? html`<sign-in-modal class="on-pc" close-label="${words('account.close')}"><a class="button" href="/sign-in">${words('account.sign-in')}</a></sign-in-modal>` : accountButton(words, 'on-pc')}
      ${accountButton(words, 'in-app')}
    </header>
    <main id="content">${content}</main>
    <footer><p>${words('footer.words')}</p></footer>
    <nav class="bottom" aria-label="${words('nav.main')}">
      ${bottomLink('/', homeIcon, words('nav.home'), path)}
      ${bottomLink('/my-account', personIcon, words('account.mine'), path)}
    </nav>
  </body>
</html>`;
}

const accountButton = (words: Words, place: 'on-pc' | 'in-app'): Html =>
  html`<a class="button ${place}" href="/my-account">${personIcon}${words('account.mine')}</a>`;

function bottomLink(href: string, icon: typeof homeIcon, label: string, path: string): Html {
  const isWithin = href === '/my-account' && path.startsWith('/orders/');
  return html`<a href="${href}" ${href === path ? html`aria-current="page"` : isWithin ? html`aria-current="true"` : ''}>${icon}<span>${label}</span></a>`;
}
