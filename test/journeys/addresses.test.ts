// The addresses of a signed-in person: added by a code that is mailed there and typed in that session, removed with the
// password and after the wait, told to all the others; and recovery through each of them.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../../src/base/clock.ts';
import { en } from '../../src/i18n/en.ts';
import { limits } from '../../src/limits/limits.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import type { Browser, Page } from '../../src/testing/browser.ts';
import { linksIn } from '../../src/testing/mailbox.ts';
import {
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
  wrong,
} from './steps.ts';

let app: TestApp;
let person: Person;
let browser: Browser;
let second: string;
let people = 0;
beforeAll(async () => {
  app = await createTestApp();
});
beforeEach(async () => {
  app.clock.advance(dayMs);
  people += 1;
  second = `second${people}@mail.example`;
  person = await app.addPerson();
  browser = app.browser();
  await signIn(browser, person.userId, person.password);
});
afterAll(() => app.close());

async function claim(address = second, { by = browser, password = person.password } = {}): Promise<Page> {
  await by.open('/account/addresses');
  return by.press('Add', { Email: address, 'Your password': password });
}
async function add(address = second): Promise<Page> {
  await claim(address);
  return enterCode(browser, codeOf(await app.mailTo(address)));
}
async function remove(address: string, password = person.password): Promise<Page> {
  await browser.open('/account/addresses');
  await browser.follow(`Remove ${address}`);
  return browser.press('Remove', { 'Your password': password });
}
const rows = () =>
  app.db.read
    .selectFrom('addresses')
    .innerJoin('accounts', 'accounts.id', 'addresses.account_id')
    .select('address')
    .where('user_id', '=', person.userId)
    .orderBy('addresses.created_at')
    .execute()
    .then((all) => all.map(({ address }) => address));
const events = async (event: string) => (await eventsOf(app, person, event)).length;
const noticeSubject = 'The email addresses of your account at Corner Shop have changed';
const noticesTo = async (address: string) =>
  (await app.mailsTo(address)).filter(({ subject }) => subject === noticeSubject);

describe('an address', () => {
  it('is added by its code, told to the one before it, and leads back in like the first', async () => {
    const page = await claim();
    expect([page.status, page.heading]).toEqual([200, 'Type the code from the email']);
    expect(page.text).toContain(`We are emailing ${second}.`);
    expect(await rows()).toEqual([person.address]);
    await enterCode(browser, codeOf(await app.mailTo(second)));
    expect(browser.page.notice).toBe(en['addresses.added']);
    expect(await rows()).toEqual([person.address, second]);
    expect(await events('address.added')).toBe(1);
    const [notice] = await noticesTo(person.address);
    expect(notice?.text).toContain(`codes for the account ${person.userId} at Corner Shop can go to ${second} too.`);
    expect(await noticesTo(second)).toEqual([]);

    const other = app.browser();
    await reachPassword(app, other, { ...person, address: second });
    await choosePassword(other);
    expect(await opens(app, person, newPassword)).toBe(true);
  });

  it('is mailed a code, and neither a name, nor a link, nor a word of who asked', async () => {
    await claim();
    const mail = await app.mailTo(second);
    expect(linksIn(mail)).toEqual([]);
    expect(mail.text).not.toContain(person.userId);
    expect(mail.text).not.toContain(person.address);
    expect(mail.text).toContain('Somebody who is signed in at Corner Shop');
  });

  it('counts for nothing before its code: it opens no recovery and signs nobody in', async () => {
    await claim();
    await app.deliverMail();
    await reachCode(app.browser(), second);
    expect((await app.mailTo(second)).subject).toBe('There is no account with this address at Corner Shop');
    expect((await signIn(app.browser(), second, person.password)).status).toBe(422);
  });

  it('may be one that others have; nobody is told, and it signs in nobody any more', async () => {
    const other = await app.addPerson();
    const page = await add(other.address);
    expect(page.notice).toBe(en['addresses.added']);
    expect(await noticesTo(other.address)).toEqual([]);
    expect((await signIn(app.browser(), other.address, other.password)).status).toBe(422);
    expect(await opens(app, other, other.password)).toBe(true);
  });

  it('that was claimed when the account was brought in is confirmed, not doubled', async () => {
    const address = `claimed${people}@mail.example`;
    const account = { userId: `claimer${people}`, addresses: [], password: person.password, locale: 'en' } as const;
    await app.app.addAccount({ ...account, unconfirmedAddresses: [address] });
    person = { ...person, userId: account.userId };
    browser = app.browser();
    await signIn(browser, account.userId, account.password);
    await add(address);
    expect(await rows()).toEqual([address]);
  });

  it.each([
    ['what is no address', 'nobody', en['refusal.address-shape']],
    ['nothing', ' ', en['refusal.address-shape']],
    ['two', 'a@mail.example,b@mail.example', en['refusal.address-shape']],
    ['a header', 'a@mail.example\r\nBcc: b@mail.example', en['refusal.address-shape']],
    ['a look-alike domain', 'a@ｍail.example', en['refusal.address-shape']],
  ])('is refused beside the field for %s, and nothing typed is lost', async (_, address, words) => {
    const page = await claim(address);
    expect([page.status, page.errorAt('Email')]).toEqual([422, words]);
    expect(page.valueOf('Email')).toBe(address);
    expect(page.valueOf('Your password')).toBe(person.password);
  });

  it('that is there already is not added twice, in whatever case', async () => {
    const page = await claim(person.address.toUpperCase());
    expect(page.errorAt('Email')).toBe(en['refusal.address-own']);
  });

  it.each([
    ['', en['refusal.password-missing']],
    ['not the password', en['refusal.password-wrong']],
  ])('takes the password again: not %j', async (password, words) => {
    const page = await claim(second, { password });
    expect([page.status, page.errorAt('Your password')]).toEqual([422, words]);
    expect(page.valueOf('Email')).toBe(second);
    expect(page.valueOf('Your password')).toBe('');
    expect(await app.mailsTo(second)).toEqual([]);
  });

  it('is the third at most; another can be added once one is removed', async () => {
    await add();
    await add(`third.${second}`);
    expect(browser.page.text).toContain(en['refusal.addresses-full']);
    expect(browser.page.html).not.toContain('name="address"');
    const page = await browser.post('/account/addresses', { address: `4.${second}`, password: person.password });
    expect([page.status, page.notice]).toEqual([422, en['refusal.addresses-full']]);
    await remove(second);
    expect(await add(`4.${second}`).then(({ notice }) => notice)).toBe(en['addresses.added']);
  });
});

describe('its code', () => {
  it('wrong five times is over, and what was typed is kept for another start', async () => {
    await claim();
    const code = codeOf(await app.mailTo(second));
    for (let tries = 1; tries < 5; tries += 1)
      expect((await enterCode(browser, wrong(code))).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    const page = await enterCode(browser, wrong(code));
    expect(page.notice).toBe(en['refusal.tries-used']);
    expect(page.valueOf('Email')).toBe(second);
    expect((await browser.post('/account/addresses/code', { code })).status).toBe(409);
    expect(await rows()).toEqual([person.address]);
    expect(await events('address.code_wrong')).toBe(5);
  });

  it('can be no right one before a mail was made', async () => {
    await claim();
    const page = await enterCode(browser, '12345678');
    expect(page.errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    expect(page.valueOf('Verification code')).toBe('12345678');
  });

  it.each([
    ['', en['refusal.code-missing']],
    ['1234', en['refusal.code-shape']],
  ])('that is none (%j) costs no try', async (typed, words) => {
    await claim();
    for (let times = 0; times < 6; times += 1)
      expect((await enterCode(browser, typed)).errorAt('Verification code')).toBe(words);
    expect((await enterCode(browser, codeOf(await app.mailTo(second)))).notice).toBe(en['addresses.added']);
  });

  it('is spent once: twice is refused', async () => {
    await claim();
    const code = codeOf(await app.mailTo(second));
    await enterCode(browser, code);
    const page = await browser.post('/account/addresses/code', { code });
    expect([page.status, page.notice]).toEqual([409, en['refusal.address-claim-missing']]);
    expect(await rows()).toHaveLength(2);
  });

  it('adds one address of sixteen sent at once', async () => {
    await claim();
    const body = new URLSearchParams({ code: codeOf(await app.mailTo(second)) });
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => browser.send('/account/addresses/code', { method: 'POST', body })),
    );
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(await rows()).toEqual([person.address, second]);
    expect(await noticesTo(person.address)).toHaveLength(1);
  });

  it('of sixteen wrong ones at once has five compared', async () => {
    await claim();
    const code = codeOf(await app.mailTo(second));
    await Promise.all(
      Array.from({ length: 16 }, () =>
        browser.send('/account/addresses/code', { method: 'POST', body: new URLSearchParams({ code: wrong(code) }) }),
      ),
    );
    expect(await events('address.code_wrong')).toBe(5);
    expect((await browser.post('/account/addresses/code', { code })).status).toBe(409);
  });

  it('late is told as such, and a new one is one press away', async () => {
    await claim();
    const code = codeOf(await app.mailTo(second));
    app.clock.advance(30 * minuteMs);
    expect((await enterCode(browser, code)).heading).toBe(en['recover.code-expired-title']);
    await browser.press('Get a new code');
    const fresh = codeOf(await app.mailTo(second));
    expect(fresh).not.toBe(code);
    expect((await enterCode(browser, fresh)).notice).toBe(en['addresses.added']);
  });

  it('can be sent again after a minute, the same digits, three mails a day to one address', async () => {
    await claim();
    expect((await browser.press('Send again')).status).toBe(429);
    for (let times = 0; times < 4; times += 1) {
      app.clock.advance(minuteMs);
      expect((await browser.press('Send again')).status).toBe(200);
      await app.deliverMail();
    }
    const mails = await app.mailsTo(second);
    expect(mails).toHaveLength(3);
    expect(new Set(mails.map(codeOf)).size).toBe(1);
    app.clock.advance(dayMs);
    await claim();
    expect(await app.mailsTo(second)).toHaveLength(4);
  });

  it('of another address is wrong: the one asked for last counts, with a code of its own', async () => {
    await claim();
    const code = codeOf(await app.mailTo(second));
    await claim(`other.${second}`);
    expect((await enterCode(browser, code)).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    await enterCode(browser, codeOf(await app.mailTo(`other.${second}`)));
    expect(await rows()).toEqual([person.address, `other.${second}`]);
  });

  it('in another browser of the same person is worth nothing, nor in that of another account', async () => {
    await claim();
    const code = codeOf(await app.mailTo(second));
    const elsewhere = app.browser();
    await signIn(elsewhere, person.userId, person.password);
    const stranger = await app.addPerson();
    const strange = app.browser();
    await signIn(strange, stranger.userId, stranger.password);
    for (const by of [elsewhere, strange]) {
      const page = await by.post('/account/addresses/code', { code });
      expect([page.status, page.notice]).toEqual([409, en['refusal.address-claim-missing']]);
    }
    expect(await rows()).toEqual([person.address]);
  });

  it('dies with a reset, with sign-out, and after a day', async () => {
    await claim();
    const code = codeOf(await app.mailTo(second));
    const other = app.browser();
    await reachPassword(app, other, person);
    await choosePassword(other);
    const late = await browser.post('/account/addresses/code', { code });
    expect(late.path).toBe('/sign-in?returnTo=%2Faccount%2Faddresses%2Fcode');
    expect(await rows()).toEqual([person.address]);

    person = { ...person, password: newPassword };
    await signIn(browser, person.userId, person.password);
    expect((await browser.open('/account/addresses/code')).path).toBe('/account/addresses');
    await claim(`b.${second}`);
    const fresh = codeOf(await app.mailTo(`b.${second}`));
    app.clock.advance(dayMs);
    expect((await browser.post('/account/addresses/code', { code: fresh })).status).toBe(409);
  });
});

describe('asking for codes', () => {
  it('is bounded by network: the last that is allowed, the first that is refused, and the next hour', async () => {
    const { max, windowMs } = limits['address-add'];
    for (let times = 0; times < max; times += 1) expect((await claim(`${times}.${second}`)).status).toBe(200);
    expect((await claim(`more.${second}`)).status).toBe(429);
    expect(browser.page.valueOf('Email')).toBe(`more.${second}`);
    app.clock.advance(windowMs);
    expect((await claim(`more.${second}`)).status).toBe(200);
  });
});

describe('removing an address', () => {
  beforeEach(async () => {
    // Confirmed later than the first, or chance would say which of the two a user ID leads to.
    app.clock.advance(minuteMs);
    await add();
    await app.deliverMail();
    // Neither is new any more.
    app.clock.advance(72 * hourMs);
  });

  it('takes the password, tells all of them and the one that goes, and leaves the other', async () => {
    expect((await remove(second, 'not the password')).errorAt('Your password')).toBe(en['refusal.password-wrong']);
    const page = await remove(second);
    expect(page.notice).toBe(en['addresses.removed']);
    expect(await rows()).toEqual([person.address]);
    expect(await events('address.removed')).toBe(1);
    for (const address of [person.address, second]) {
      const [notice] = await noticesTo(address);
      expect(notice?.text).toContain(`${second} is no longer on the account ${person.userId} at Corner Shop.`);
    }
    await reachCode(app.browser(), second);
    expect((await app.mailTo(second)).subject).toBe('There is no account with this address at Corner Shop');
  });

  it('may take the first one; the other is then the one that user ID leads to', async () => {
    await remove(person.address);
    await reachPassword(app, app.browser(), { ...person, address: second });
    const other = app.browser();
    await reachCode(other, person.userId);
    expect((await app.mailTo(second)).subject).toContain('verification code');
  });

  it('never takes the last one, not even of two at once', async () => {
    const ids = await app.db.read
      .selectFrom('addresses')
      .select('id')
      .where('address', 'in', [person.address, second])
      .execute();
    const answers = await Promise.all(
      ids.map(({ id }) =>
        browser.send(`/account/addresses/remove/${id}`, {
          method: 'POST',
          body: new URLSearchParams({ password: person.password }),
        }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 422]);
    expect(await rows()).toHaveLength(1);
    await browser.open('/account/addresses');
    expect(browser.page.text).toContain(en['addresses.only']);
    expect(browser.page.html).not.toContain('/remove/');
    const left = await app.db.read
      .selectFrom('addresses')
      .select('id')
      .where('address', 'in', [person.address, second])
      .executeTakeFirstOrThrow();
    expect((await browser.open(`/account/addresses/remove/${left.id}`)).notice).toBe(en['refusal.address-last']);
  });

  it('waits for 72 hours after a reset, to the last millisecond, and says how long', async () => {
    await reachPassword(app, app.browser(), person);
    const other = app.browser();
    app.clock.advance(minuteMs);
    await reachPassword(app, other, person);
    await choosePassword(other);
    person = { ...person, password: newPassword };
    const free = app.clock.now() + 72 * hourMs;
    await signIn(browser, person.userId, person.password);
    await browser.open('/account/addresses');
    const refused = await browser.follow(`Remove ${second}`);
    expect([refused.status, refused.notice]).toEqual([
      409,
      'For three days after a new password or a new email address, and for thirty days after support gave access to the account, what protects it stays as it is. You can do this in 72 hours.',
    ]);
    const [, id = ''] = /remove\/([^"]+)"/.exec(browser.page.html) ?? [];
    app.clock.advance(free - app.clock.now() - 1);
    const post = () => browser.post(`/account/addresses/remove/${id}`, { password: person.password });
    expect((await post()).status).toBe(409);
    app.clock.advance(1);
    expect((await post()).notice).toBe(en['addresses.removed']);
  });

  it('ends codes and links that were mailed there: the page goes on answering, and none is right', async () => {
    const waiting = app.browser();
    await reachCode(waiting, second);
    const mail = await app.mailTo(second);
    await remove(second);
    expect((await enterCode(waiting, codeOf(mail))).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    for (const place of ['link', 'stop'] as const)
      expect((await app.browser().open(linkOf(mail, place))).status).toBe(410);
    app.clock.advance(minuteMs);
    await waiting.press('Send again');
    const codes = (await app.mailsTo(second)).filter(({ subject }) => subject.includes('verification code'));
    expect(codes).toHaveLength(1);
  });

  it('ends a recovery that was proven there, before its new password', async () => {
    const proven = app.browser();
    await reachPassword(app, proven, { ...person, address: second });
    await remove(second);
    expect((await choosePassword(proven)).heading).toBe('This attempt is over');
    expect(await opens(app, person, person.password)).toBe(true);
    // The audit says which network ended it, and why.
    const [removed, ended] = await eventsOf(app, person, 'address.removed', 'recovery.ended');
    expect(removed?.source_hash).toMatch(/./);
    expect(ended).toEqual({ ...removed, event: 'recovery.ended', facts: '{"reason":"address-removed"}' });
  });

  it('leaves alone what was mailed to the other address, and other accounts on the one that went', async () => {
    const sharing = await app.addPerson({ address: second });
    const mine = app.browser();
    await reachCode(mine, person.userId);
    const code = codeOf(await app.mailTo(person.address));
    const theirs = app.browser();
    await reachCode(theirs, sharing.userId);
    const theirCode = codeOf(await app.mailTo(second));
    await remove(second);
    expect((await enterCode(mine, code)).text).toContain(`For the user ID ${person.userId}`);
    expect((await enterCode(theirs, theirCode)).text).toContain(`For the user ID ${sharing.userId}`);
  });

  it('of another account is refused like one that is gone', async () => {
    const stranger = await app.addPerson();
    const { id } = await app.db.read
      .selectFrom('addresses')
      .select('id')
      .where('address', '=', stranger.address)
      .executeTakeFirstOrThrow();
    const page = await browser.post(`/account/addresses/remove/${id}`, { password: person.password });
    expect([page.status, page.notice]).toEqual([409, en['refusal.address-gone']]);
    await reachCode(app.browser(), stranger.address);
    expect((await app.mailTo(stranger.address)).subject).toContain('verification code');
  });
});

describe('whoever is not signed in', () => {
  it.each(['/account/addresses', '/account/addresses/code', '/account/addresses/remove/x'])(
    'is led from %s to the sign-in, and back',
    async (path) => {
      const nobody = app.browser();
      await nobody.open(path);
      expect(nobody.page.path).toBe(`/sign-in?${new URLSearchParams({ returnTo: path })}`);
      expect((await nobody.post(path, {})).heading).toBe('Sign in');
    },
  );
});

it('speaks Spanish on its pages and in its mails', async () => {
  const lucia = await app.addPerson({ locale: 'es' });
  const spanish = app.browser('es');
  await spanish.open('/sign-in');
  const typed = { 'Email o ID de usuario': lucia.userId, Contraseña: lucia.password };
  await spanish.press('Iniciar sesión', typed);
  await spanish.open('/account/addresses');
  await spanish.press('Añadir', { Email: second, 'Tu contraseña': lucia.password });
  const mail = await app.mailTo(second);
  expect(mail.subject).toBe('Confirma este email para Corner Shop');
  await spanish.press('Confirmar', { 'Código de verificación': codeOf(mail) });
  expect(spanish.page.notice).toBe('Se ha añadido el email. Desde ahora te puede llegar un código allí.');
  expect((await app.mailTo(lucia.address)).subject).toBe('Los emails de tu cuenta de Corner Shop han cambiado');
});

it('meets no fault of ours in all of this', () => {
  expect(app.faults).toEqual([]);
});
