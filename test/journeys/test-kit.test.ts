// The test kit as an adopter uses it: recovery walked in a test of theirs, by pages and by API, in memory. Walk 59 too.
import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { dayMs, minuteMs } from '../../src/base/clock.ts';
import { createClient } from '../../src/client/client.ts';
import { createRekey } from '../../src/index.ts';
import { createTestRekey, type TestRekey, type TestRekeyOptions } from '../../src/testing/kit.ts';
import { askForCode, choosePassword, enterCode, newPassword, reachCode, signIn } from './steps.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
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

describe('the clock', () => {
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
