// Accounts that are unlike most (walks 22, 23; D5, D8): signed in by a provider, brought in without a password, disabled,
// never confirmed, without an address, several on one address. The page says the same to all; the mailbox is told the truth.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AddedAccount } from '../../src/accounts/add-account.ts';
import { dayMs, hourMs, minuteMs } from '../../src/base/clock.ts';
import { en } from '../../src/i18n/en.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { codeIn, linksIn, type ReceivedMail } from '../../src/testing/mailbox.ts';
import {
  choosePassword,
  codeOf,
  enterCode,
  linkOf,
  newPassword,
  opens,
  reachCode,
  signIn,
  startRecovery,
  wrong,
} from './steps.ts';

let app: TestApp;
let browser: Browser;
let people = 0;
beforeAll(async () => {
  app = await createTestApp();
});
beforeEach(() => {
  app.clock.advance(dayMs);
  browser = app.browser();
});
afterAll(() => app.close());

/** An account as `accounts.add` makes it: by itself with one confirmed address and no password. */
async function add(more: Partial<AddedAccount> = {}): Promise<Person> {
  people += 1;
  const userId = more.userId ?? `odd.one${people}`;
  const [address = `${userId}@mail.example`] = more.addresses ?? [];
  const account = { userId, addresses: [address], password: null, locale: 'en', ...more } as const;
  expect(await app.app.addAccount(account)).toBe(true);
  // They are listed in the order in which they were made.
  app.clock.advance(1);
  return { userId, address, password: account.password ?? '' };
}

const rowOf = ({ userId }: Person) =>
  app.db.read.selectFrom('accounts').selectAll().where('user_id', '=', userId).executeTakeFirstOrThrow();
const disable = ({ userId }: Person, state = 'disabled') =>
  app.db.write((tx) => tx.updateTable('accounts').set({ state }).where('user_id', '=', userId).execute());

const providerSubject = 'How you sign in at Corner Shop';
const closedSubject = 'About your account at Corner Shop';
const subjects = async (address: string) => (await app.mailsTo(address)).map(({ subject }) => subject);
/** Digits of the mail that are no part of where the site is. */
const digitsIn = ({ text }: ReceivedMail) => text.replaceAll(app.origin, '').match(/\d/g);

describe('an account that a provider signs in', () => {
  let person: Person;
  beforeEach(async () => {
    person = await add({ provider: 'Example' });
  });

  it.each(['address', 'userId'] as const)(
    'is told by mail how to sign in, found by its %s; the page says what it says to all',
    async (by) => {
      const page = await reachCode(browser, person[by]);
      expect([page.status, page.heading]).toEqual([200, 'Type the code from the email']);
      const mail = await app.mailTo(person.address);
      expect(mail.subject).toBe(providerSubject);
      expect(mail.text).toContain('Your account has none: you get in with Example.');
      expect(codeIn(mail)).toBeUndefined();
      expect(digitsIn(mail)).toBeNull();
      expect(linksIn(mail)).toEqual([`${app.origin}/`, `${app.origin}/recover/case`]);
      expect(await rowOf(person)).toMatchObject({ password_hash: null, password_change_id: null });
    },
  );

  it('reads it in Spanish on a Spanish page', async () => {
    const spanish = app.browser('es');
    await spanish.open('/recover');
    await spanish.press('Continuar', { 'Email o ID de usuario': person.address });
    await spanish.press('Verificar ahora', {}, 'Verificación de email (Recomendado)');
    const mail = await app.mailTo(person.address);
    expect(mail.subject).toBe('Cómo entras en Corner Shop');
    expect(mail.text).toContain('Ve a Corner Shop y elige Example al iniciar sesión.');
  });

  it('gets in by no code', async () => {
    await reachCode(browser, person.address);
    await app.deliverMail();
    for (let tries = 1; tries < 5; tries += 1) {
      expect((await enterCode(browser, '12345678')).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    }
    expect((await enterCode(browser, '12345678')).heading).toBe('This attempt is over');
  });

  it('signs in by no password, and is refused like anyone', async () => {
    const page = await signIn(browser, person.userId, newPassword);
    const unknown = await signIn(app.browser(), 'nobody.here', newPassword);
    expect([page.status, page.notice]).toEqual([unknown.status, unknown.notice]);
  });

  it('has three such mails in an hour and six in a day, like codes, and the page does not tell', async () => {
    const ask = async () => {
      const page = await reachCode(app.browser(), person.address);
      expect(page.text).toContain(en['recover.code-lead']);
      return (await app.mailsTo(person.address)).length;
    };
    const counts = [await ask(), await ask(), await ask(), await ask()];
    app.clock.advance(hourMs);
    counts.push(await ask(), await ask(), await ask(), await ask());
    app.clock.advance(hourMs);
    counts.push(await ask());
    app.clock.advance(dayMs);
    counts.push(await ask());
    expect(counts).toEqual([1, 2, 3, 3, 4, 5, 6, 6, 6, 7]);
  });

  it('shares the caps of its mailbox with the codes of another account', async () => {
    const other = await add({ addresses: [person.address], password: newPassword });
    for (const { userId } of [other, other, person, person]) await reachCode(app.browser(), userId);
    const received = await subjects(person.address);
    expect(received).toHaveLength(3);
    expect(received.filter((subject) => subject === providerSubject)).toHaveLength(1);
  });

  it('is left in peace while its mailbox asked for silence', async () => {
    const other = await add({ addresses: [person.address], password: newPassword });
    await reachCode(app.browser(), other.userId);
    const mail = await app.mailTo(person.address);
    const owner = app.browser();
    await owner.open(linkOf(mail, 'stop'));
    expect((await owner.press('Stop this', { 'Verification code': codeOf(mail) })).heading).toBe(
      'We have stopped the emails',
    );
    const page = await reachCode(browser, person.userId);
    expect(page.heading).toBe('Type the code from the email');
    expect(await subjects(person.address)).not.toContain(providerSubject);
    app.clock.advance(dayMs);
    await reachCode(app.browser(), person.userId);
    expect(await subjects(person.address)).toContain(providerSubject);
  });

  it('is not told once its reason is gone: it was given a password before the mail went out', async () => {
    await reachCode(browser, person.address);
    await app.db.write((tx) =>
      tx.updateTable('accounts').set({ provider: null }).where('user_id', '=', person.userId).execute(),
    );
    expect(await app.mailsTo(person.address)).toEqual([]);
  });

  it('on one address with others of its kind is told of every provider, in one mail', async () => {
    await add({ addresses: [person.address], provider: 'Other' });
    await add({ addresses: [person.address], provider: 'Example' });
    await reachCode(browser, person.address);
    const [mail, ...more] = await app.mailsTo(person.address);
    expect(more).toEqual([]);
    expect(mail?.text).toContain('You sign in with Example or Other');
  });
});

describe('an account brought in without a password', () => {
  let person: Person;
  beforeEach(async () => {
    person = await add();
  });

  it.each(['address', 'userId'] as const)(
    'is recovered by mail like any other, by its %s, and has a password then',
    async (by) => {
      await reachCode(browser, person[by]);
      await enterCode(browser, codeOf(await app.mailTo(person.address)));
      expect(browser.page.text).toContain(`For the user ID ${person.userId}`);
      await choosePassword(browser);
      expect(await opens(app, person, newPassword)).toBe(true);
    },
  );

  it.each(['', ' ', newPassword])('is opened by no password before, not by %j', async (password) => {
    const page = await signIn(browser, person.userId, password);
    const unknown = await signIn(app.browser(), 'nobody.here', password);
    expect([page.status, page.notice]).toEqual([unknown.status, unknown.notice]);
    expect((await browser.open('/account')).text).toContain('Not signed in');
  });
});

describe('a disabled account', () => {
  let person: Person;
  beforeEach(async () => {
    person = await add({ password: 'an old and quiet lamp', state: 'disabled' });
  });

  it.each(['address', 'userId'] as const)(
    'has a mailbox that is told it is closed, and no more; by its %s',
    async (by) => {
      const page = await reachCode(browser, person[by]);
      expect([page.status, page.heading]).toEqual([200, 'Type the code from the email']);
      const mail = await app.mailTo(person.address);
      expect(mail.subject).toBe(closedSubject);
      expect(mail.text).not.toContain(person.userId);
      expect(digitsIn(mail)).toBeNull();
      expect(linksIn(mail)).toEqual([`${app.origin}/recover/case`]);
      expect((await enterCode(browser, '12345678')).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    },
  );

  it('is told of no provider that could not open it either', async () => {
    const provided = await add({ provider: 'Example', state: 'disabled' });
    await reachCode(browser, provided.address);
    expect(await subjects(provided.address)).toEqual([closedSubject]);
  });

  it('since its code was mailed is opened by none, neither on the page nor under the link', async () => {
    await disable(person, 'active');
    await reachCode(browser, person.address);
    const mail = await app.mailTo(person.address);
    await disable(person);
    expect((await enterCode(browser, codeOf(mail))).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    const other = app.browser();
    await other.open(linkOf(mail, 'link'));
    expect((await enterCode(other, codeOf(mail))).status).toBe(422);
    app.clock.advance(minuteMs);
    await browser.press('Send again');
    expect((await subjects(person.address))[0]).toBe(closedSubject);
  });

  it('since its code was typed gets no new password', async () => {
    await disable(person, 'active');
    await reachCode(browser, person.address);
    await enterCode(browser, codeOf(await app.mailTo(person.address)));
    await disable(person);
    expect((await choosePassword(browser)).status).toBe(409);
    const { password_change_id } = await rowOf(person);
    expect(password_change_id).toBeNull();
  });

  it('is no hindrance to another on its address, which is not asked which', async () => {
    const other = await add({ addresses: [person.address] });
    await reachCode(browser, person.address);
    await enterCode(browser, codeOf(await app.mailTo(person.address)));
    expect(browser.page.text).toContain(`For the user ID ${other.userId}`);
  });
});

describe('an account that no mail reaches', () => {
  it('as its address was never confirmed, is unknown by it, and silent by its user ID', async () => {
    const address = `claimed${people}@mail.example`;
    const person = await add({ addresses: [], unconfirmedAddresses: [address], password: newPassword });
    await reachCode(browser, address);
    expect(await subjects(address)).toEqual(['There is no account with this address at Corner Shop']);
    await reachCode(app.browser(), person.userId);
    expect(await subjects(address)).toHaveLength(1);
    expect(await opens(app, person, newPassword)).toBe(true);
  });

  it('as it has no address, walks the same pages', async () => {
    const person = await add({ addresses: [], password: newPassword });
    const before = app.mailbox.messages().length;
    const page = await reachCode(browser, person.userId);
    expect(page.text).toContain(en['recover.code-lead']);
    await app.deliverMail();
    expect(app.mailbox.messages()).toHaveLength(before);
  });
});

describe('several accounts on one address', () => {
  let address: string;
  let shop: Person;
  let home: Person;
  let choices: Map<string, string>;

  /** As far as the choice. */
  async function reachChoice(by = browser): Promise<void> {
    await reachCode(by, address);
    await enterCode(by, codeOf(await app.mailTo(address)));
    expect(by.page.heading).toBe('Which account?');
    choices = new Map(
      Array.from(
        by.page.html.matchAll(/name="account" value="([^"]+)" required> ([^<]+)</g),
        ([, id = '', name = '']) => [name.trim(), id],
      ),
    );
  }
  const recoveryOn = ({ page }: Browser) => /name="recovery" value="([^"]+)"/.exec(page.html)?.[1] ?? '';

  beforeEach(async () => {
    people += 1;
    address = `shared${people}@mail.example`;
    shop = await add({ addresses: [address], password: 'an old and quiet lamp' });
    home = await add({ addresses: [address, `own.${address}`], password: 'an old and quiet lamp' });
  });

  it('one is chosen, that one changes, and the other keeps its password, its sessions and its peace', async () => {
    const elsewhere = app.browser();
    await signIn(elsewhere, shop.userId, shop.password);
    await reachChoice();
    await browser.press('Continue', { [home.userId]: 'chosen' });
    await choosePassword(browser);
    expect(browser.page.text).toContain(`The new password is set for the user ID ${home.userId}.`);
    expect(await opens(app, home, newPassword)).toBe(true);
    expect(await opens(app, shop, shop.password)).toBe(true);
    expect((await elsewhere.open('/account')).text).toContain(`Signed in as ${shop.userId}`);
    const notice = 'Your password at Corner Shop has been changed';
    expect((await app.mailTo(`own.${address}`)).text).toContain(home.userId);
    expect((await subjects(address)).filter((subject) => subject === notice)).toHaveLength(1);
  });

  it('are chosen from once of sixteen at once', async () => {
    await reachChoice();
    const recovery = recoveryOn(browser);
    const ids = [...choices.values()];
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, at) =>
        browser.send('/recover/account', {
          method: 'POST',
          body: new URLSearchParams({ recovery, account: ids[at % 2] ?? '' }),
        }),
      ),
    );
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(15);
  });

  it('are no way to an account elsewhere, nor to one disabled meanwhile', async () => {
    const stranger = await add({ password: newPassword });
    await reachChoice();
    const recovery = recoveryOn(browser);
    const { id } = await rowOf(stranger);
    await disable(shop);
    for (const account of [id, choices.get(shop.userId) ?? '']) {
      const page = await browser.post('/recover/account', { recovery, account });
      expect([page.status, page.notice]).toEqual([422, en['refusal.account-missing']]);
    }
    expect(browser.page.choices).toEqual([home.userId]);
  });

  it('are chosen from under the link of the mail too', async () => {
    await reachCode(browser, address);
    const mail = await app.mailTo(address);
    const other = app.browser();
    await other.open(linkOf(mail, 'link'));
    await enterCode(other, codeOf(mail));
    expect(other.page.choices).toEqual([shop.userId, home.userId]);
    expect((await enterCode(browser, codeOf(mail))).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
  });

  it('have wrong codes told like all others', async () => {
    await reachCode(browser, address);
    const code = codeOf(await app.mailTo(address));
    expect((await enterCode(browser, wrong(code))).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
  });

  it('name beside the choice those that a provider signs in, which cannot be chosen', async () => {
    const provided = await add({ addresses: [address], provider: 'Example' });
    await reachChoice();
    expect(browser.page.choices).toEqual([shop.userId, home.userId]);
    expect(browser.page.text).toContain(
      `${provided.userId} is not in the list, as it has no password here: you sign in to it with Example.`,
    );
    const { id } = await rowOf(provided);
    const page = await browser.post('/recover/account', { recovery: recoveryOn(browser), account: id });
    expect([page.status, page.notice]).toEqual([422, en['refusal.account-missing']]);
  });

  it('of which a provider signs in one and a code opens the other are told apart before anything changes', async () => {
    await disable(home);
    const provided = await add({ addresses: [address], provider: 'Example' });
    await reachChoice();
    expect(browser.page.choices).toEqual([shop.userId]);
    expect(browser.page.text).toContain(provided.userId);
    await browser.press('Continue', { [shop.userId]: 'chosen' });
    await choosePassword(browser);
    expect(await opens(app, shop, newPassword)).toBe(true);
    expect(await rowOf(provided)).toMatchObject({ password_hash: null });
  });

  it('are not signed in by that address, with the password of either, and everyone is told why that may be', async () => {
    const page = await signIn(browser, address, home.password);
    expect([page.status, page.notice]).toEqual([422, en['refusal.sign-in-failed']]);
    expect(page.notice).toContain('Several accounts on one email? Use your user ID.');
    await signIn(browser, `own.${address}`, home.password);
    expect(browser.page.text).toContain(`Signed in as ${home.userId}`);
  });
});

describe('adding accounts from outside', () => {
  it.each([
    ['a provider without a name', { provider: ' ' }, 'has no name to show'],
    ['a provider in two lines', { provider: 'Exam\nple' }, 'has no name to show'],
    ['an unconfirmed address that is none', { unconfirmedAddresses: ['nobody'] }, 'is no address'],
    ['a password that no sign-up would take', { password: 'short' }, 'is refused: password-short'],
  ])('throws for %s', async (_, more, words) => {
    const account = { userId: 'never', addresses: [], password: null, locale: 'en', ...more } as const;
    await expect(app.app.addAccount(account)).rejects.toThrow(words);
  });

  it('answers false for a user ID that is taken, whatever kind of account has it', async () => {
    const taken = await add({ provider: 'Example' });
    const again = { userId: taken.userId.toUpperCase(), addresses: [], password: newPassword, locale: 'en' } as const;
    expect(await app.app.addAccount(again)).toBe(false);
  });
});

it('a recovery of an odd account is left by starting another', async () => {
  const provided = await add({ provider: 'Example' });
  await startRecovery(browser, provided.address);
  await startRecovery(browser, provided.userId);
  expect(browser.page.text).toContain(`For ${provided.userId}`);
});

it('meets no fault of ours in all of this', () => {
  expect(app.faults).toEqual([]);
});
