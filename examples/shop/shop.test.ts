import { describe, expect, it } from 'vitest';
import { createShop } from './shop.ts';
import { customers } from './stock.ts';

/** The shop before a recovery server that knows one thing: who is signed in. */
function openShop({ userId }: { userId?: string } = {}) {
  const shop = createShop({
    defaultLanguage: 'en',
    rekey: {
      fetch: async () => new Response('the recovery server', { status: 404 }),
      visitor: async () => (userId === undefined ? undefined : { accountId: '1', userId, locale: 'en' }),
      asset: (name) => `/assets/${name}`,
    },
  });
  return async (path: string, headers: Record<string, string> = {}) => {
    const response = await shop.request(path, { headers });
    return { response, text: await response.text() };
  };
}

describe('the shop', () => {
  it('speaks the language of ?lang, then of the cookie, then of the browser, then its own', async () => {
    const get = openShop();
    const spanish = { 'Accept-Language': 'es-ES,en;q=0.5' };
    expect((await get('/')).text).toContain('<html lang="en">');
    expect((await get('/', { 'Accept-Language': 'fr, es;q=0.8' })).text).toContain('<html lang="es">');
    expect((await get('/', { ...spanish, Cookie: 'x=1; account-lang=en' })).text).toContain('<html lang="en">');
    expect((await get('/?lang=es', { Cookie: 'account-lang=en' })).text).toContain('<html lang="es">');
    expect((await get('/?lang=xx', spanish)).text).toContain('<html lang="es">');
  });

  it('remembers a language only when it was chosen', async () => {
    const get = openShop();
    expect((await get('/')).response.headers.get('Set-Cookie')).toBeNull();
    expect((await get('/?lang=es')).response.headers.get('Set-Cookie')).toContain('account-lang=es;');
    expect((await get('/?lang=%0d%0aX: 1')).response.headers.get('Set-Cookie')).toBeNull();
  });

  it('takes a signed-out person from an order to sign-in and names where to come back to', async () => {
    const { response } = await openShop()('/orders/A-1042');
    expect(response.status).toBe(303);
    expect(response.headers.get('Location')).toBe('/sign-in?returnTo=%2Forders%2FA-1042');
  });

  it('shows an order only in the account that it belongs to', async () => {
    const lucia = await openShop({ userId: 'lucia' })('/orders/A-1042');
    expect(lucia.response.status).toBe(200);
    const mark = await openShop({ userId: 'mark' })('/orders/A-1042');
    expect(mark.response.status).toBe(404);
    expect(mark.text).toContain('This order is not in your account');
  });

  it('gives every demo account orders of its own, and a new account empty ones', async () => {
    const ids = customers.flatMap(({ orders }) => orders.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    for (const { userId, orders } of customers) {
      const { text } = await openShop({ userId })('/my-account');
      for (const { id } of orders) expect(text).toContain(`/orders/${id}`);
    }
    expect((await openShop({ userId: 'new-here' })('/my-account')).text).toContain('No orders yet.');
  });

  it('escapes a user ID', async () => {
    const { text } = await openShop({ userId: '<script>' })('/my-account?lang=es');
    expect(text).toContain('Hola, &lt;script&gt;');
  });

  it('loads nothing from elsewhere and allows no inline script or style', async () => {
    const { response, text } = await openShop()('/');
    const policy = response.headers.get('Content-Security-Policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(text).not.toMatch(/style="|<style|\son\w+="|(?:src|href)="(?:https?:)?\/\//);
  });

  it('leaves every other path to the recovery server', async () => {
    for (const path of ['/sign-in', '/recover/code', '/shop/other.css', '/shop/..%2fshop.ts']) {
      expect((await openShop()(path)).text).toBe('the recovery server');
    }
  });

  it('serves an installable manifest in the language of the page', async () => {
    const { text } = await openShop()('/manifest.webmanifest?lang=es');
    const manifest: unknown = JSON.parse(text);
    expect(manifest).toMatchObject({ display: 'standalone', lang: 'es', start_url: '/' });
    expect((await openShop()('/shop/icon-512.png')).response.headers.get('Content-Type')).toBe('image/png');
  });
});
