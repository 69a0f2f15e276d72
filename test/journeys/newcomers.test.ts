// What was added shortly before the owner comes back (D10, D11): somebody with a session and the password adds an address
// and an authenticator app of their own first. A proof through an older address takes both away, so that they undo nothing
// and keep nobody out; an owner who added them is never locked out either.
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../../src/base/clock.ts';
import { en } from '../../src/i18n/en.ts';
import { stepMs } from '../../src/proofs/totp.ts';
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

const thiefs = 'a stolen green bicycle';
const waitMs = 72 * hourMs;

let app: TestApp;
let person: Person;
let planted: string;
/** Signed in with the password: a thief, or the owner, as each test says. */
let inside: Browser;
beforeAll(async () => {
  app = await createTestApp();
});
beforeEach(async () => {
  person = await app.addPerson();
  planted = `planted-${person.userId}@mail.example`;
  app.clock.advance(10 * dayMs);
  inside = app.browser();
  await signIn(inside, person.userId, person.password);
});
afterAll(() => app.close());

/** What an earlier step has to tell goes out before the mail that the next one waits for, not beside it. */
async function addAddress(address = planted, password = person.password): Promise<void> {
  await app.deliverMail();
  await inside.open('/account/addresses');
  await inside.press('Add', { Email: address, 'Your password': password });
  await enterCode(inside, codeOf(await app.mailTo(address)));
  expect(inside.page.notice).toBe(en['addresses.added']);
}

async function addApp(): Promise<string> {
  await inside.open('/account/authenticator');
  const page = await inside.press('Set up', { 'Your password': person.password });
  const secret = (/class="code key">([^<]+)/.exec(page.html)?.[1] ?? '').replaceAll(' ', '');
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: app.clock.now() });
  await inside.press('Switch on', { 'Code from the app': code });
  expect(inside.page.notice).toBe(en['authenticator.spare-on']);
  app.clock.advance(stepMs);
  return secret;
}

async function changePassword(password: string): Promise<void> {
  await inside.open('/account/password');
  await inside.press('Continue', {
    'The password you have now': person.password,
    'New password': password,
    'Confirm the new password': password,
  });
}

async function reset(address = person.address, password = newPassword): Promise<Page> {
  await app.deliverMail();
  const browser = app.browser();
  await reachPassword(app, browser, { ...person, address });
  const page = await choosePassword(browser, password);
  expect([page.heading, page.path.split('?')[0]]).toEqual([en['recover.done-title'], '/recover/done']);
  return page;
}

async function disown(mail: Awaited<ReturnType<TestApp['mailTo']>>): Promise<Page> {
  const browser = app.browser();
  await browser.open(linkOf(mail, 'stop'));
  return browser.press('Sign everybody out', { 'Number from the notice': numberOf(mail) });
}

async function remove(address: string, password = person.password): Promise<Page> {
  await inside.open('/account/addresses');
  const page = await inside.follow(`Remove ${address}`);
  return page.status === 200 ? inside.press('Remove', { 'Your password': password }) : page;
}

const addresses = async () => {
  const rows = await app.db.read
    .selectFrom('addresses')
    .innerJoin('accounts', 'accounts.id', 'addresses.account_id')
    .select('address')
    .where('user_id', '=', person.userId)
    .orderBy('addresses.confirmed_at')
    .execute();
  return rows.map(({ address }) => address);
};
const noticesTo = async (address: string) =>
  (await app.mailsTo(address)).filter(({ text }) => text.includes('/recover/stop/') && text.includes('Number of'));

describe('a thief with a session and the password, before the owner comes back by mail', () => {
  it('adds an address: the reset takes it off, mails it no "This was not me", and it leads nowhere', async () => {
    await addAddress();
    const waiting = app.browser();
    await reachCode(waiting, planted);
    const code = await app.mailTo(planted);
    app.clock.advance(minuteMs);
    const done = await reset();
    expect(done.text).toContain(en['recover.done-addresses']);
    expect(done.text).not.toContain(en['recover.done-authenticator']);
    expect(await addresses()).toEqual([person.address]);
    expect(await noticesTo(planted)).toEqual([]);
    expect((await enterCode(waiting, codeOf(code))).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    expect((await app.browser().open(linkOf(code, 'link'))).status).toBe(410);
    await reachCode(app.browser(), planted);
    expect((await app.mailTo(planted)).subject).toBe('There is no account with this address at Corner Shop');
    expect(await opens(app, person, newPassword)).toBe(true);
  });

  it('switches on an app: the reset switches it off, tells it, and the owner signs in', async () => {
    await addApp();
    const done = await reset();
    expect(done.text).toContain(en['recover.done-authenticator']);
    expect(done.text).not.toContain(en['recover.done-addresses']);
    expect(await opens(app, person, newPassword)).toBe(true);
    const told = (await app.mailsTo(person.address)).map(({ subject }) => subject);
    expect(told).toContain('The authenticator app was removed at Corner Shop');
  });

  it('changes the password too: the notice that the added address got of it undoes nothing any more', async () => {
    await addAddress();
    app.clock.advance(1_000);
    await changePassword(thiefs);
    const [notice] = await noticesTo(planted);
    if (!notice) throw new Error('no notice');
    await reset();
    const owner = app.browser();
    await signIn(owner, person.userId, newPassword);
    expect((await app.browser().open(linkOf(notice, 'stop'))).status).toBe(410);
    expect((await app.browser().post(linkOf(notice, 'stop'), { number: numberOf(notice) })).status).toBe(410);
    expect((await owner.open('/account')).text).toContain(`Signed in as ${person.userId}`);
    expect(await opens(app, person, newPassword)).toBe(true);
  });

  it('and then "This was not me" from the owner\'s own notice takes off what was added before the change', async () => {
    await addAddress();
    await addApp();
    await changePassword(thiefs);
    expect((await disown(await app.mailTo(person.address))).status).toBe(200);
    expect(await addresses()).toEqual([person.address]);
    await reset();
    expect(await opens(app, person, newPassword)).toBe(true);
  });

  it('resets through the added address: nothing of the owner goes with it, and the owner has the last word', async () => {
    await addAddress();
    app.clock.advance(1_000);
    await reset(planted, thiefs);
    expect(await addresses()).toEqual([person.address, planted]);
    const [notice] = await noticesTo(person.address);
    if (!notice) throw new Error('no notice');
    await disown(notice);
    expect(await addresses()).toEqual([person.address]);
    expect(await opens(app, person, thiefs)).toBe(false);
  });

  it('cannot remove the address before it for 72 hours, to the last millisecond', async () => {
    await addAddress();
    const addedAt = app.clock.now();
    const refused = await remove(person.address);
    expect([refused.status, refused.notice?.includes('You can do this in 72 hours.')]).toEqual([409, true]);
    app.clock.advance(addedAt + waitMs - 1 - app.clock.now());
    expect((await remove(person.address)).status).toBe(409);
    app.clock.advance(1);
    expect((await remove(person.address)).notice).toBe(en['addresses.removed']);
  });
});

describe('what was added', () => {
  it('is new for 72 hours and not longer: the last moment, and the first in which it counts in full', async () => {
    await addAddress();
    const addedAt = app.clock.now();
    app.clock.advance(addedAt + waitMs - 1 - app.clock.now());
    await reset();
    expect(await addresses()).toEqual([person.address]);

    person = { ...person, password: newPassword };
    await signIn(inside, person.userId, person.password);
    await addAddress();
    const againAt = app.clock.now();
    app.clock.advance(againAt + waitMs - app.clock.now());
    await reset(person.address, 'another quiet green lamp');
    expect(await addresses()).toEqual([person.address, planted]);
    expect(await noticesTo(planted)).toHaveLength(1);
  });

  it('goes off again at once, also right after a change of password: what is new protects nobody yet', async () => {
    await addAddress();
    await changePassword(newPassword);
    expect((await remove(planted, newPassword)).notice).toBe(en['addresses.removed']);
    expect(await addresses()).toEqual([person.address]);
  });
});

describe('an owner who added a mailbox yesterday and forgot the password today', () => {
  it('recovers through the new one, and keeps both and the app from before it', async () => {
    const secret = await addApp();
    await addAddress();
    app.clock.advance(dayMs);
    await reset(planted);
    expect(await addresses()).toEqual([person.address, planted]);
    const browser = app.browser();
    await signIn(browser, person.userId, newPassword);
    expect(browser.page.path).toBe('/sign-in/second-factor');
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: app.clock.now() });
    expect((await browser.press('Continue', { Code: code })).text).toContain(`Signed in as ${person.userId}`);
  });

  it('recovers through the old one: the new one is told that it went and why, and can be added again', async () => {
    await addAddress();
    app.clock.advance(dayMs);
    await reset();
    for (const address of [person.address, planted]) {
      const mail = (await app.mailsTo(address)).find(({ text }) => text.includes('add it again'));
      expect(mail?.subject).toBe('The email addresses of your account at Corner Shop have changed');
      expect(mail?.text).toContain(planted);
    }
    await signIn(inside, person.userId, newPassword);
    await addAddress(planted, newPassword);
    expect(await addresses()).toEqual([person.address, planted]);
  });
});

it('meets no fault of ours in all of this', () => {
  expect(app.faults).toEqual([]);
});
