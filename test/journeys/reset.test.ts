// The new password and what ends with it (walks 7 to 9, 23, 38; D1, D4, D10), and that nothing short of it changes the
// way in.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../../src/base/clock.ts';
import { en } from '../../src/i18n/en.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import type { Browser } from '../../src/testing/browser.ts';
import {
  askForCode,
  choosePassword,
  codeOf,
  enterCode,
  eventsOf,
  linkOf,
  newPassword,
  opens,
  reachCode,
  reachPassword,
  signIn,
  startRecovery,
  wrong,
} from './steps.ts';

let app: TestApp;
let person: Person;
let browser: Browser;
beforeAll(async () => {
  app = await createTestApp();
});
beforeEach(async () => {
  person = await app.addPerson();
  browser = app.browser();
});
afterAll(() => app.close());

const idOnPage = (of = browser) => /name="recovery" value="([^"]+)"/.exec(of.page.html)?.[1] ?? '';

describe('the page of the new password', () => {
  it('names the user ID, for the person and for the password manager', async () => {
    await reachPassword(app, browser, person);
    expect(browser.page.text).toContain(`For the user ID ${person.userId}`);
    expect(browser.page.html).toContain(`name="username" value="${person.userId}" autocomplete="username"`);
  });

  it('says beside the field that the two differ, and keeps both', async () => {
    await reachPassword(app, browser, person);
    const page = await choosePassword(browser, newPassword, 'seven green umbrella');
    expect(page.status).toBe(422);
    expect(page.errorAt('Confirm the new password')).toBe(en['refusal.passwords-differ']);
    expect(page.valueOf('New password')).toBe(newPassword);
    expect(page.valueOf('Confirm the new password')).toBe('seven green umbrella');
    expect((await choosePassword(browser)).heading).toBe('Your password has been changed.');
  });

  it.each([
    ['none', '', en['refusal.password-missing']],
    ['one too short', 'fourteen marks', 'Make it longer: at least 15 characters.'],
    ['one too long', 'a quiet lamp '.repeat(20), en['refusal.password-long']],
    ['a common one', 'passwordpassword', en['refusal.password-common']],
    ["the site's name", 'cornershop-corner-shop', en['refusal.password-named']],
  ])('refuses %s and says why', async (_, password, words) => {
    await reachPassword(app, browser, person);
    const page = await choosePassword(browser, password);
    expect(page.status).toBe(422);
    expect(page.errorAt('New password')).toContain(words);
    expect(page.valueOf('New password')).toBe(password);
  });

  it('takes a password as it is: spaces outside, signs and letters of any script', async () => {
    await reachPassword(app, browser, person);
    const password = '  ñandú <b> "лампа" & 灯  ';
    await choosePassword(browser, password);
    expect(browser.page.heading).toBe('Your password has been changed.');
    expect(await opens(app, person, password)).toBe(true);
    expect(await opens(app, person, password.trim())).toBe(false);
  });

  it('stays open for an hour after the code and no longer', async () => {
    await reachPassword(app, browser, person);
    app.clock.advance(hourMs - 1);
    expect((await browser.open('/recover/password')).text).toContain('You have 1 second for this step.');
    app.clock.advance(1);
    expect((await choosePassword(browser)).heading).toBe('This attempt is over');
    expect(await opens(app, person, person.password)).toBe(true);
  });

  it('sets one password of sixteen sent at once', async () => {
    await reachPassword(app, browser, person);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const passwords = Array.from({ length: 16 }, (_, at) => `umbrella number ${at}`);
    const answers = await Promise.all(
      passwords.map((password) => {
        const body = new URLSearchParams({ recovery: idOnPage(), username: '', password, repeated: password });
        return browser.send('/recover/password', { method: 'POST', headers, body });
      }),
    );
    const done = answers.flatMap(({ status }, at) => (status === 303 ? [passwords[at] ?? ''] : []));
    expect(done).toHaveLength(1);
    expect(await opens(app, person, done[0] ?? '')).toBe(true);
  });

  it('is refused to a second sending', async () => {
    await reachPassword(app, browser, person);
    const recovery = idOnPage();
    await choosePassword(browser);
    const other = 'another green umbrella';
    const page = await browser.post('/recover/password', { recovery, username: '', password: other, repeated: other });
    expect(page.status).toBe(409);
    expect(await opens(app, person, newPassword)).toBe(true);
  });
});

describe('the way there', () => {
  it('shows no address to who typed a user ID, and says of every field what a password manager fills in', async () => {
    const filled = () =>
      Array.from(browser.page.html.matchAll(/<input\b[^>]*>/g), ([tag]) => {
        const [name, type, by] = ['name', 'type', 'autocomplete'].map(
          (each) => tag.split(` ${each}="`)[1]?.split('"')[0],
        );
        return type === 'hidden' || type === 'radio' ? [] : [`${name}: ${by}`];
      }).flat();
    await browser.open('/sign-in');
    expect(filled()).toEqual(['identifier: username', 'password: current-password']);
    await browser.open('/sign-up');
    expect(filled()).toEqual(['userId: username', 'address: email', 'password: new-password']);
    await browser.open('/recover/case');
    expect(filled()).toContain('contact: email');
    await browser.open('/recover');
    expect(filled()).toEqual(['identifier: username']);
    const seen = [await startRecovery(browser, person.userId), await askForCode(browser)];
    for (const { html } of seen) expect(html).not.toContain(person.address.split('@')[1]);
    expect(filled()).toEqual(['code: one-time-code']);
    await enterCode(browser, codeOf(await app.mailTo(person.address)));
    expect(filled()).toEqual(['username: username', 'password: new-password', 'repeated: new-password']);
  });
});

describe('after the reset', () => {
  it('nobody is signed in: the new password opens the account and the old one does not', async () => {
    await reachPassword(app, browser, person);
    await choosePassword(browser);
    expect((await browser.open('/account')).text).toContain('Not signed in');
    expect(await opens(app, person, person.password)).toBe(false);
    expect(await opens(app, person, newPassword)).toBe(true);
  });

  it('all sessions are over, also the one of the browser itself', async () => {
    const elsewhere = app.browser();
    await signIn(elsewhere, person.userId, person.password);
    await signIn(browser, person.userId, person.password);
    await reachPassword(app, browser, person);
    await choosePassword(browser);
    expect((await elsewhere.open('/account')).text).toContain('Not signed in');
    expect((await browser.open('/account')).text).toContain('Not signed in');
  });

  it('other recoveries lead nowhere: a proven one is over, one that waits for its code goes on answering', async () => {
    const proven = app.browser();
    await reachPassword(app, proven, person);
    const waiting = app.browser();
    await reachCode(waiting, person.userId);
    const code = codeOf(await app.mailTo(person.address));
    const fresh = app.browser();
    await startRecovery(fresh, person.address);
    await reachPassword(app, browser, person);
    await choosePassword(browser);

    expect((await choosePassword(proven, 'another green umbrella')).heading).toBe('This attempt is over');
    expect(proven.page.text).toContain('If you finished on another device, sign in with the new password.');
    expect((await enterCode(waiting, code)).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    await fresh.press('Verify now', {}, 'Email verification (Recommended)');
    expect(fresh.page.heading).toBe('Type the code from the email');
    const mails = await app.mailsTo(person.address);
    expect(mails.filter(({ subject }) => subject.includes('code'))).toHaveLength(3);
    expect(mails.filter(({ subject }) => subject.includes('no account'))).toEqual([]);
    expect(await opens(app, person, newPassword)).toBe(true);
    // The audit says which network ended the other, and how.
    const source_hash = expect.stringMatching(/./);
    const [completed, ended] = await eventsOf(app, person, 'recovery.completed', 'recovery.ended');
    expect(completed).toEqual({ event: 'recovery.completed', facts: '{}', source_hash });
    expect(ended).toEqual({ ...completed, event: 'recovery.ended', facts: '{"reason":"reset-elsewhere"}' });
  });

  it('the links of every mail are dead', async () => {
    await reachCode(app.browser(), person.address);
    const other = await app.mailTo(person.address);
    await reachCode(browser, person.address);
    const own = await app.mailTo(person.address);
    await enterCode(browser, codeOf(own));
    await choosePassword(browser);
    for (const mail of [own, other]) {
      for (const place of ['link', 'stop'] as const) {
        expect((await app.browser().open(linkOf(mail, place))).status).toBe(410);
        const page = await app.browser().post(linkOf(mail, place), { code: codeOf(mail) });
        expect(page.status).toBe(410);
      }
    }
  });

  it('addresses that nobody confirmed are gone, and a notice goes to each that is', async () => {
    const both = ['two.hats@mail.example', 'second.hat@mail.example'];
    person = await app.addPerson({ addresses: both });
    const account = await app.db.read
      .selectFrom('accounts')
      .select('id')
      .where('user_id', '=', person.userId)
      .executeTakeFirstOrThrow();
    await app.db.write((tx) =>
      tx
        .insertInto('addresses')
        .values({
          id: 'planted',
          site: 'default',
          account_id: account.id,
          address: 'planted@mail.example',
          address_key: 'planted@mail.example',
          confirmed_at: null,
          created_at: app.clock.now(),
        })
        .execute(),
    );
    await reachPassword(app, browser, person);
    await choosePassword(browser);
    for (const address of both) {
      const notice = await app.mailTo(address);
      expect(notice.subject).toBe('Your password at Corner Shop has been changed');
      expect(notice.text).toContain(`The account ${person.userId} at Corner Shop has had a new password since`);
    }
    expect(await app.mailsTo('planted@mail.example')).toEqual([]);
    const left = await app.db.read.selectFrom('addresses').select('address').where('id', '=', 'planted').execute();
    expect(left).toEqual([]);
  });
});

describe('short of a new password', () => {
  it('nothing changes the way in: neither asking, nor failing, nor a right code', async () => {
    const owner = app.browser();
    await signIn(owner, person.userId, person.password);
    for (let times = 0; times < 10; times += 1) {
      await reachCode(browser, person.address);
      for (let tries = 0; tries < 5; tries += 1) await enterCode(browser, wrong('12345678'));
    }
    app.clock.advance(hourMs);
    await reachPassword(app, browser, person);
    expect((await owner.open('/account')).text).toContain(`Signed in as ${person.userId}`);
    expect(await opens(app, person, person.password)).toBe(true);
  });

  it('a proven recovery is no session', async () => {
    await reachPassword(app, browser, person);
    expect((await browser.open('/account')).text).toContain('Not signed in');
  });
});

describe('two accounts with one address', () => {
  // A notice on its way would arrive with the next code.
  beforeEach(() => app.deliverMail());

  const address = 'shared@mail.example';
  let first: Person;
  let second: Person;
  beforeAll(async () => {
    first = await app.addPerson({ userId: 'shop.of.ana', address });
    second = await app.addPerson({ userId: 'ana.at.home', address });
  });

  it('are listed after the code, one is chosen, and only that one changes', async () => {
    await reachCode(browser, address);
    await enterCode(browser, codeOf(await app.mailTo(address)));
    expect(browser.page.heading).toBe('Which account?');
    expect(browser.page.choices.toSorted()).toEqual(['ana.at.home', 'shop.of.ana']);
    expect((await browser.press('Continue')).notice).toBe(en['refusal.account-missing']);
    await browser.press('Continue', { 'ana.at.home': 'chosen' });
    expect(browser.page.text).toContain('For the user ID ana.at.home');
    await choosePassword(browser);
    expect(browser.page.text).toContain('The new password is set for the user ID ana.at.home.');
    expect(await opens(app, second, newPassword)).toBe(true);
    expect(await opens(app, first, first.password)).toBe(true);
    expect(await opens(app, first, newPassword)).toBe(false);
  });

  it('are not confused afterwards: the sign-in form holds the user ID, as the address alone signs nobody in', async () => {
    app.clock.advance(dayMs);
    await reachCode(browser, address);
    await enterCode(browser, codeOf(await app.mailTo(address)));
    await browser.press('Continue', { 'shop.of.ana': 'chosen' });
    await choosePassword(browser);
    await browser.follow('Sign in');
    expect(browser.page.valueOf('Email or user ID')).toBe('shop.of.ana');
    await browser.press('Sign in', { Password: newPassword });
    expect(browser.page.text).toContain('Signed in as shop.of.ana');
  });

  it('are not both offered to who began with a user ID', async () => {
    app.clock.advance(dayMs);
    await reachCode(browser, first.userId);
    await enterCode(browser, codeOf(await app.mailTo(address)));
    expect(browser.page.text).toContain(`For the user ID ${first.userId}`);
  });

  it('have a choice that is made once', async () => {
    app.clock.advance(dayMs);
    await reachCode(browser, address);
    await enterCode(browser, codeOf(await app.mailTo(address)));
    const [, id = ''] = /name="account" value="([^"]+)"/.exec(browser.page.html) ?? [];
    const recovery = idOnPage();
    await browser.post('/recover/account', { recovery, account: id });
    const again = await browser.post('/recover/account', { recovery, account: id });
    expect([again.status, again.heading]).toEqual([409, 'Choose a new password']);
  });

  it('do not sign in by their address, and are told so like everyone whose sign-in fails', async () => {
    const page = await signIn(browser, address, newPassword);
    const unknown = await signIn(app.browser(), 'nobody@mail.example', newPassword);
    expect([page.status, page.notice]).toEqual([unknown.status, unknown.notice]);
    expect(page.notice).toContain('Several accounts on one email? Use your user ID.');
  });
});

describe('slow hands', () => {
  it('lose nothing in 25 minutes between any two steps', async () => {
    const wait = () => app.clock.advance(25 * minuteMs);
    await browser.open('/recover');
    wait();
    await browser.press('Continue', { 'Email or user ID': person.address });
    wait();
    await browser.press('Verify now', {}, 'Email verification (Recommended)');
    const mail = await app.mailTo(person.address);
    wait();
    await enterCode(browser, codeOf(mail));
    wait();
    await choosePassword(browser);
    wait();
    await browser.follow('Sign in');
    wait();
    await browser.press('Sign in', { Password: newPassword });
    expect(browser.page.text).toContain(`Signed in as ${person.userId}`);
  });
});

describe('a deep link', () => {
  it('that the person came for is where they land in the end', async () => {
    await browser.open('/sign-in?returnTo=%2Forders%2F12%3Fopen%3D1');
    await browser.follow('Forgot your password?');
    await browser.press('Continue', { 'Email or user ID': person.address });
    await browser.press('Verify now', {}, 'Email verification (Recommended)');
    await enterCode(browser, codeOf(await app.mailTo(person.address)));
    await choosePassword(browser);
    await browser.follow('Sign in');
    await browser.press('Sign in', { Password: newPassword });
    expect(browser.page.path).toBe('/orders/12?open=1');
    expect(browser.page.text).toContain(`Signed in as ${person.userId}`);
  });

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '/.//evil.example',
    '/orders/..//evil.example',
    '/%2e//evil.example',
    'javascript:alert(1)',
    'orders',
  ])('to another place (%j) is not followed', async (returnTo) => {
    await browser.open(`/sign-in?${new URLSearchParams({ returnTo })}`);
    expect(browser.page.html).not.toContain('name="returnTo"');
    const response = await browser.send('/sign-in', {
      method: 'POST',
      body: new URLSearchParams({ identifier: person.userId, password: person.password, returnTo }),
    });
    expect([response.status, response.headers.get('location')]).toEqual([303, '/account']);
  });
});

it('meets no fault of ours in all of this', () => {
  expect(app.faults).toEqual([]);
});
