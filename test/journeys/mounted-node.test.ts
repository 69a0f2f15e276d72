// The walk where a site on Node's own HTTP mounts it: the examples on Express and Fastify, and a bare server, over real
// HTTP; and what else such a server meets: body parsers, a mount path, proxies, HEAD, streams, people who hang up.
import { once } from 'node:events';
import { createServer, request as nodeRequest, type RequestListener, type Server } from 'node:http';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { createSite as createExpressSite } from '../../examples/express/site.ts';
import { createSite as createFastifySite } from '../../examples/fastify/site.ts';
import { type Browser, createBrowser } from '../../src/testing/browser.ts';
import { createTestRekey, type TestRekey } from '../../src/testing/kit.ts';
import { askForCode, choosePassword, enterCode, newPassword } from './steps.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

interface Mounted {
  readonly test: TestRekey;
  readonly origin: string;
}

type Mount = (rekey: TestRekey) => RequestListener | Promise<RequestListener>;

/** The port comes first: links in mails are built from it. */
async function mount(build: Mount, settings: NonNullable<Parameters<typeof createTestRekey>[0]>['settings'] = {}) {
  let listener: RequestListener = (_request, response) => response.writeHead(503).end();
  const server: Server = createServer((request, response) => listener(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  const origin = `http://127.0.0.1:${address.port}`;
  const test = await createTestRekey({ settings: { origin, trustedProxies: 1, ...settings } });
  listener = await build(test);
  open.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await test.close();
  });
  return { test, origin };
}

const onExpress: Mount = (rekey) => createExpressSite(rekey);

const onFastify: Mount = async (rekey) => {
  const site = createFastifySite(rekey);
  await site.ready();
  open.push(() => site.close());
  return site.routing;
};

const frameworks = [
  { framework: 'Express', build: onExpress },
  { framework: 'Fastify', build: onFastify },
];

const browserOf = ({ test, origin }: Mounted, address = '203.0.113.7') =>
  createBrowser({ origin, clock: test.clock, language: 'en', address });

describe.each(frameworks)('on $framework', ({ build }) => {
  it('the walk goes from "Forgot your password?" to the site\'s own account page', async () => {
    const mounted = await mount(build);
    const { address, userId } = await mounted.test.addAccount();
    const browser = browserOf(mounted);
    expect((await browser.open('/')).heading).toBe('Corner Shop');
    await browser.open('/orders');
    expect(browser.page.path).toBe('/sign-in?returnTo=/orders');
    await browser.follow('Forgot your password?');
    await browser.press('Continue', { 'Email or user ID': address });
    await askForCode(browser);
    await enterCode(browser, await mounted.test.mailbox.codeTo(address));
    await choosePassword(browser);
    await browser.follow('Sign in');
    await browser.press('Sign in', { Password: newPassword });
    expect(browser.page.path).toBe('/orders');
    expect(browser.page.text).toBe(`Hello, ${userId}`);
    expect(mounted.test.faults).toEqual([]);
  });

  it("what is not Rekey's is the site's: its pages, its 404, and paths that only look alike", async () => {
    const { origin } = await mount(build);
    for (const path of ['/nowhere', '/recoverable', '/recover/', '/api/v1/orders']) {
      const response = await fetch(origin + path);
      expect([path, response.status]).toEqual([path, 404]);
      expect(await response.text()).not.toContain('Corner Shop');
    }
  });

  it('HEAD is answered like GET, without a body', async () => {
    const { origin } = await mount(build);
    const [head, get] = [await fetch(`${origin}/recover`, { method: 'HEAD' }), await fetch(`${origin}/recover`)];
    expect(head.status).toBe(200);
    expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
    expect(await head.text()).toBe('');
    expect((await get.text()).length).toBeGreaterThan(500);
  });

  it('a body that comes in pieces is read whole, and one that is too large is refused', async () => {
    const { origin } = await mount(build);
    const send = (pieces: readonly string[]) =>
      fetch(`${origin}/recover`, {
        method: 'POST',
        duplex: 'half',
        headers: { origin, 'content-type': 'application/x-www-form-urlencoded' },
        body: new ReadableStream({
          start(controller) {
            for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
            controller.close();
          },
        }),
      } as RequestInit);
    expect((await send(['identi', 'fier=', 'not%20an%20', 'identifier%20%40'])).status).toBe(422);
    expect((await send(Array(64).fill('identifier='.padEnd(10_000, 'x')))).status).toBe(413);
  });

  it('somebody who hangs up in the middle of a form does no harm', async () => {
    const mounted = await mount(build);
    await new Promise<void>((resolve) => {
      const request = nodeRequest(`${mounted.origin}/recover`, {
        method: 'POST',
        headers: {
          origin: mounted.origin,
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': '1000',
        },
      });
      request.on('error', () => resolve());
      request.write('identifier=lucia', () => request.destroy());
      request.on('close', () => resolve());
    });
    expect((await browserOf(mounted).open('/recover')).status).toBe(200);
    expect(mounted.test.faults).toEqual([]);
  });

  it('limits count by the network that the trusted proxy names', async () => {
    const mounted = await mount(build);
    const startFrom = async (address: string) => {
      const browser = browserOf(mounted, address);
      await browser.open('/recover');
      return (await browser.press('Continue', { 'Email or user ID': 'nobody@mail.example' })).status;
    };
    let status = 200;
    for (let times = 0; times < 100 && status === 200; times += 1) status = await startFrom('203.0.113.7');
    expect(status).toBe(429);
    expect(await startFrom('198.51.100.7')).toBe(200);
  });
});

describe('a body parser above Rekey', () => {
  it('is told to the site as a fault that says what to do, and pages still work', async () => {
    const faults: unknown[] = [];
    const mounted = await mount((rekey) => {
      const site = express();
      site.use(express.urlencoded());
      site.use(rekey.node);
      const tell: express.ErrorRequestHandler = (fault, _request, response, _next) => {
        faults.push(fault);
        response.status(500).send('Something went wrong');
      };
      return site.use(tell);
    });
    const browser = browserOf(mounted);
    expect((await browser.open('/recover')).status).toBe(200);
    const response = await browser.send('/recover', {
      method: 'POST',
      body: new URLSearchParams({ identifier: 'lucia' }),
    });
    expect(response.status).toBe(500);
    expect(faults).toEqual([expect.objectContaining({ message: expect.stringContaining('above every body parser') })]);
  });
});

describe('below a base path', () => {
  it("mounted at that path or at the root, the walk stays there and all below it is Rekey's", async () => {
    for (const path of ['/help', '/']) {
      const mounted = await mount((rekey) => express().use(path, rekey.node), { basePath: '/help' });
      const { address } = await mounted.test.addAccount();
      const browser = browserOf(mounted);
      await browser.open('/help/recover');
      await browser.press('Continue', { 'Email or user ID': address });
      await askForCode(browser);
      expect(browser.page.path).toBe('/help/recover/code');
      expect((await browser.send('/help/nowhere')).headers.get('content-security-policy')).toContain(
        "default-src 'none'",
      );
      expect((await browser.send('/recover')).status).toBe(404);
    }
  });
});

describe("beside an /account of the site's own", () => {
  const own: express.RequestHandler = (_request, response) => void response.send('<h1>Orders and parcels</h1>');
  const signedIn = async (mounted: Mounted, base: string) => {
    const { userId, password } = await mounted.test.addAccount();
    const browser = browserOf(mounted);
    await browser.open(`${base}/sign-in`);
    await browser.press('Sign in', { 'Email or user ID': userId, Password: password });
    expect(browser.page.path).toBe('/account');
    return browser;
  };
  const headings = async (browser: Browser, ...paths: readonly string[]) => {
    const seen: string[] = [];
    for (const path of paths) seen.push((await browser.open(path)).heading);
    return seen;
  };

  it("a base path keeps both: whoever signs in lands on the site's, and Rekey's leads round among its own pages", async () => {
    const mounted = await mount((rekey) => express().use(rekey.node).get('/account', own), {
      basePath: '/help',
      accountPath: '/account',
    });
    const browser = await signedIn(mounted, '/help');
    expect(browser.page.heading).toBe('Orders and parcels');
    expect((await browser.open('/help/account')).heading).toBe('Your account');
    await browser.follow('Change your email addresses');
    expect([browser.page.path, browser.page.heading]).toEqual(['/help/account/addresses', 'Your email addresses']);
    await browser.follow('Back to your account');
    expect([browser.page.path, browser.page.heading]).toEqual(['/help/account', 'Your account']);
    const ofAccount = [...browser.page.links.values()].filter((path) => path.includes('/account'));
    expect(ofAccount.length).toBeGreaterThan(2);
    expect(ofAccount.filter((path) => !path.startsWith('/help/account'))).toEqual([]);
  });

  it('at the root whichever stands first answers, and the pages below it are Rekey’s either way', async () => {
    const before = await mount((rekey) => express().get('/account', own).use(rekey.node), { accountPath: '/account' });
    const browser = await signedIn(before, '');
    expect(browser.page.heading).toBe('Orders and parcels');
    expect(await headings(browser, '/account/addresses', '/account/sessions', '/account/password')).toEqual([
      'Your email addresses',
      'Where you are signed in',
      'Choose a new password',
    ]);
    await browser.open('/account/addresses');
    expect((await browser.follow('Back to your account')).heading).toBe('Orders and parcels');

    const after = await mount((rekey) => express().use(rekey.node).get('/account', own), { accountPath: '/account' });
    expect((await signedIn(after, '')).page.heading).toBe('Your account');
  });
});

describe('a bare server', () => {
  it('answers everything by the handler alone', async () => {
    const mounted = await mount((rekey) => (request, response) => rekey.node(request, response));
    expect((await browserOf(mounted).open('/recover')).status).toBe(200);
    const missing = await fetch(`${mounted.origin}/nowhere`);
    expect([missing.status, missing.headers.get('content-type')]).toEqual([404, 'text/html; charset=UTF-8']);
  });

  it('a foreign Host and a form from another site are refused', async () => {
    const mounted = await mount((rekey) => (request, response) => rekey.node(request, response));
    const ask = (headers: Record<string, string>, method = 'GET') =>
      new Promise<number | undefined>((resolve) => {
        nodeRequest(`${mounted.origin}/recover`, { headers, method }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).end();
      });
    expect(await ask({ host: 'evil.example' })).toBe(421);
    expect(await ask({ origin: 'https://evil.example', 'content-type': 'text/plain' }, 'POST')).toBe(403);
  });

  it("leaves the site's own Request and Response as they were", async () => {
    const before = [globalThis.Request, globalThis.Response];
    const mounted = await mount((rekey) => (request, response) => rekey.node(request, response));
    await fetch(`${mounted.origin}/recover`);
    expect([globalThis.Request, globalThis.Response]).toEqual(before);
  });
});
