// The account page: how one would get back in and what is missing for it, where one is signed in and how that ends (walk
// 38), and what happened lately.
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../../src/base/clock.ts';
import { en } from '../../src/i18n/en.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import type { Browser, Page } from '../../src/testing/browser.ts';
import { choosePassword, codeOf, enterCode, newPassword, reachCode, reachPassword, signIn } from './steps.ts';

let app: TestApp;
let person: Person;
let browser: Browser;
beforeAll(async () => {
  // All pages are Rekey's own here.
  app = await createTestApp({ createSite: () => async () => undefined });
});
beforeEach(async () => {
  app.clock.advance(dayMs);
  person = await app.addPerson();
  browser = app.browser();
  await signIn(browser, person.userId, person.password);
});
afterAll(() => app.close());

const isSignedIn = async (by: Browser) => (await by.open('/account')).heading === 'Your account';
const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0';
const iphone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';

/** Signed in with a browser that calls itself so. */
async function signedInAs(userAgent: string, by = app.browser()): Promise<Browser> {
  const body = new URLSearchParams({ identifier: person.userId, password: person.password, returnTo: '' });
  await by.send('/sign-in', { method: 'POST', headers: { 'user-agent': userAgent }, body });
  return by;
}

describe('the account page', () => {
  it('is where a person lands, says who is signed in, and leads to the rest', async () => {
    expect([browser.page.path, browser.page.heading]).toEqual(['/account', 'Your account']);
    expect(browser.page.text).toContain(`Signed in as ${person.userId}`);
    await browser.follow('Change your email addresses');
    expect(browser.page.heading).toBe('Your email addresses');
    await browser.follow('Back to your account');
    // Where nobody else is signed in, nothing is offered to end.
    expect(browser.page.text).toContain('Only here.');
    expect([...browser.page.links.values()].filter((path) => path.endsWith('/sessions'))).toEqual([]);
    await signedInAs(firefox);
    await browser.open('/account');
    await browser.follow('See them and sign out');
    expect(browser.page.heading).toBe('Where you are signed in');
    await browser.follow('Back to your account');
    await browser.press('Sign out');
    expect((await browser.open('/account')).path).toBe('/sign-in?returnTo=%2Faccount');
  });

  it('signed out, leads to the sign-in and back', async () => {
    const nobody = app.browser();
    await nobody.open('/account');
    expect(nobody.page.path).toBe('/sign-in?returnTo=%2Faccount');
    await nobody.press('Sign in', { 'Email or user ID': person.userId, Password: person.password });
    expect(nobody.page.path).toBe('/account');
  });

  it('shows nothing to an account that was disabled meanwhile', async () => {
    await app.db.write((tx) =>
      tx.updateTable('accounts').set({ state: 'disabled' }).where('user_id', '=', person.userId).execute(),
    );
    expect(await isSignedIn(browser)).toBe(false);
  });

  it('with one email says that only support is left without it, and how to mend that', async () => {
    expect(browser.page.text).toContain(
      `If you forget your password A code goes to ${person.address}. With it you choose a new password.`,
    );
    expect(browser.page.text).toContain(
      'If you lose this mailbox Only support can help you then, and that takes days. Add a second email address',
    );
    await browser.follow('Add a second email address');
    expect(browser.page.heading).toBe('Your email addresses');
  });

  it('with two says that the other one does it', async () => {
    person = await app.addPerson({ addresses: [`one.${person.address}`, `two.${person.address}`] });
    browser = app.browser();
    await signIn(browser, person.userId, person.password);
    expect(browser.page.text).toContain(`If you forget your password A code goes to ${person.address}. If you type`);
    expect(browser.page.text).toContain('If you lose one of your mailboxes Type another of your email addresses');
    expect(browser.page.text).not.toContain(en['account.then-support']);
  });

  it('with none says that there is no way but support', async () => {
    const account = { userId: 'without.any', addresses: [], password: newPassword, locale: 'en' } as const;
    await app.app.addAccount(account);
    const other = app.browser();
    await signIn(other, account.userId, account.password);
    expect(other.page.text).toContain(
      'If you forget your password Only support can help you then, and that takes days. Add an email',
    );
    expect(other.page.text).toContain(en['account.no-address']);
  });

  it('says it in Spanish', async () => {
    const spanish = app.browser('es');
    await spanish.open('/sign-in');
    const typed = { 'Email o ID de usuario': person.userId, Contraseña: person.password };
    await spanish.press('Iniciar sesión', typed);
    expect([spanish.page.heading, spanish.page.language]).toEqual(['Tu cuenta', 'es']);
    expect(spanish.page.text).toContain('Entonces solo puede ayudarte soporte, y eso tarda días.');
    expect(spanish.page.text).toContain('Inicio de sesión ahora');
  });
});

describe('a second step', () => {
  it('that is missing is said to be, with the way to it', async () => {
    expect(browser.page.text).toContain('If somebody learns your password It is all they need to get in.');
    await browser.follow('Set up an authenticator app');
    expect(browser.page.path).toBe('/account/authenticator');
  });

  it('that is on is told with the spare codes that are left, in case the phone is lost', async () => {
    await browser.open('/account/authenticator');
    const { html } = await browser.press('Set up', { 'Your password': person.password });
    const secret = Secret.fromBase32((/class="code key">([^<]+)/.exec(html)?.[1] ?? '').replaceAll(' ', ''));
    const code = new TOTP({ secret }).generate({ timestamp: app.clock.now() });
    await browser.press('Switch on', { 'Code from the app': code });
    await browser.open('/account');
    expect(browser.page.text).toContain(
      'If you lose the phone with your authenticator app You have 10 spare codes left;',
    );
    expect(browser.page.text).toContain('The authenticator app was switched on just now');
  });
});

describe('the password', () => {
  it('is told with when it was last changed, and can be changed from here', async () => {
    expect(browser.page.text).toContain(en['account.password-first']);
    await browser.follow('Change the password');
    await browser.press('Continue', {
      'The password you have now': person.password,
      'New password': newPassword,
      'Confirm the new password': newPassword,
    });
    app.clock.advance(3 * dayMs);
    await browser.open('/account');
    expect(browser.page.text).toContain('Changed 3 days ago.');
    expect(browser.page.text).toContain('The password was changed 3 days ago');
  });
});

describe('what happened lately', () => {
  const activity = async (by = browser): Promise<string[]> => {
    const { html } = await by.open('/account');
    const list = /<h2>Recent activity<\/h2>\s*<ul[^>]*>([\s\S]*?)<\/ul>/.exec(html)?.[1] ?? '';
    return Array.from(list.matchAll(/<li>([\s\S]*?)<\/li>/g), ([, item = '']) =>
      item
        .replace(/<[^>]+>/g, '')
        .replace(/\s+/g, ' ')
        .trim(),
    );
  };

  it('is told in words, newest first, with how long ago', async () => {
    app.clock.advance(2 * hourMs);
    await signIn(app.browser(), person.userId, 'not the password');
    app.clock.advance(minuteMs);
    expect(await activity()).toEqual(['A wrong password was typed 1 minute ago', 'Signed in 2 hours ago']);
  });

  it('tells of a recovery by somebody, and of what it did', async () => {
    const other = app.browser();
    await reachPassword(app, other, person);
    await choosePassword(other);
    person = { ...person, password: newPassword };
    app.clock.advance(minuteMs);
    await signIn(other, person.userId, newPassword);
    const told = (await activity(other)).map((each) => each.replace(/ (just now|1 minute ago)$/, ''));
    expect(told[0]).toBe('Signed in');
    expect(told).toContain(en['activity.recovered']);
    expect(told).toContain(en['activity.recovery-started']);
  });

  it('is ten at most, and of nobody else', async () => {
    const stranger = await app.addPerson();
    await signIn(app.browser(), stranger.userId, 'not the password');
    for (let times = 0; times < 12; times += 1) {
      app.clock.advance(minuteMs);
      await signIn(app.browser(), person.userId, person.password);
    }
    const told = await activity();
    expect(told).toHaveLength(10);
    expect(told.every((each) => each.startsWith('Signed in'))).toBe(true);
  });
});

describe('the list of sessions', () => {
  const open = (by = browser): Promise<Page> => by.open('/account/sessions');
  const endAt = (choice: string, password = person.password) =>
    browser.press('Sign out there', { [choice]: 'chosen', 'Your password': password });

  it('names each by its browser, this one first, with when it began and was last used', async () => {
    await signedInAs(firefox);
    app.clock.advance(3 * hourMs);
    const phone = await signedInAs(iphone);
    app.clock.advance(90 * minuteMs);
    await phone.open('/account');
    await browser.open('/account');
    await app.deliverMail();
    const { text } = await open();
    expect(text).toMatch(
      /A browser \(this browser\) Signed in 4 hours ago, last used just now Safari · iPhone Signed in 1 hour ago, last used just now Firefox · Windows Signed in 4 hours ago, last used 4 hours ago/,
    );
  });

  it('alone, has nothing to end', async () => {
    expect((await open()).text).toContain(en['sessions.nowhere']);
    expect(browser.page.choices).toEqual([]);
  });

  it('signs out everywhere else; this browser stays, and the others must sign in again', async () => {
    const others = [await signedInAs(firefox), await signedInAs(iphone)];
    await open();
    const page = await endAt('Everywhere else. This browser stays signed in.');
    expect(page.notice).toBe(en['sessions.ended']);
    for (const other of others) expect(await isSignedIn(other)).toBe(false);
    expect(await isSignedIn(browser)).toBe(true);
    expect((await open()).text).toContain(en['sessions.nowhere']);
    const live = await app.db.read
      .selectFrom('devices')
      .innerJoin('accounts', 'accounts.id', 'devices.account_id')
      .select('label')
      .where('user_id', '=', person.userId)
      .where('ended_at', 'is', null)
      .execute();
    expect(live).toHaveLength(1);
  });

  it('signs out one and leaves the others', async () => {
    const desk = await signedInAs(firefox);
    const phone = await signedInAs(iphone);
    await open();
    await endAt('Safari · iPhone, only there (signed in just now)');
    expect(await isSignedIn(phone)).toBe(false);
    expect(await isSignedIn(desk)).toBe(true);
    expect((await browser.open('/account')).text).toContain('Signed out on another browser just now');
  });

  it.each([
    ['', en['refusal.password-missing']],
    ['not the password', en['refusal.password-wrong']],
  ])('ends nothing without the password (%j), and keeps the choice', async (password, words) => {
    const desk = await signedInAs(firefox);
    await signedInAs(iphone);
    await open();
    const page = await endAt('Firefox · Windows, only there (signed in just now)', password);
    expect([page.status, page.errorAt('Your password')]).toEqual([422, words]);
    expect(page.html).toMatch(/checked> Firefox/);
    expect(await isSignedIn(desk)).toBe(true);
  });

  it('ends none of another account, and one that is over already is no fault', async () => {
    const stranger = await app.addPerson();
    const theirs = app.browser();
    await signIn(theirs, stranger.userId, stranger.password);
    const { id } = await app.db.read
      .selectFrom('sessions')
      .innerJoin('accounts', 'accounts.id', 'sessions.account_id')
      .select('sessions.id')
      .where('user_id', '=', stranger.userId)
      .executeTakeFirstOrThrow();
    // With U+0000 the database refused it, and the answer was a fault of ours.
    for (const session of [id, '', 'x', '\0', 'a\0b']) {
      await browser.post('/account/sessions', { session, password: person.password });
      expect(browser.page.path).toBe('/account/sessions?ended');
    }
    expect(await isSignedIn(theirs)).toBe(true);
    expect(await isSignedIn(browser)).toBe(true);
  });

  it('is empty of all after a reset, and none comes back', async () => {
    const desk = await signedInAs(firefox);
    await reachPassword(app, app.browser(), person);
    const other = app.browser();
    app.clock.advance(minuteMs);
    await reachCode(other, person.userId);
    await enterCode(other, codeOf(await app.mailTo(person.address)));
    await choosePassword(other);
    for (const by of [browser, desk]) {
      expect(await isSignedIn(by)).toBe(false);
      const page = await by.post('/account/sessions', { session: 'others', password: newPassword });
      expect(page.path).toBe('/sign-in?returnTo=%2Faccount%2Fsessions');
    }
  });
});

it('meets no fault of ours in all of this', () => {
  expect(app.faults).toEqual([]);
});
