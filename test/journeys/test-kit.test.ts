// The test kit as an adopter uses it: recovery walked in a test of theirs, by pages and by API, in memory. Walk 59 too.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Hono } from 'hono';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { dayMs, minuteMs, secondMs } from '../../src/base/clock.ts';
import { createClient } from '../../src/client/client.ts';
import { createRekey, type Rekey } from '../../src/index.ts';
import { makeTestFolder } from '../../src/testing/folder.ts';
import { createTestRekey, type TestRekey, type TestRekeyOptions } from '../../src/testing/kit.ts';
import { askForCode, choosePassword, enterCode, newPassword, reachCode, signIn } from './steps.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  for (const each of open.splice(0)) await each.close();
});

async function start(options?: TestRekeyOptions): Promise<TestRekey> {
  const test = await createTestRekey(options);
  open.push(test);
  return test;
}

describe('a recovery in a test', () => {
  it('is walked by pages, from "Forgot your password?" to signed in again', async () => {
    const test = await start();
    const account = await test.addAccount();
    const browser = test.browser();
    await browser.open('/sign-in');
    await browser.follow('Forgot your password?');
    await browser.press('Continue', { 'Email or user ID': account.address });
    await askForCode(browser);
    await enterCode(browser, await test.mailbox.codeTo(account.address));
    await choosePassword(browser);
    expect((await test.mailbox.last(account.address)).subject).toMatch(/password/i);
    const response = await browser.send('/sign-in', {
      method: 'POST',
      body: new URLSearchParams({ identifier: account.userId, password: newPassword }),
    });
    expect(response.status).toBe(303);
    const cookie = Array.from(browser.cookies(), (pair) => pair.join('=')).join('; ');
    expect((await test.visitor({ headers: { cookie } }))?.userId).toBe(account.userId);
    expect(test.faults).toEqual([]);
  });

  it('is walked by API', async () => {
    const test = await start();
    const account = await test.addAccount();
    const client = createClient({ origin: test.origin, fetch: test.fetch, handles: {}, locale: 'es' });
    const recovery = await client.startRecovery({ identifier: account.address });
    if (!recovery.ok) throw new Error(recovery.reason);
    const { id } = recovery;
    expect(await client.askForCode({ id, method: 'email-code' })).toMatchObject({ ok: true });
    expect((await test.mailbox.last(account.address)).subject).toContain('código de verificación');
    const code = await test.mailbox.codeTo(account.address);
    expect(await client.enterCode({ id, code })).toMatchObject({ ok: true });
    expect(await client.setPassword({ id, password: newPassword })).toMatchObject({ ok: true });
    expect(await client.signIn({ identifier: account.userId, password: newPassword })).toMatchObject({ ok: true });
  });

  it('goes on where the link in the mail is opened', async () => {
    const test = await start();
    const { address } = await test.addAccount();
    await reachCode(test.browser(), address);
    const code = await test.mailbox.codeTo(address);
    const link = (await test.mailbox.linksTo(address)).find((each) => each.includes('/recover/link/')) ?? '';
    const phone = test.browser('es');
    await phone.open(link);
    expect(phone.page.language).toBe('es');
    await phone.press('Confirmar', { 'Código de verificación': code });
    expect(phone.page.path).toContain('/recover/password');
  });
});

describe('behind a site of its own', () => {
  /** As in docs/start.md, and typed for the real one. */
  function createSite(rekey: Rekey) {
    const site = new Hono<{ Bindings: { remoteAddress?: string | undefined } }>();
    site.get('/orders', async (context) => {
      const visitor = await rekey.visitor(context.req.raw);
      if (!visitor) return context.redirect('/sign-in?returnTo=/orders', 303);
      return context.html(`<h1>Orders of ${visitor.userId}</h1>`);
    });
    site.all('*', (context) => rekey.fetch(context.req.raw, context.env));
    return site;
  }

  it('a browser walks both: from a page of the site, through the recovery, and back to it', async () => {
    const test = await start();
    const site = createSite(test);
    const { address, userId } = await test.addAccount();
    const browser = test.browser('en', site.fetch);
    expect((await browser.open('/orders')).path).toBe('/sign-in?returnTo=/orders');
    await browser.follow('Forgot your password?');
    await browser.press('Continue', { 'Email or user ID': address });
    await askForCode(browser);
    await enterCode(browser, await test.mailbox.codeTo(address));
    await choosePassword(browser);
    await browser.follow('Sign in');
    const page = await browser.press('Sign in', { Password: newPassword });
    expect([page.path, page.heading]).toEqual(['/orders', `Orders of ${userId}`]);
  });

  it('a browser walks over a port as well, with its cookies and through redirects', async () => {
    let test: TestRekey | undefined;
    const server = createServer((request, response) => test?.node(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    open.push({
      async close() {
        server.closeAllConnections();
        server.close();
      },
    });
    test = await start({ settings: { origin: `http://127.0.0.1:${port}` } });
    const { userId, password } = await test.addAccount();
    const browser = test.browser('es', (request) => fetch(request));
    await browser.open('/account');
    const page = await browser.press('Iniciar sesión', { 'Email o ID de usuario': userId, Contraseña: password });
    expect([page.path, page.status, page.language]).toEqual(['/account', 200, 'es']);
    expect(page.text).toContain(userId);
  });

  it('limits count by the network that the site names', async () => {
    const test = await start();
    const site = createSite(test);
    const startFrom = async (remoteAddress: string) => {
      const request = new Request(`${test.origin}/api/v1/recoveries`, {
        method: 'POST',
        headers: { origin: test.origin, 'content-type': 'application/json' },
        body: JSON.stringify({ identifier: 'nobody@mail.example' }),
      });
      return (await site.fetch(request, { remoteAddress })).status;
    };
    expect(await startFrom('192.0.2.1')).toBe(201);
    let status = 201;
    for (let times = 0; times < 200 && status === 201; times += 1) status = await startFrom('192.0.2.1');
    expect(status).toBe(429);
    expect(await startFrom('198.51.100.1')).toBe(201);
  });
});

describe('the clock', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 0.5])('neither starts at nor moves by %d', async (ms) => {
    await expect(createTestRekey({ now: ms })).rejects.toThrow(/now is UTC epoch milliseconds/);
    const test = await start();
    const before = test.clock.now();
    expect(() => test.advance(ms)).toThrow(/whole milliseconds/);
    expect(test.clock.now()).toBe(before);
  });

  it('is not that of the test runner: its fake timers may be on', async () => {
    vi.useFakeTimers();
    const test = await start();
    const { address } = await test.addAccount();
    const browser = test.browser();
    await reachCode(browser, address);
    await enterCode(browser, await test.mailbox.codeTo(address));
    expect((await choosePassword(browser)).path).toContain('/recover/done');
    await test.close();
  });

  it('moves when it is told, and a code is over after its life', async () => {
    const test = await start({ now: Date.UTC(2030, 0, 1) });
    const { address } = await test.addAccount();
    const browser = test.browser();
    await reachCode(browser, address);
    const code = await test.mailbox.codeTo(address);
    expect((await test.mailbox.last(address)).writtenAt).toBe(Date.UTC(2030, 0, 1));
    test.advance(31 * minuteMs);
    expect((await enterCode(browser, code)).text).toContain('expired');
  });

  it('is the one that sessions end by', async () => {
    const test = await start();
    const { userId, password } = await test.addAccount();
    const browser = test.browser();
    await browser.send('/sign-in', { method: 'POST', body: new URLSearchParams({ identifier: userId, password }) });
    const cookie = Array.from(browser.cookies(), (pair) => pair.join('=')).join('; ');
    expect(await test.visitor({ headers: { cookie } })).toMatchObject({ userId });
    test.advance(31 * dayMs);
    expect(await test.visitor({ headers: { cookie } })).toBeUndefined();
  });
});

describe('the mailbox', () => {
  it('names what there is when it is asked for what there is not', async () => {
    const test = await start();
    await expect(test.mailbox.last('nobody@mail.example')).rejects.toThrow('No mail went out');
    const { address } = await test.addAccount();
    await reachCode(test.browser(), address);
    await expect(test.mailbox.codeTo('nobody@mail.example')).rejects.toThrow(`${address}: `);
  });

  it('puts mail off as a real server does, and it arrives later', async () => {
    const test = await start();
    const { address } = await test.addAccount();
    test.mailbox.behave('deferred');
    await reachCode(test.browser(), address);
    await expect(test.mailbox.codeTo(address)).rejects.toThrow('no mail with a code');
    test.mailbox.behave('accepted');
    test.advance(minuteMs);
    expect(await test.mailbox.codeTo(address)).toMatch(/^\d{8}$/);
  });
});

describe('the background jobs', () => {
  it('send what is due now, even where an older pass is under way', async () => {
    const folder = await makeTestFolder();
    const sentTo: string[] = [];
    const held = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const rekey = await createRekey({
      settings: {
        mode: 'development',
        origin: 'http://localhost:3000',
        database: `sqlite:${join(folder, 'rekey.db')}`,
        smtp: 'smtp://nowhere.example',
        keys: `test:${randomBytes(32).toString('base64')}`,
        siteName: 'Corner Shop',
        senderAddress: 'hello@shop.example',
        humanCheck: 'off',
      },
      log: { info() {}, warn() {}, error() {} },
      sender: {
        async send({ to }) {
          begun.resolve();
          await held.promise;
          sentTo.push(to.address);
          return { result: 'accepted' };
        },
        async close() {},
      },
    });
    open.push(rekey, { close: () => rm(folder, { recursive: true }) });
    const recover = async (userId: string) => {
      const addresses = [`${userId}@mail.example`];
      await rekey.accounts.add({ userId, addresses, password: 'an old and quiet lamp', locale: 'en' });
      const client = createClient({
        origin: 'http://localhost:3000',
        handles: {},
        fetch: (input, init) => rekey.fetch(new Request(input, init)),
      });
      const recovery = await client.startRecovery({ identifier: userId });
      if (!recovery.ok) throw new Error(recovery.reason);
      await client.askForCode({ id: recovery.id, method: 'email-code' });
    };
    await recover('first');
    const older = rekey.jobs.run();
    await begun.promise;
    await recover('second');
    const run = rekey.jobs.run();
    held.resolve();
    await run;
    expect(sentTo).toEqual(['first@mail.example', 'second@mail.example']);
    // Outside of the test app, passwords cost what they should.
    const file = new DatabaseSync(join(folder, 'rekey.db'), { readOnly: true });
    const hashes = file.prepare('SELECT password_hash FROM accounts').all();
    file.close();
    const full = expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(hashes).toEqual([{ password_hash: full }, { password_hash: full }]);
    await older;
  });
});

describe('odd accounts', () => {
  it('are all there, and each meets what it would meet', async () => {
    const test = await start();
    const odd = await test.addOddAccounts();
    const codePage = (await reachCode(test.browser(), 'nobody@mail.example')).text;
    for (const { address } of [odd.provided, odd.disabled, odd.unconfirmed, odd.withoutPassword]) {
      const page = await reachCode(test.browser(), address);
      expect(page.text.replaceAll(address, '')).toBe(codePage.replaceAll('nobody@mail.example', ''));
    }
    expect((await test.mailbox.last(odd.provided.address)).text).toContain('Example');
    expect(await test.mailbox.codeTo(odd.withoutPassword.address)).toMatch(/^\d{8}$/);
    await expect(test.mailbox.codeTo(odd.disabled.address)).rejects.toThrow('no mail with a code');
    await expect(test.mailbox.codeTo(odd.unconfirmed.address)).rejects.toThrow('no mail with a code');
    await reachCode(test.browser(), odd.withoutAddress.userId);

    const browser = test.browser();
    const [, second] = odd.shared;
    await reachCode(browser, second.address);
    await enterCode(browser, await test.mailbox.codeTo(second.address));
    expect(browser.page.choices.join()).toContain(second.userId);
    expect(test.faults).toEqual([]);
  });

  it('with a second factor are asked for a code of now or a spare one, each good once, and a reset changes nothing', async () => {
    const test = await start();
    const { withSecondFactor: account } = await test.addOddAccounts();
    const { authenticator } = account;
    const enter = async (code: string) => {
      const browser = test.browser();
      await signIn(browser, account.userId, account.password);
      expect(browser.page.path).toBe('/sign-in/second-factor');
      return (await browser.press('Continue', { Code: code })).path;
    };
    const now = authenticator.code();
    expect(await enter(now)).toBe('/account');
    expect(await enter(now)).toBe('/sign-in/second-factor');
    test.advance(30 * secondMs);
    expect(await enter(authenticator.code())).toBe('/account');
    const [spare = ''] = authenticator.spareCodes;
    expect(authenticator.spareCodes).toHaveLength(10);
    expect(await enter(spare)).toBe('/account');
    expect(await enter(spare)).toBe('/sign-in/second-factor');

    const browser = test.browser();
    await reachCode(browser, account.address);
    await enterCode(browser, await test.mailbox.codeTo(account.address));
    await choosePassword(browser);
    await signIn(browser, account.userId, newPassword);
    expect(browser.page.path).toBe('/sign-in/second-factor');
  });

  it('have their authenticator app in every language and below a base path', async () => {
    const test = await start({ settings: { languages: ['es'], basePath: '/ayuda' } });
    const account = await test.addAccount({ locale: 'es' });
    expect((await test.addAuthenticator(account)).code()).toMatch(/^\d{6}$/);
    expect((await test.mailbox.last(account.address)).language).toBe('es');
    await expect(test.addAuthenticator({ userId: account.userId, password: 'another one' })).rejects.toThrow(
      `${account.userId} cannot set up an authenticator app`,
    );
  });
});

describe('limits', () => {
  it('count by network: one is full, another is not', async () => {
    const test = await start();
    const startFrom = (address: string) =>
      createClient({ origin: test.origin, fetch: test.fetchFrom(address), handles: {} }).startRecovery({
        identifier: 'nobody@mail.example',
      });
    const first = await startFrom('192.0.2.1');
    expect(first.ok).toBe(true);
    let refused: string | undefined;
    for (let times = 0; times < 200 && refused === undefined; times += 1) {
      const outcome = await startFrom('192.0.2.1');
      if (!outcome.ok) refused = outcome.reason;
    }
    expect(refused).toBe('too-many');
    expect((await startFrom('198.51.100.1')).ok).toBe(true);
  });
});

describe('in production (walk 59)', () => {
  const production = { mode: 'production' as const, origin: 'https://shop.example' };

  it('the test kit refuses to start, and says why', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    await expect(createTestRekey()).rejects.toThrow(/refuses to start: NODE_ENV is "production"/);
    vi.stubEnv('NODE_ENV', 'test');
    await expect(createTestRekey({ settings: production })).rejects.toThrow(/the setting mode is "production"/);
  });

  it('every test switch is refused, each by its name, and nothing is opened', async () => {
    const settings = {
      ...production,
      database: 'sqlite:/nowhere/at/all.db',
      keys: `k1:${randomBytes(32).toString('base64')}`,
      smtp: 'smtps://mail.shop.example',
      siteName: 'Corner Shop',
      senderAddress: 'hello@shop.example',
    };
    const switches = { humanCheck: 'off' as const, alwaysLetters: true };
    await expect(createRekey({ settings: { ...settings, ...switches } })).rejects.toThrow(
      /alwaysLetters: .*production[\s\S]*humanCheck: .*production/,
    );
    const clock = { now: () => 0 };
    const random = { bytes: (length: number) => Buffer.alloc(length) };
    await expect(createRekey({ settings, clock, random })).rejects.toThrow(
      /clock: .*production[\s\S]*random: .*production/,
    );
  });
});

it('what a test wrote is gone when it closes, and a second one knows nothing of it', async () => {
  const first = await createTestRekey();
  await first.addAccount({ userId: 'lucia' });
  await first.close();
  const second = await start();
  expect(await second.addAccount({ userId: 'lucia' })).toMatchObject({ userId: 'lucia' });
  const browser = second.browser();
  expect((await signIn(browser, 'nobody', 'wrong password')).status).toBe(422);
});
