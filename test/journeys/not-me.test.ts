// "This was not me" from the notice of a change (walks 37, 38, 39; D10, D11, S11): its link does nothing without the number
// that stands only in the mail; with it everybody is out, the password of that change is suspended, and the owner gets
// back in through an address that was theirs before.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Secret, TOTP } from 'otpauth';
import { dayMs, hourMs } from '../../src/base/clock.ts';
import { en } from '../../src/i18n/en.ts';
import { es } from '../../src/i18n/es.ts';
import { stepMs } from '../../src/proofs/totp.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import type { Browser, Page } from '../../src/testing/browser.ts';
import { linksIn, type ReceivedMail } from '../../src/testing/mailbox.ts';
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
  wrong,
} from './steps.ts';

const thiefs = 'a stolen green bicycle';
const subject = 'Your password at Corner Shop has been changed';

let app: TestApp;
let person: Person;
let owner: Browser;
let thief: Browser;
let notice: ReceivedMail;
beforeAll(async () => {
  app = await createTestApp();
});
/** Somebody who reads the owner's mail has chosen a new password. */
beforeEach(async () => {
  const own = `owner${Math.random().toString(36).slice(2, 10)}`;
  person = await app.addPerson({ userId: own, addresses: [`${own}@mail.example`, `${own}@second.example`] });
  owner = app.browser();
  thief = app.browser();
  app.clock.advance(1_000);
  await reachPassword(app, thief, person);
  await choosePassword(thief, thiefs);
  notice = await app.mailTo(person.address);
  expect(notice.subject).toBe(subject);
});
afterAll(() => app.close());

const typeNumber = (browser: Browser, number: string): Promise<Page> =>
  browser.press('Sign everybody out', { 'Number from the notice': number });

async function disown(browser = owner, mail = notice): Promise<Page> {
  await browser.open(linkOf(mail, 'stop'));
  return typeNumber(browser, numberOf(mail));
}

const eventsOf = async (event: string) => {
  const { id } = await app.db.read
    .selectFrom('accounts')
    .select('id')
    .where('user_id', '=', person.userId)
    .executeTakeFirstOrThrow();
  return app.db.read
    .selectFrom('audit_events')
    .selectAll()
    .where('account_id', '=', id)
    .where('event', '=', event)
    .execute();
};

describe('the notice of a change', () => {
  it('goes to every address, each with a link and a number of its own, and no number in an address', async () => {
    const second = await app.mailTo(`${person.userId}@second.example`);
    expect(second.subject).toBe(subject);
    expect(linkOf(second, 'stop')).not.toBe(linkOf(notice, 'stop'));
    expect(numberOf(second)).not.toBe(numberOf(notice));
    expect(linkOf(notice, 'stop')).toMatch(/^\/recover\/stop\/[\w-]{22}$/);
    for (const link of linksIn(notice)) expect(link.replace(app.origin, '')).not.toContain(numberOf(notice));
    expect(linksIn(notice).some((link) => link.endsWith('/recover/case'))).toBe(true);
  });

  it('is kept as keyed hashes alone', async () => {
    const rows = await app.db.read.selectFrom('notices').selectAll().execute();
    const outbox = await app.db.read.selectFrom('outbox').selectAll().execute();
    const stored = JSON.stringify([rows, outbox]);
    expect(stored).not.toContain(numberOf(notice));
    expect(stored).not.toContain(linkOf(notice, 'stop').split('/').at(-1));
  });

  it('goes out though the mailbox is silent and its mails of the day are used up', async () => {
    for (let times = 0; times < 8; times += 1) {
      await reachCode(app.browser(), person.address);
      await app.deliverMail();
      app.clock.advance(20 * 60_000);
    }
    const [code] = (await app.mailsTo(person.address)).filter(({ text }) => text.includes('/recover/link/'));
    if (!code) throw new Error('no code');
    await owner.open(linkOf(code, 'stop'));
    await owner.press('Stop this', { 'Verification code': codeOf(code) });
    const before = (await app.mailsTo(person.address)).length;
    await owner.follow('It is me after all');
    await enterCode(owner, codeOf(code));
    await choosePassword(owner);
    const mails = await app.mailsTo(person.address);
    expect([mails.length, mails[0]?.subject]).toEqual([before + 1, subject]);
  });
});

describe('with its number', () => {
  it('everybody is out, the new password and the old one are worth nothing, and the owner recovers', async () => {
    await signIn(thief, person.userId, thiefs);
    expect((await thief.open('/account')).text).toContain(`Signed in as ${person.userId}`);
    await owner.open(linkOf(notice, 'stop'));
    expect(owner.page.heading).toBe('This was not me');
    const page = await typeNumber(owner, numberOf(notice));
    expect([page.status, page.heading]).toEqual([200, 'Everybody has been signed out']);
    expect(page.text).toContain(en['recover.disowned-suspended']);
    expect(page.text).toContain(`Start with this email address: ${person.address}`);
    expect((await thief.open('/account')).text).toContain('Not signed in');
    expect(await opens(app, person, thiefs)).toBe(false);
    expect(await opens(app, person, person.password)).toBe(false);

    await reachPassword(app, owner, person);
    await choosePassword(owner);
    expect(await opens(app, person, newPassword)).toBe(true);
    expect(await opens(app, person, thiefs)).toBe(false);
    const again = await app.mailTo(person.address);
    expect([again.subject, linkOf(again, 'stop') === linkOf(notice, 'stop')]).toEqual([subject, false]);
  });

  it('a sign-in with the suspended password fails like a wrong one', async () => {
    await disown();
    const suspended = await signIn(app.browser(), person.userId, thiefs);
    const plain = await signIn(app.browser(), person.userId, 'not the password at all');
    expect([suspended.status, suspended.notice]).toEqual([plain.status, plain.notice]);
    expect(suspended.status).toBe(422);
  });

  it('a recovery that the thief has proven is over, and one that waits for its code leads nowhere', async () => {
    const proven = app.browser();
    await reachPassword(app, proven, person);
    const waiting = app.browser();
    await reachCode(waiting, person.userId);
    const code = await app.mailTo(person.address);
    await disown();
    await choosePassword(proven, thiefs);
    expect([proven.page.status, proven.page.heading]).toEqual([409, 'This attempt is over']);
    expect((await enterCode(waiting, codeOf(code))).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    expect((await waiting.open(linkOf(code, 'link'))).status).toBe(410);
    expect((await waiting.open(linkOf(code, 'stop'))).status).toBe(410);
  });

  it('an address that was added after the change is gone, one from before it recovers', async () => {
    const { id: accountId } = await app.db.read
      .selectFrom('accounts')
      .select('id')
      .where('user_id', '=', person.userId)
      .executeTakeFirstOrThrow();
    app.clock.advance(1_000);
    const planted = `planted-${person.userId}@mail.example`;
    await app.db.write((tx) =>
      tx
        .insertInto('addresses')
        .values({
          id: planted,
          site: 'default',
          account_id: accountId,
          address: planted,
          address_key: planted,
          confirmed_at: app.clock.now(),
          created_at: app.clock.now(),
        })
        .execute(),
    );
    await disown();
    await reachCode(app.browser(), planted);
    // Both went out at once.
    expect((await app.mailsTo(planted)).map((mail) => mail.subject).toSorted()).toEqual([
      'The email addresses of your account at Corner Shop have changed',
      'There is no account with this address at Corner Shop',
    ]);
    await reachPassword(app, owner, { ...person, address: `${person.userId}@second.example` });
    await choosePassword(owner);
    expect(await opens(app, person, newPassword)).toBe(true);
    expect((await app.mailsTo(planted)).some((mail) => mail.subject === subject)).toBe(false);
  });

  describe('an authenticator app', () => {
    const codeNow = (secret: string) =>
      new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: app.clock.now() });

    /** Sets one up in a session that was begun with this password; a step later its next code is good. */
    async function addApp(browser: Browser, password: string): Promise<string> {
      await signIn(browser, person.userId, password);
      await browser.open('/account/authenticator');
      const page = await browser.press('Set up', { 'Your password': password });
      const secret = (/class="code key">([^<]+)/.exec(page.html)?.[1] ?? '').replaceAll(' ', '');
      await browser.press('Switch on', { 'Code from the app': codeNow(secret) });
      expect(browser.page.notice).toBe('The authenticator app is switched on.');
      app.clock.advance(stepMs);
      return secret;
    }

    it('that was added after the change does not keep the owner out, and every address is told', async () => {
      app.clock.advance(1_000);
      await addApp(thief, thiefs);
      expect((await disown()).text).toContain(en['recover.disowned-gone']);
      await reachPassword(app, owner, person);
      await choosePassword(owner);
      expect(await opens(app, person, newPassword)).toBe(true);
      const told = (await app.mailsTo(`${person.userId}@second.example`)).map((mail) => mail.subject);
      expect(told).toContain('The authenticator app was removed at Corner Shop');
      const [event] = await eventsOf('password.disowned');
      expect(JSON.parse(event?.facts ?? '')).toMatchObject({ isFactorRemoved: 1 });
    });

    it('that is being set up cannot be finished any more', async () => {
      app.clock.advance(1_000);
      await signIn(thief, person.userId, thiefs);
      await thief.open('/account/authenticator');
      await thief.press('Set up', { 'Your password': thiefs });
      await disown();
      const left = await app.db.read.selectFrom('authenticator_set_ups').selectAll().execute();
      expect(left).toEqual([]);
    });

    it('that was there before stays: whoever holds the mailbox alone does not get past it', async () => {
      const secret = await addApp(owner, thiefs);
      app.clock.advance(72 * hourMs);
      await reachPassword(app, thief, person);
      await choosePassword(thief, 'another stolen bicycle');
      await disown(thief, await app.mailTo(person.address));
      await reachPassword(app, thief, person);
      await choosePassword(thief, newPassword);
      await signIn(thief, person.userId, newPassword);
      expect(thief.page.path).toBe('/sign-in/second-factor');
      await thief.press('Continue', { Code: codeNow(secret) });
      expect(thief.page.text).toContain(`Signed in as ${person.userId}`);
    });
  });

  it('it is in the audit trail, by the account', async () => {
    await signIn(thief, person.userId, thiefs);
    await disown();
    const [event, ...more] = await eventsOf('password.disowned');
    expect(more).toEqual([]);
    expect(JSON.parse(event?.facts ?? '')).toEqual({ addressesDropped: 0, isSuspended: 1, isFactorRemoved: 0 });
  });

  it('the second notice of the change says the same and signs out nobody who came in since', async () => {
    const second = await app.mailTo(`${person.userId}@second.example`);
    await disown();
    const page = await disown(app.browser(), second);
    expect([page.status, page.text.includes(en['recover.disowned-suspended'])]).toEqual([200, true]);
    await reachPassword(app, owner, person);
    await choosePassword(owner);
    await signIn(owner, person.userId, newPassword);
    const late = await disown(app.browser(), second);
    expect([late.status, late.text.includes(en['recover.disowned-changed-again'])]).toEqual([200, true]);
    expect((await owner.open('/account')).text).toContain(`Signed in as ${person.userId}`);
    expect(await eventsOf('password.disowned')).toHaveLength(1);
  });

  it('a password that was set since is not touched; the sessions end all the same, and the page says so', async () => {
    app.clock.advance(hourMs);
    const other = 'another stolen bicycle';
    await reachPassword(app, thief, person);
    await choosePassword(thief, other);
    await signIn(thief, person.userId, other);
    const page = await disown();
    expect([page.status, page.text.includes(en['recover.disowned-changed-again'])]).toEqual([200, true]);
    // The words lead to the newest notice, so the button does not press for another password.
    expect(page.html).not.toMatch(/class="button primary"/);
    expect((await thief.open('/account')).text).toContain('Not signed in');
    expect(await opens(app, person, other)).toBe(true);
    // The newest notice does what the page says.
    expect((await disown(owner, await app.mailTo(person.address))).text).toContain(en['recover.disowned-suspended']);
    expect(await opens(app, person, other)).toBe(false);
  });

  it('works for seven days and no longer', async () => {
    app.clock.advance(7 * dayMs - 1);
    await owner.open(linkOf(notice, 'stop'));
    expect(owner.page.heading).toBe('This was not me');
    app.clock.advance(1);
    const page = await typeNumber(owner, numberOf(notice));
    expect([page.status, page.text.includes(en['recover.stop-over'])]).toEqual([410, true]);
    expect((await app.browser().open(linkOf(notice, 'stop'))).status).toBe(410);
    expect(await opens(app, person, thiefs)).toBe(true);
  });

  it('works until the last moment of the seven days', async () => {
    app.clock.advance(7 * dayMs - 1);
    expect((await disown()).status).toBe(200);
  });
});

describe('without its number', () => {
  it('a robot that opens every link and sends every form changes nothing, and the owner still can', async () => {
    const robot = app.browser();
    await signIn(thief, person.userId, thiefs);
    for (let times = 0; times < 7; times += 1) {
      for (const link of linksIn(notice)) {
        const { pathname } = new URL(link);
        await robot.send(pathname, { method: 'HEAD' });
        await robot.open(pathname);
        await robot.post(pathname, {});
        if (!pathname.includes('/stop/')) continue;
        await robot.post(pathname, { number: pathname.split('/').at(-1) ?? '' });
        await robot.post(pathname, { number: 'test', code: '' });
      }
    }
    expect((await thief.open('/account')).text).toContain(`Signed in as ${person.userId}`);
    expect((await disown()).heading).toBe('Everybody has been signed out');
  });

  it.each([
    ['none', '', en['refusal.number-missing']],
    ['a part of it', '123', en['refusal.number-shape']],
    ['a code', '1234 5678', en['refusal.number-shape']],
  ])('%s is refused in words and spends no try', async (_, typed, words) => {
    await owner.open(linkOf(notice, 'stop'));
    for (let times = 0; times < 6; times += 1) {
      const page = await typeNumber(owner, typed);
      expect([page.status, page.errorAt('Number from the notice')]).toEqual([422, words]);
      expect(page.valueOf('Number from the notice')).toBe(typed);
    }
    expect((await typeNumber(owner, numberOf(notice))).status).toBe(200);
  });

  it('the number of another notice is a wrong one', async () => {
    const second = await app.mailTo(`${person.userId}@second.example`);
    await owner.open(linkOf(notice, 'stop'));
    expect((await typeNumber(owner, numberOf(second))).errorAt('Number from the notice')).toBe(
      en['refusal.number-wrong'],
    );
    expect(await opens(app, person, thiefs)).toBe(true);
    expect(await eventsOf('notice.number_wrong')).toHaveLength(1);
  });

  it('a browser has five tries and a notice twenty', async () => {
    for (let browsers = 0; browsers < 4; browsers += 1) {
      const browser = app.browser();
      await browser.open(linkOf(notice, 'stop'));
      for (let times = 0; times < 5; times += 1)
        expect((await typeNumber(browser, wrong(numberOf(notice)))).status).toBe(422);
      expect((await typeNumber(browser, numberOf(notice))).status).toBe(429);
    }
    const late = app.browser();
    await late.open(linkOf(notice, 'stop'));
    expect((await typeNumber(late, numberOf(notice))).status).toBe(410);
    expect(await eventsOf('notice.number_wrong')).toHaveLength(20);
    // The other notice has tries of its own.
    expect((await disown(late, await app.mailTo(`${person.userId}@second.example`))).status).toBe(200);
  });

  it('the last of the twenty still counts', async () => {
    for (let browsers = 0; browsers < 4; browsers += 1) {
      const browser = app.browser();
      await browser.open(linkOf(notice, 'stop'));
      const tries = browsers === 3 ? 4 : 5;
      for (let times = 0; times < tries; times += 1) await typeNumber(browser, wrong(numberOf(notice)));
      if (browsers === 3) expect((await typeNumber(browser, numberOf(notice))).status).toBe(200);
    }
  });

  it('a browser that used up its five may try again a day later', async () => {
    await owner.open(linkOf(notice, 'stop'));
    for (let times = 0; times < 5; times += 1) await typeNumber(owner, wrong(numberOf(notice)));
    app.clock.advance(dayMs);
    await owner.open(linkOf(notice, 'stop'));
    expect((await typeNumber(owner, numberOf(notice))).status).toBe(200);
  });

  it('the number of a notice does nothing under the link of a code mail', async () => {
    await reachCode(app.browser(), person.address);
    const code = await app.mailTo(person.address);
    const page = await owner.post(linkOf(code, 'stop'), { number: numberOf(notice) });
    expect([page.status, page.errorAt('Verification code')]).toEqual([422, en['refusal.code-missing']]);
    const other = await owner.post(linkOf(notice, 'stop'), { code: codeOf(code) });
    expect([other.status, other.errorAt('Number from the notice')]).toEqual([422, en['refusal.number-missing']]);
  });
});

it('speaks Spanish from the mail to the end', async () => {
  const lucia = app.browser('es');
  const { address } = await app.addPerson({ locale: 'es' });
  await lucia.open('/recover');
  await lucia.press('Continuar', { 'Email o ID de usuario': address });
  await lucia.press('Verificar ahora', {}, 'Verificación de email (Recomendado)');
  const code = codeOf(await app.mailTo(address));
  await lucia.press('Confirmar', { 'Código de verificación': code });
  const password = 'siete paraguas verdes';
  await lucia.press('Continuar', { 'Nueva contraseña': password, 'Confirma la nueva contraseña': password });
  const aviso = await app.mailTo(address);
  expect(aviso.text).toContain('Número de este aviso:');
  expect(aviso.text).toContain('Esto sirve durante 7 días.');
  await lucia.open(linkOf(aviso, 'stop'));
  expect(lucia.page.heading).toBe('No he sido yo');
  const page = await lucia.press('Cerrar todas las sesiones', { 'Número del aviso': numberOf(aviso) });
  expect(page.heading).toBe('Se han cerrado todas las sesiones');
  expect(page.text).toContain(es['recover.disowned-suspended']);
});

it('meets no fault of ours in all of this', () => {
  expect(app.faults).toEqual([]);
});
