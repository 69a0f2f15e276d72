// Signing up (walk 12; D12): no account before the mailed code is typed, pending entries in nobody's way, and the truth
// about an address only in its mailbox.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dayMs, minuteMs } from '../../src/base/clock.ts';
import { en } from '../../src/i18n/en.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { linksIn, type ReceivedMail } from '../../src/testing/mailbox.ts';
import {
  choosePassword,
  codeOf,
  enterCode,
  newPassword,
  opens,
  reachCode,
  reachPassword,
  signIn,
  wrong,
} from './steps.ts';

let app: TestApp;
let browser: Browser;
let people = 0;
let userId: string;
let address: string;
const password = 'an early and loud bird';
beforeAll(async () => {
  app = await createTestApp();
});
beforeEach(() => {
  app.clock.advance(dayMs);
  people += 1;
  userId = `newcomer${people}`;
  address = `newcomer${people}@mail.example`;
  browser = app.browser();
});
afterAll(() => app.close());

interface Typed {
  readonly userId?: string;
  readonly address?: string;
  readonly password?: string;
}

async function signUp(typed: Typed = {}, by = browser) {
  await by.open('/sign-in');
  await by.follow('Create account');
  return by.press('Create account', {
    'User ID': typed.userId ?? userId,
    Email: typed.address ?? address,
    Password: typed.password ?? password,
  });
}

describe('who signs up', () => {
  it('types the mailed code, is in, and can be recovered at once', async () => {
    await signUp();
    expect(browser.page.heading).toBe('Check your email');
    expect(browser.page.text).toContain(`We are emailing ${address}.`);
    const mail = await app.mailTo(address);
    expect(mail.subject).toBe('Welcome to Corner Shop: here is your code');
    await enterCode(browser, codeOf(mail));
    expect(browser.page.text).toContain(`Signed in as ${userId}`);

    const other = app.browser();
    await reachPassword(app, other, { userId, address, password });
    await choosePassword(other);
    expect(await opens(app, { userId, address, password }, newPassword)).toBe(true);
    expect((await browser.open('/account')).text).toContain('Not signed in');
  });

  it('has no account before the code: neither signs in nor recovers', async () => {
    await signUp();
    await app.deliverMail();
    expect((await signIn(app.browser(), userId, password)).status).toBe(422);
    await reachCode(app.browser(), address);
    expect((await app.mailTo(address)).subject).toBe('There is no account with this address at Corner Shop');
  });

  it('lands where the way began', async () => {
    await browser.open('/sign-in?returnTo=%2Forders%2F7');
    await browser.follow('Create account');
    await browser.press('Create account', { 'User ID': userId, Email: address, Password: password });
    await enterCode(browser, codeOf(await app.mailTo(address)));
    expect(browser.page.path).toBe('/orders/7');
  });

  it.each([
    ['a user ID with an @', { userId: 'a@b' }, 'User ID', en['refusal.user-id-shape']],
    ['a user ID that looks like another', { userId: 'ｍike' }, 'User ID', en['refusal.user-id-shape']],
    ['what is no address', { address: 'nobody' }, 'Email', en['refusal.address-shape']],
    ['a short password', { password: 'short' }, 'Password', 'Make it longer: at least 15 characters.'],
    ['a common password', { password: 'passwordpassword' }, 'Password', en['refusal.password-common']],
  ])('is told beside the field about %s, and nothing typed is lost', async (_, typed, label, words) => {
    const page = await signUp(typed);
    expect(page.status).toBe(422);
    expect(page.errorAt(label)).toContain(words);
    expect(page.valueOf('User ID')).toBe('userId' in typed ? typed.userId : userId);
    expect(page.valueOf('Email')).toBe('address' in typed ? typed.address : address);
    expect(page.valueOf('Password')).toBe('password' in typed ? typed.password : password);
  });
});

it('is told of every field that was left empty, each at its own', async () => {
  const page = await signUp({ userId: '', address: '', password: '' });
  expect([page.status, page.notice]).toEqual([422, '']);
  for (const label of ['User ID', 'Email', 'Password']) expect(page.errorAt(label)).toBe(en['page.missing']);
});

it('who comes back to a step that is not open is told why', async () => {
  const stranger = await browser.open('/sign-up/code');
  expect([stranger.status, stranger.heading, stranger.notice]).toEqual([
    409,
    'Create account',
    en['refusal.sign-up-missing'],
  ]);
  await signUp();
  await enterCode(browser, codeOf(await app.mailTo(address)));
  expect((await browser.open('/sign-up/code')).text).toContain(`Signed in as ${userId}`);
});

describe('the code', () => {
  it('wrong five times ends the sign-up', async () => {
    await signUp();
    const code = codeOf(await app.mailTo(address));
    for (let times = 0; times < 5; times += 1) expect((await enterCode(browser, wrong(code))).status).toBe(422);
    // Nothing that leads nowhere is offered any more.
    for (const page of [
      browser.page,
      await browser.open('/sign-up/code'),
      await browser.post('/sign-up/code', { code }),
    ]) {
      expect([page.heading, page.html.includes('name="code"')]).toEqual(['This attempt is over', false]);
      expect(page.text).toContain(en['sign-up.over']);
    }
    await browser.follow('Start again');
    expect([browser.page.valueOf('User ID'), browser.page.valueOf('Email')]).toEqual([userId, address]);
    expect((await browser.open('/account')).text).toContain('Not signed in');
  });

  it('of another sign-up is wrong', async () => {
    await signUp();
    const code = codeOf(await app.mailTo(address));
    const other = app.browser();
    await signUp({ userId: `${userId}b`, address: `b${address}` }, other);
    const page = await enterCode(other, code);
    expect(page.errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    expect(page.valueOf('Verification code')).toBe(code);
  });

  it('in another browser is worth nothing', async () => {
    await signUp();
    const page = await app.browser().post('/sign-up/code', { code: codeOf(await app.mailTo(address)) });
    expect([page.status, page.notice]).toEqual([409, en['refusal.sign-up-missing']]);
  });

  it('late is told as such, and a new one is one press away', async () => {
    await signUp();
    const code = codeOf(await app.mailTo(address));
    app.clock.advance(30 * minuteMs);
    expect((await enterCode(browser, code)).heading).toBe(en['recover.code-expired-title']);
    await browser.press('Get a new code');
    await enterCode(browser, codeOf(await app.mailTo(address)));
    expect(browser.page.text).toContain(`Signed in as ${userId}`);
  });

  it('can be sent again after a minute, three mails a day', async () => {
    await signUp();
    expect((await browser.press('Send again')).status).toBe(429);
    for (let times = 0; times < 4; times += 1) {
      app.clock.advance(minuteMs);
      expect((await browser.press('Send again')).status).toBe(200);
      await app.deliverMail();
    }
    const mails = await app.mailsTo(address);
    expect(new Set(mails.map(codeOf)).size).toBe(1);
    expect(mails).toHaveLength(3);
  });

  it('makes one account of sixteen sent at once', async () => {
    await signUp();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ code: codeOf(await app.mailTo(address)) });
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => browser.send('/sign-up/code', { method: 'POST', headers, body })),
    );
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    const made = await app.db.read.selectFrom('accounts').select('id').where('user_id', '=', userId).execute();
    expect(made).toHaveLength(1);
  });
});

describe('the link in the mail', () => {
  const linkIn = (mail: ReceivedMail): string => linksIn(mail)[0] ?? '';
  const stranger = 'of whoever began it all';

  it('goes on in any browser with the code, which chooses the password anew: the first one never opens the account', async () => {
    await signUp({ password: stranger });
    const mail = await app.mailTo(address);
    const phone = app.browser();
    const page = await phone.open(linkIn(mail));
    expect([page.status, page.heading]).toEqual([200, 'Create your account here']);
    expect(page.text).not.toContain(userId);
    await enterCode(phone, codeOf(mail));
    expect(phone.page.heading).toBe('Choose a password');
    expect(phone.page.text).toContain(`For the user ID ${userId}`);
    await phone.press('Create account', { 'New password': password, 'Confirm the new password': password });
    expect(phone.page.text).toContain(`Signed in as ${userId}`);
    expect(await opens(app, { userId, address, password }, password)).toBe(true);
    expect(await opens(app, { userId, address, password }, stranger)).toBe(false);
  });

  it('takes the sign-up from the browser where it began, and works once', async () => {
    await signUp();
    const mail = await app.mailTo(address);
    const phone = app.browser();
    await phone.open(linkIn(mail));
    await enterCode(phone, codeOf(mail));
    expect((await browser.post('/sign-up/code', { code: codeOf(mail) })).notice).toBe(en['refusal.sign-up-missing']);
    const third = await app.browser().open(linkIn(mail));
    expect([third.status, third.notice]).toEqual([410, en['refusal.link-over']]);
    expect((await app.browser().post(linkIn(mail), { code: codeOf(mail) })).status).toBe(410);
  });

  it('leads back to its page where the sign-up began: the password typed there counts', async () => {
    await signUp();
    const mail = await app.mailTo(address);
    await browser.open(linkIn(mail));
    expect([browser.page.path, browser.page.heading]).toEqual(['/sign-up/code', 'Check your email']);
    await enterCode(browser, codeOf(mail));
    expect(browser.page.text).toContain(`Signed in as ${userId}`);
  });

  it('opened alone does nothing, and five wrong codes end it for everyone', async () => {
    await signUp();
    const mail = await app.mailTo(address);
    const phone = app.browser();
    for (let times = 0; times < 5; times += 1) {
      await phone.open(linkIn(mail));
      const page = await enterCode(phone, wrong(codeOf(mail)));
      expect(page.errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    }
    expect((await enterCode(phone, codeOf(mail))).status).toBe(410);
    expect((await enterCode(browser, codeOf(mail))).status).toBe(422);
    expect((await signIn(app.browser(), userId, password)).status).toBe(422);
  });

  it('is over with its code; the link of the next mail works', async () => {
    await signUp();
    const late = await app.mailTo(address);
    app.clock.advance(30 * minuteMs);
    expect((await app.browser().open(linkIn(late))).status).toBe(410);
    await browser.open('/sign-up/code');
    await browser.press('Get a new code');
    const fresh = await app.mailTo(address);
    const phone = app.browser();
    await phone.open(linkIn(fresh));
    expect((await enterCode(phone, codeOf(late))).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    await enterCode(phone, codeOf(fresh));
    expect(phone.page.heading).toBe('Choose a password');
  });

  it('asks again for what cannot be a password, and for another user ID where the first is taken', async () => {
    const rival = await app.addPerson();
    await signUp({ userId: rival.userId });
    const mail = await app.mailTo(address);
    const phone = app.browser();
    await phone.open(linkIn(mail));
    await enterCode(phone, codeOf(mail));
    const choose = (first: string, second: string) =>
      phone.press('Create account', { 'New password': first, 'Confirm the new password': second });
    expect((await choose('short', 'short')).errorAt('New password')).toContain(
      'Make it longer: at least 15 characters.',
    );
    const differs = await choose(password, 'an early and loud cat');
    expect(differs.errorAt('Confirm the new password')).toBe(en['refusal.passwords-differ']);
    expect(differs.valueOf('New password')).toBe(password);
    await choose(password, password);
    expect(phone.page.heading).toBe('Choose another user ID');
    await phone.press('Continue', { 'User ID': userId });
    expect(phone.page.text).toContain(`Signed in as ${userId}`);
  });

  it('makes one account of sixteen passwords sent at once', async () => {
    await signUp();
    const mail = await app.mailTo(address);
    const phone = app.browser();
    await phone.open(linkIn(mail));
    await enterCode(phone, codeOf(mail));
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ password, repeated: password });
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => phone.send('/sign-up/password', { method: 'POST', headers, body })),
    );
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    const made = await app.db.read.selectFrom('accounts').select('id').where('user_id', '=', userId).execute();
    expect(made).toHaveLength(1);
  });
});

describe('a user ID', () => {
  it('that is pending blocks nobody; who proves an address first has it, the other chooses again', async () => {
    const rival = app.browser();
    await signUp();
    await signUp({ address: `rival.${address}` }, rival);
    await enterCode(rival, codeOf(await app.mailTo(`rival.${address}`)));
    expect(rival.page.text).toContain(`Signed in as ${userId}`);
    await enterCode(browser, codeOf(await app.mailTo(address)));
    expect(browser.page.heading).toBe('Choose another user ID');
    // The heading says it: nothing was typed here yet that could be refused.
    expect(browser.page.errorAt('User ID')).toBe('');
    expect(browser.page.text).toContain(`All that is missing is a user ID: ${userId} is already in use.`);
    const other = await app.addPerson();
    const page = await browser.press('Continue', { 'User ID': other.userId });
    expect(page.errorAt('User ID')).toBe(en['refusal.user-id-taken']);
    expect(page.text).toContain(`All that is missing is a user ID: ${other.userId} is already in use.`);
    await browser.press('Continue', { 'User ID': `${userId}.too` });
    expect(browser.page.text).toContain(`Signed in as ${userId}.too`);
  });

  it('that is taken is found out only after the proof', async () => {
    const person = await app.addPerson();
    const page = await signUp({ userId: person.userId });
    expect([page.status, page.heading]).toEqual([200, 'Check your email']);
  });

  it('in other capitals is the same', async () => {
    const person = await app.addPerson();
    await signUp({ userId: person.userId.toUpperCase() });
    await enterCode(browser, codeOf(await app.mailTo(address)));
    expect(browser.page.heading).toBe('Choose another user ID');
  });
});

describe('an address that has an account', () => {
  it('since its code was mailed makes no second one', async () => {
    const other = app.browser();
    await signUp();
    const code = codeOf(await app.mailTo(address));
    await signUp({ userId: `${userId}.b` }, other);
    await enterCode(other, codeOf(await app.mailTo(address)));
    expect(other.page.text).toContain(`Signed in as ${userId}.b`);
    expect((await enterCode(browser, code)).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    const made = await app.db.read.selectFrom('addresses').select('id').where('address', '=', address).execute();
    expect(made).toHaveLength(1);
  });

  it('gets a mail that offers recovery and holds no code; the page says what it says to all', async () => {
    const person = await app.addPerson();
    const page = await signUp({ address: person.address });
    expect([page.status, page.heading]).toEqual([200, 'Check your email']);
    const mail = await app.mailTo(person.address);
    expect(mail.subject).toBe('You already have an account at Corner Shop');
    expect(linksIn(mail)).toEqual([`${app.origin}/recover`, `${app.origin}/sign-in`]);
    expect(mail.text).not.toContain(userId);
    expect(mail.text.replaceAll(app.origin, '')).not.toMatch(/\d/);
    expect(await opens(app, person, person.password)).toBe(true);
  });
});

it('meets no fault of ours in all of this', () => {
  expect(app.faults).toEqual([]);
});
