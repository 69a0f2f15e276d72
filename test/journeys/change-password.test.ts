// The password of a signed-in person (walk 38, attack 15; D10): everything that a reset ends, ends; this browser alone stays
// in, under a new token; and the notice undoes it.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hourMs } from '../../src/base/clock.ts';
import { en } from '../../src/i18n/en.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import type { Browser, Page } from '../../src/testing/browser.ts';
import {
  choosePassword,
  codeOf,
  enterCode,
  linkOf,
  newPassword,
  numberOf,
  opens,
  reachCode,
  reachPassword,
  signIn,
} from './steps.ts';

const current = 'The password you have now';
const subject = 'Your password at Corner Shop has been changed';

let app: TestApp;
let person: Person;
let browser: Browser;
beforeAll(async () => {
  app = await createTestApp();
});
beforeEach(async () => {
  person = await app.addPerson();
  browser = app.browser();
  await signIn(browser, person.userId, person.password);
  await browser.open('/account/password');
});
afterAll(() => app.close());

const change = (own: string, password = newPassword, repeated = password): Promise<Page> =>
  browser.press('Continue', { [current]: own, 'New password': password, 'Confirm the new password': repeated });

const isIn = async (of: Browser) => (await of.open('/account')).text.includes(`Signed in as ${person.userId}`);

describe('the form', () => {
  it('names the user ID and says what happens', () => {
    expect(browser.page.heading).toBe('Choose a new password');
    expect(browser.page.text).toContain(`For the user ID ${person.userId}`);
    expect(browser.page.text).toContain(en['change.effect']);
    expect(browser.page.html).toContain(`name="username" value="${person.userId}" autocomplete="username"`);
  });

  it('changes the password, and this browser stays signed in', async () => {
    const page = await change(person.password);
    expect([page.status, page.heading, page.path]).toEqual([
      200,
      'Your password has been changed.',
      '/account/password/done',
    ]);
    expect(page.links.get('Go to my account')).toBe('/account');
    expect(await isIn(browser)).toBe(true);
    expect(await opens(app, person, newPassword)).toBe(true);
    expect(await opens(app, person, person.password)).toBe(false);
  });

  it('says of a wrong password so beside its field, and keeps all three', async () => {
    const page = await change('not the password at all');
    expect([page.status, page.errorAt(current)]).toEqual([422, en['refusal.password-wrong']]);
    expect([current, 'New password', 'Confirm the new password'].map((label) => page.valueOf(label))).toEqual([
      'not the password at all',
      newPassword,
      newPassword,
    ]);
    expect(await opens(app, person, person.password)).toBe(true);
    expect((await change(person.password)).heading).toBe('Your password has been changed.');
  });

  it.each([
    ['nothing in it', '', '', 'New password', en['refusal.password-missing']],
    ['a short one', 'fourteen marks', 'fourteen marks', 'New password', 'Make it longer: at least 15 characters.'],
    ['a common one', 'passwordpassword', 'passwordpassword', 'New password', en['refusal.password-common']],
    ['two that differ', newPassword, `${newPassword}.`, 'Confirm the new password', en['refusal.passwords-differ']],
  ])(
    'with %s is refused beside the field, and the password in force is not compared',
    async (_, one, two, at, words) => {
      const page = await change('not the password at all', one, two);
      expect([page.status, page.errorAt(current)]).toEqual([422, '']);
      expect(page.errorAt(at)).toContain(words);
    },
  );

  it('without the password in force says so beside its field', async () => {
    const page = await change('');
    expect([page.status, page.errorAt(current)]).toEqual([422, en['refusal.password-missing']]);
  });

  it('compares no more than a hundred in a row, and names the way by mail', async () => {
    await app.db.write((tx) => tx.deleteFrom('password_tries').execute());
    for (let tries = 0; tries < 100; tries += 1) {
      const { status } = await browser.post('/account/password', {
        username: '',
        current: `wrong number ${tries}`,
        password: newPassword,
        repeated: newPassword,
      });
      expect(status).toBe(422);
    }
    for (let tries = 0; tries < 5; tries += 1) await change('wrong once more');
    const page = await change(person.password);
    expect(page.status).toBe(429);
    expect(page.notice).toContain('You can try again in');
    expect(page.links.get('Choose a new password by email')).toBe('/recover');
    // So does every other form that asks for it again.
    for (const [path, more] of [
      ['/account/addresses', { address: 'further@mail.example' }],
      ['/account/authenticator', {}],
    ] as const) {
      const asked = await browser.post(path, { ...more, password: person.password });
      expect([path, asked.status, asked.text]).toEqual([path, 429, expect.stringContaining('You can try again in')]);
      expect(asked.links.get('Choose a new password by email')).toBe('/recover');
    }
    await browser.open('/account/password');
    app.clock.advance(hourMs);
    expect((await change(person.password)).heading).toBe('Your password has been changed.');
  }, 60_000);

  it('is for who is signed in: anybody else signs in first and comes back', async () => {
    const stranger = app.browser();
    await stranger.open('/account/password');
    expect(stranger.page.heading).toBe('Sign in');
    await stranger.press('Sign in', { 'Email or user ID': person.userId, Password: person.password });
    expect([stranger.page.path, stranger.page.heading]).toEqual(['/account/password', 'Choose a new password']);
    const other = app.browser();
    await other.post('/account/password', { username: '', current: '', password: '', repeated: '' });
    expect(other.page.heading).toBe('Sign in');
  });

  it('says nothing of a change that was not made', async () => {
    expect((await browser.open('/account/password/done')).path).toBe('/account/password');
    await change(person.password);
    app.clock.advance(hourMs);
    expect((await browser.open('/account/password/done')).path).toBe('/account/password');
  });

  it('in an account without a password says what to do instead', async () => {
    const add = (more: object) =>
      app.db.write((tx) =>
        tx
          .updateTable('accounts')
          .set({ ...more })
          .where('user_id', '=', person.userId)
          .execute(),
      );
    await add({ password_hash: null, provider: null });
    expect((await browser.open('/account/password')).heading).toBe('This account has no password');
    expect(browser.page.links.get('Choose a password')).toBe('/recover');
    await add({ provider: 'Example' });
    expect((await browser.open('/account/password')).text).toContain('You sign in with Example.');
    const page = await browser.post('/account/password', {
      username: '',
      current: 'a',
      password: newPassword,
      repeated: newPassword,
    });
    expect([page.status, page.heading]).toEqual([200, 'This account has no password']);
  });
});

describe('with the new password', () => {
  it('every other session is over, and so are the device and the session that made it, under their old tokens', async () => {
    const elsewhere = app.browser();
    await signIn(elsewhere, person.userId, person.password);
    const old = new Map(browser.cookies());
    await change(person.password);
    expect(await isIn(elsewhere)).toBe(false);
    expect(await isIn(browser)).toBe(true);
    for (const name of ['account-session', 'account-device']) {
      expect(browser.cookies().get(name)).toMatch(/^[\w-]{22}$/);
      expect(browser.cookies().get(name)).not.toBe(old.get(name));
    }
    const thief = app.browser();
    thief.setCookie('account-session', old.get('account-session') ?? '');
    expect(await isIn(thief)).toBe(false);
    const { live } = await app.db.read
      .selectFrom('devices')
      .innerJoin('accounts', 'accounts.id', 'devices.account_id')
      .select(({ fn }) => fn.countAll<number>().as('live'))
      .where('accounts.user_id', '=', person.userId)
      .where('devices.ended_at', 'is', null)
      .executeTakeFirstOrThrow();
    expect(live).toBe(1);
  });

  it('a proven recovery is over, one that waits leads nowhere, and mailed links are dead', async () => {
    const proven = app.browser();
    await reachPassword(app, proven, person);
    const waiting = app.browser();
    await reachCode(waiting, person.userId);
    const mail = await app.mailTo(person.address);
    await change(person.password);
    expect((await choosePassword(proven, 'a stolen green bicycle')).heading).toBe('This attempt is over');
    expect((await enterCode(waiting, codeOf(mail))).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    for (const place of ['link', 'stop'] as const) expect((await waiting.open(linkOf(mail, place))).status).toBe(410);
    expect(await opens(app, person, newPassword)).toBe(true);
  });

  it('a notice goes out, and it is no reset: only a recovery is one', async () => {
    await change(person.password);
    expect((await app.mailTo(person.address)).subject).toBe(subject);
    const row = await app.db.read
      .selectFrom('accounts')
      .selectAll()
      .where('user_id', '=', person.userId)
      .executeTakeFirstOrThrow();
    expect(row.reset_at).toBeNull();
    expect(row.password_changed_at).toBe(app.clock.now());
    const events = await app.db.read
      .selectFrom('audit_events')
      .select('event')
      .where('account_id', '=', row.id)
      .where('event', '=', 'authn_password_change')
      .execute();
    expect(events).toHaveLength(1);
  });

  it('a thief with the session and the password is out again by the notice, and the owner is in', async () => {
    const thiefs = 'a stolen green bicycle';
    await change(person.password, thiefs);
    expect(await isIn(browser)).toBe(true);
    const notice = await app.mailTo(person.address);
    const owner = app.browser();
    await owner.open(linkOf(notice, 'stop'));
    await owner.press('Sign everybody out', { 'Number from the notice': numberOf(notice) });
    expect(owner.page.heading).toBe('Everybody has been signed out');
    expect(await isIn(browser)).toBe(false);
    expect(await opens(app, person, thiefs)).toBe(false);
    await reachPassword(app, owner, person);
    await choosePassword(owner);
    expect(await opens(app, person, newPassword)).toBe(true);
  });

  it('of sixteen sent at once in one session one is set', async () => {
    const passwords = Array.from({ length: 16 }, (_, at) => `umbrella number ${at}`);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answers = await Promise.all(
      passwords.map((password) => {
        const body = new URLSearchParams({ username: '', current: person.password, password, repeated: password });
        return browser.send('/account/password', { method: 'POST', headers, body });
      }),
    );
    const won = answers.flatMap(({ headers: sent }, at) =>
      sent.get('location') === '/account/password/done' ? [passwords[at] ?? ''] : [],
    );
    expect(won).toHaveLength(1);
    expect(await opens(app, person, won[0] ?? '')).toBe(true);
  });
});

describe('password managers', () => {
  it('are led to the form where somebody is signed in, else to the recovery', async () => {
    const known = await browser.send('/.well-known/change-password');
    expect([known.status, known.headers.get('location')]).toEqual([303, '/account/password']);
    const unknown = await app.browser().send('/.well-known/change-password');
    expect([unknown.status, unknown.headers.get('location')]).toEqual([303, '/recover']);
  });

  it('find that an address which does not exist is not answered with 200', async () => {
    const path = '/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200';
    for (const each of [browser, app.browser()]) expect((await each.send(path)).status).toBe(404);
  });
});

it('meets no fault of ours in all of this', () => {
  expect(app.faults).toEqual([]);
});
