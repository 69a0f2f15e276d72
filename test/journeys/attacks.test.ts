// What somebody tries who knows the code of this site: each test names what is refused.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { minuteMs } from '../../src/base/clock.ts';
import { limits } from '../../src/limits/limits.ts';
import { deriveCode } from '../../src/proofs/email-code.ts';
import { en } from '../../src/i18n/en.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import { codeOf, enterCode, linkOf, newPassword, reachCode, signIn } from './steps.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

describe('a path that somebody else wrote', () => {
  it('does not turn the language links into links to another site', async () => {
    const response = await app.app.server.fetch(new Request(`${app.origin}//evil.example/x?a=1`));
    const html = await response.text();
    expect(response.status).toBe(404);
    expect(html).toContain('href="?a=1&amp;lang=es"');
    expect(html).not.toContain('evil.example');
  });
});

describe('a mailbox that the account has given up', () => {
  it('recovers it no longer, though the code went there and the user ID has another address', async () => {
    const person = await app.addPerson({ addresses: ['given-up@mail.example', 'kept@mail.example'] });
    await app.db.write((tx) =>
      tx.updateTable('addresses').set({ confirmed_at: 1 }).where('address', '=', 'given-up@mail.example').execute(),
    );
    const browser = app.browser();
    await reachCode(browser, person.userId);
    const mail = await app.mailTo('given-up@mail.example');
    await app.db.write((tx) => tx.deleteFrom('addresses').where('address', '=', 'given-up@mail.example').execute());
    await enterCode(browser, codeOf(mail));
    expect(browser.page.errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    const other = app.browser();
    await other.open(linkOf(mail, 'link'));
    await enterCode(other, codeOf(mail));
    expect(other.page.errorAt('Verification code')).toBe(en['recover.link-code-wrong']);
  });
});

describe('a link that was made up', () => {
  it.each(['link', 'stop'])('is refused under /%s and leaves nothing in the database', async (place) => {
    const count = async () => (await app.db.read.selectFrom('counters').selectAll().execute()).length;
    const before = await count();
    const page = await app.browser().post(`/recover/${place}/AAAAAAAAAAAAAAAAAAAAAA`, { code: '12345678' });
    expect([page.status, await count()]).toEqual([410, before]);
  });
});

describe('a mail that waits for its next try', () => {
  it('does not come any more once the owner has stopped them', async () => {
    const person = await app.addPerson();
    const browser = app.browser();
    await reachCode(browser, person.address);
    const mail = await app.mailTo(person.address);
    app.clock.advance(minuteMs);
    app.mailbox.behave('defer');
    await browser.press('Send again');
    await app.deliverMail();
    app.mailbox.behave('accept');
    const owner = app.browser();
    await owner.open(linkOf(mail, 'stop'));
    await owner.press('Stop this', { 'Verification code': codeOf(mail) });
    app.clock.advance(minuteMs);
    expect(await app.mailsTo(person.address)).toHaveLength(1);
  });
});

describe('signing up with the address of somebody else', () => {
  const signUp = async (userId: string, address: string) => {
    const browser = app.browser();
    await browser.open('/sign-up');
    await browser.press('Create account', { 'User ID': userId, Email: address, Password: newPassword });
    return browser;
  };

  it('has no right code but those that were mailed, so the cap on mails bounds the guessing', async () => {
    const address = 'guessed@mail.example';
    const { max } = limits['mail-typed'];
    for (let times = 0; times < max; times += 1) await signUp(`guesser${times}`, address);
    await app.deliverMail();
    const browser = await signUp('guesser', address);
    expect(await app.mailsTo(address)).toHaveLength(max);
    const row = await app.db.read
      .selectFrom('sign_ups')
      .selectAll()
      .where('user_id', '=', 'guesser')
      .executeTakeFirstOrThrow();
    const facts = { subjectId: row.id, generation: 1, random: row.code_random, keyId: row.code_key_id };
    await enterCode(browser, deriveCode(app.keys, { ...facts, digits: 8 }) ?? '');
    expect(browser.page.errorAt('Verification code')).toBe(en['refusal.code-wrong']);
  });

  it('does not list the user IDs that are taken to whoever proved one address', async () => {
    const person = await app.addPerson();
    const browser = await signUp(person.userId, 'lister@mail.example');
    await enterCode(browser, codeOf(await app.mailTo('lister@mail.example')));
    const statuses = new Set<number>();
    for (let times = 0; times < limits['sign-up-start'].max; times += 1)
      statuses.add((await browser.post('/sign-up/user-id', { userId: person.userId })).status);
    expect(statuses).toEqual(new Set([422, 429]));
    expect((await browser.post('/sign-up/user-id', { userId: 'free-one' })).status).toBe(429);
  });
});

describe('a session that a browser brings along', () => {
  it('ends when the browser signs in, as anybody', async () => {
    const [one, other] = [await app.addPerson(), await app.addPerson()];
    const browser = app.browser();
    await signIn(browser, one.userId, one.password);
    const brought = browser.cookies().get('account-session') ?? '';
    await browser.post('/sign-in', { identifier: other.userId, password: other.password });
    expect(browser.page.text).toContain(`Signed in as ${other.userId}`);
    const thief = app.browser();
    thief.setCookie('account-session', brought);
    expect((await thief.open('/account')).text).toContain('Not signed in');
  });
});

describe('a disabled account', () => {
  it('is signed in nowhere any more, and the sign-in page leads nobody round in circles', async () => {
    const person = await app.addPerson();
    const browser = app.browser();
    await signIn(browser, person.userId, person.password);
    expect(browser.page.text).toContain(`Signed in as ${person.userId}`);
    await app.db.write((tx) =>
      tx.updateTable('accounts').set({ state: 'disabled' }).where('user_id', '=', person.userId).execute(),
    );
    expect((await browser.open('/account')).text).toContain('Not signed in');
    expect((await browser.open('/sign-in')).heading).toBe('Sign in');
  });
});

it('meets no fault of ours in all of this', () => {
  expect(app.faults).toEqual([]);
});
