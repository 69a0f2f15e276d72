// No foreign word (walk 62): every page, every refusal and every mail in one language holds no text of the other. The
// walks of both languages visit everything here; messages of the other language are looked for in what they saw.
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayMs, minuteMs } from '../../src/base/clock.ts';
import { en } from '../../src/i18n/en.ts';
import { es } from '../../src/i18n/es.ts';
import { type MessageKey, translator } from '../../src/i18n/translate.ts';
import { stepMs } from '../../src/proofs/totp.ts';
import { codesOn } from '../../src/testing/agents.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import type { Browser, Page } from '../../src/testing/browser.ts';
import type { ReceivedMail } from '../../src/testing/mailbox.ts';
import { createPasskeyDevice, passkeyOptionsOn } from '../passkey.ts';
import { choosePassword, codeOf, keptFrom, linkOf, newPassword, reachPassword, signIn, wrong } from './steps.ts';

let app: TestApp;
beforeAll(async () => {
  // By its name passkeys are offered.
  app = await createTestApp({ host: 'localhost' });
});
afterAll(() => app.close());

const languages = { en, es };

/** The fixed words of a message: what stands between its values. */
const wordsOf = (message: string) =>
  message
    .split(/\{[^}]*\}/)
    .map((part) => part.trim())
    .filter((part) => /\p{L}{2}/u.test(part));

/** Words that only the other language has. Short ones count only where they stand alone. */
function foreignTo(locale: 'en' | 'es'): readonly string[] {
  const own = new Set(Object.values(languages[locale]).flatMap(wordsOf));
  const other = Object.values(languages[locale === 'en' ? 'es' : 'en']).flatMap(wordsOf);
  return Array.from(new Set(other)).filter((words) => !own.has(words));
}

/** Every piece of text: between tags, and in the attributes that people hear or see. */
function piecesOf(html: string): string[] {
  const shown = html.replace(/<(style|script)\b[\s\S]*?<\/\1>/g, '');
  const attributes = Array.from(
    shown.matchAll(/\b(?:alt|aria-label|aria-valuetext|title|placeholder|data-[\w-]+|content)="([^"]*)"/g),
    ([, value = '']) => value,
  );
  return [...shown.split(/<[^>]*>/), ...attributes]
    .map((piece) => piece.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&').trim())
    .filter((piece) => piece !== '');
}

const longEnough = 12;

function foreignIn(locale: 'en' | 'es', pieces: readonly string[]): string[] {
  const all = pieces.join('\n');
  return foreignTo(locale).filter(
    (words) => pieces.includes(words) || (words.length >= longEnough && all.includes(words)),
  );
}

/** Walks everywhere in one language, and brings home every page and every mail. */
async function seeEverything(locale: 'en' | 'es') {
  const t = translator(locale);
  const pages: Page[] = [];
  const browser = app.browser(locale);
  const press = async (
    by: Browser,
    key: MessageKey,
    fields: Partial<Record<MessageKey, string>> = {},
    under?: MessageKey,
  ) => {
    const labelled = Object.entries(fields).map(([label, value]) => [isKey(label) ? t(label) : label, value]);
    pages.push(await by.press(t(key), Object.fromEntries(labelled), under && t(under)));
  };
  const open = async (by: Browser, path: string) => void pages.push(await by.open(path));
  const ask = async (by: Browser, identifier: string) => {
    await open(by, '/recover');
    await press(by, 'page.continue', { 'recover.identifier': identifier });
    await press(by, 'recover.verify', {}, 'recover.email');
  };

  // Signing up, with each of its refusals.
  const userId = `person.${locale}`;
  const address = `person.${locale}@mail.example`;
  const password = 'an early and loud bird';
  const sign = { 'sign-up.user-id': userId, 'sign-up.address': address, 'sign-up.password': password } as const;
  await open(browser, '/sign-in');
  await press(browser, 'sign-in.submit');
  await press(browser, 'sign-in.submit', { 'sign-in.identifier': 'x' });
  await press(browser, 'sign-in.submit', { 'sign-in.identifier': 'x', 'sign-in.password': 'y' });
  await open(browser, '/sign-up');
  for (const typed of [
    { ...sign, 'sign-up.user-id': '@' },
    { ...sign, 'sign-up.address': '@' },
    { ...sign, 'sign-up.password': '' },
    { ...sign, 'sign-up.password': 'x' },
    { ...sign, 'sign-up.password': 'xy '.repeat(100) },
    { ...sign, 'sign-up.password': 'passwordpassword' },
    { ...sign, 'sign-up.password': `${userId}${userId}` },
    sign,
  ])
    await press(browser, 'sign-up.submit', typed);
  await press(browser, 'recover.confirm', { 'recover.code': '' });
  await press(browser, 'recover.confirm', { 'recover.code': '1' });
  await press(browser, 'recover.confirm', { 'recover.code': '12345678' });
  await press(browser, 'recover.again');
  app.clock.advance(minuteMs);
  await press(browser, 'recover.again');
  await press(browser, 'recover.confirm', { 'recover.code': codeOf(await app.mailTo(address)) });
  const again = app.browser(locale);
  await open(again, '/sign-up');
  await press(again, 'sign-up.submit', sign);
  const taken = app.browser(locale);
  await open(taken, '/sign-up');
  await press(taken, 'sign-up.submit', { ...sign, 'sign-up.address': `other.${address}` });
  await press(taken, 'recover.confirm', { 'recover.code': codeOf(await app.mailTo(`other.${address}`)) });
  await press(taken, 'page.continue', { 'sign-up.user-id': userId });

  // Recovering, with each of its refusals.
  const person = app.browser(locale);
  await open(person, '/sign-in');
  await open(person, '/recover');
  await press(person, 'page.continue', { 'recover.identifier': '' });
  await press(person, 'page.continue', { 'recover.identifier': '@' });
  await press(person, 'page.continue', { 'recover.identifier': 'maria@gmial.com' });
  await ask(person, address);
  await press(person, 'recover.again');
  await press(person, 'recover.confirm', { 'recover.code': '' });
  await press(person, 'recover.confirm', { 'recover.code': '1' });
  const mail = await app.mailTo(address);
  for (let times = 0; times < 5; times += 1)
    await press(person, 'recover.confirm', { 'recover.code': wrong(codeOf(mail)) });
  await open(person, '/recover/code');
  await ask(person, `nobody.${locale}@mail.example`);
  await app.deliverMail();
  for (let times = 0; times < 3; times += 1) {
    app.clock.advance(minuteMs);
    await press(person, 'recover.again');
  }
  app.clock.advance(30 * minuteMs);
  await open(person, '/recover/code');
  await open(person, '/recover/method');
  app.clock.advance(dayMs);
  await open(person, '/recover/code');
  const phone = app.browser(locale);
  await open(phone, '/recover/stop/AAAAAAAAAAAAAAAAAAAAAA');
  await open(phone, '/recover/link/AAAAAAAAAAAAAAAAAAAAAA');
  await ask(person, address);
  const live = await app.mailTo(address);
  await open(phone, linkOf(live, 'stop'));
  await press(phone, 'recover.stop-submit', { 'recover.code': '1' });
  await press(phone, 'recover.stop-submit', { 'recover.code': codeOf(live) });
  await open(phone, linkOf(live, 'link'));
  await press(phone, 'recover.confirm', { 'recover.code': wrong(codeOf(live)) });
  await press(phone, 'recover.confirm', { 'recover.code': codeOf(live) });
  await press(phone, 'page.continue', { 'recover.password': 'x', 'recover.password-repeat': 'x' });
  await press(phone, 'page.continue', { 'recover.password': password, 'recover.password-repeat': 'x' });
  await press(phone, 'page.continue', { 'recover.password': password, 'recover.password-repeat': password });
  await open(phone, '/sign-in');
  pages.push(await phone.post('/recover/code', { recovery: '', code: '' }));
  pages.push(await app.browser(locale).post('/recover/code', { recovery: '', code: '' }));
  pages.push(await phone.post('/sign-up/code', { code: '' }));

  // An authenticator app, with each of its refusals, and too many wrong passwords.
  const owner = app.browser(locale);
  const credentials = { 'sign-in.identifier': userId, 'sign-in.password': password } as const;
  const passwordAgain = { 'account.password-again': password } as const;
  await open(owner, '/sign-in');
  await press(owner, 'sign-in.submit', credentials);
  await open(owner, '/account/authenticator');
  await press(owner, 'authenticator.begin', { 'account.password-again': '' });
  await press(owner, 'authenticator.begin', { 'account.password-again': 'x' });
  await press(owner, 'authenticator.begin', passwordAgain);
  const key = (/class="code key">([^<]+)/.exec(owner.page.html)?.[1] ?? '').replaceAll(' ', '');
  const totp = new TOTP({ secret: Secret.fromBase32(key) });
  const codeNow = (offMs = 0) => totp.generate({ timestamp: app.clock.now() + offMs });
  await press(owner, 'authenticator.switch-on', { 'authenticator.first-code': '' });
  await press(owner, 'authenticator.switch-on', { 'authenticator.first-code': '1' });
  await press(owner, 'authenticator.switch-on', { 'authenticator.first-code': codeNow(dayMs) });
  await press(owner, 'authenticator.switch-on', { 'authenticator.first-code': codeNow() });
  pages.push(await owner.post('/account/authenticator/set-up', { code: '123456' }));
  await open(owner, '/account/authenticator');
  await press(owner, 'authenticator.remove', { ...passwordAgain, 'second.code': '123456' });
  app.clock.advance(minuteMs);
  await press(owner, 'authenticator.new-spare', { ...passwordAgain, 'second.code': codeNow(dayMs) });
  await press(owner, 'authenticator.new-spare', { ...passwordAgain, 'second.code': codeNow() });
  const second = app.browser(locale);
  for (const code of ['', '1', ...Array.from({ length: 5 }, () => codeNow(dayMs))]) {
    if (code === '') {
      await open(second, '/sign-in');
      await press(second, 'sign-in.submit', credentials);
    }
    await press(second, 'page.continue', { 'second.code': code });
  }
  pages.push(await second.post('/sign-in/second-factor', { code: '123456' }));
  app.clock.advance(3 * dayMs);
  await open(owner, '/account/authenticator');
  await press(owner, 'authenticator.remove', { ...passwordAgain, 'second.code': codeNow() });
  await open(second, '/sign-in');
  await press(second, 'sign-in.submit', { ...credentials, 'sign-in.password': 'x' });
  await app.db.write((tx) => tx.updateTable('password_tries').set({ wrong_in_a_row: 100 }).execute());
  await press(second, 'sign-in.submit', credentials);

  // Support.
  const stuck = app.browser(locale);
  await open(stuck, '/recover/case');
  await press(stuck, 'case.submit', { 'case.contact': address });
  await press(stuck, 'case.submit', { 'case.contact': address, 'case.other': 'chosen' });
  await press(stuck, 'case.submit', { 'case.contact': '@', 'case.other': 'chosen', 'case.words': 'x' });
  const contact = `stuck.${locale}@mail.example`;
  await press(stuck, 'case.submit', { 'case.contact': contact, 'case.other': 'chosen', 'case.words': 'x' });
  const kept = keptFrom(stuck.page);
  const status = stuck.page.links.get(t('case.look')) ?? '';
  await open(stuck, `${status}/contact`);
  await press(stuck, 'recover.confirm', { 'recover.code': '1' });
  await press(stuck, 'recover.again');
  await open(stuck, `${status}/contact/change`);
  await press(stuck, 'case.contact-change-submit', { 'case.contact': '@' });
  await press(stuck, 'case.contact-change-submit', { 'case.contact': contact });
  await press(stuck, 'recover.confirm', { 'recover.code': codeOf(await app.mailTo(contact)) });
  for (const event of ['asked', 'taken-up', 'decided'] as const) {
    const row = await app.db.read
      .selectFrom('cases')
      .selectAll()
      .orderBy('created_at', 'desc')
      .executeTakeFirstOrThrow();
    await app.db.write((tx) => app.app.cases.move(tx, row, event));
    await open(stuck, status);
  }
  const elsewhere = app.browser(locale);
  await open(elsewhere, status);
  await press(elsewhere, 'case.status-ask-submit', { 'case.number': 'x', 'case.code': '' });
  await press(elsewhere, 'case.status-ask-submit', { 'case.number': kept.number, 'case.code': '1' });
  await press(elsewhere, 'case.status-ask-submit', { 'case.code': 'ACDE FGHJ KMNP QRTV' });
  pages.push(await elsewhere.post(`${status}/contact`, { code: '' }));

  // The agents of the support desk, with each of their refusals.
  const agent = app.browser(locale);
  const added = await app.app.agents.add({ name: userId, role: 'auditor', locale });
  if (!added.ok) throw new Error(added.reason);
  const enrolment = `/support/enrol/${added.token}`;
  await open(agent, enrolment);
  const codeAt = codesOn(agent.page);
  const chosen = { 'recover.password': password, 'recover.password-repeat': password } as const;
  for (const typed of [
    { ...chosen, 'recover.password': 'x' },
    { ...chosen, 'recover.password-repeat': 'x' },
    { ...chosen, 'authenticator.first-code': '1' },
    { ...chosen, 'authenticator.first-code': codeAt(0) },
    { ...chosen, 'authenticator.first-code': codeAt(app.clock.now() - stepMs) },
  ])
    await press(agent, 'desk.enrol-finish', typed);
  await open(agent, enrolment);
  pages.push(await agent.post('/support/own', { backOn: '' }));
  await open(agent, '/support');
  const right = {
    'desk.agent-name': userId,
    'sign-in.password': password,
    'desk.code': codeAt(app.clock.now()),
  } as const;
  await press(agent, 'sign-in.submit', { ...right, 'desk.agent-name': '' });
  await press(agent, 'sign-in.submit', { ...right, 'sign-in.password': '' });
  await press(agent, 'sign-in.submit', { ...right, 'desk.code': '1' });
  await press(agent, 'sign-in.submit', { ...right, 'desk.code': '000000' });
  await press(agent, 'sign-in.submit', right);
  await open(agent, '/support/own');
  await press(agent, 'desk.away-keep', { 'desk.back-on': 'x' });
  await press(agent, 'desk.away-keep', { 'desk.back-on': dayAfter(app.clock.now()) });
  const device = createPasskeyDevice({ origin: app.origin });
  for (const [typed, passkey] of [
    ['x', '{}'],
    [password, '{}'],
    [password, device.make(passkeyOptionsOn(await agent.open('/support/own')))],
  ])
    pages.push(await agent.post('/support/own/passkeys', { password: typed ?? '', passkey: passkey ?? '' }));
  await open(agent, '/support/own');
  await press(agent, 'account.sign-out');
  for (let times = 0; times < 12; times += 1)
    await press(agent, 'sign-in.submit', { ...right, 'sign-in.password': 'x' });

  // Problems.
  await open(stuck, '/nowhere');
  pages.push(await stuck.post('/recover', { unknown: '' }));
  pages.push(await stuck.post('/recover', { identifier: 'x'.repeat(20_000) }));
  await app.deliverMail();
  return {
    // The account's page is the site's own.
    pages: pages.filter(({ path }) => path !== '/account'),
    mails: app.mailbox.messages().filter(({ recipients }) => recipients[0]?.includes(`.${locale}@`)),
  };
}

const dayAfter = (now: number) => new Date(now + dayMs).toISOString().slice(0, 10);
const isKey = (text: string): text is MessageKey => Object.hasOwn(en, text);

it('a word of the other language would be found, alone or in a sentence', () => {
  expect(foreignIn('en', ['Asunto'])).toEqual(['Asunto']);
  expect(foreignIn('es', [`Ana: ${en['recover.lead']}`])).toEqual([en['recover.lead']]);
});

describe.each(['en', 'es'] as const)('in "%s"', (locale) => {
  let seen: { readonly pages: readonly Page[]; readonly mails: readonly ReceivedMail[] };
  beforeAll(async () => {
    seen = await seeEverything(locale);
  }, 180_000);

  it('no page has a word of the other language', () => {
    for (const page of seen.pages) {
      expect([page.path, page.language]).toEqual([page.path, locale]);
      expect([page.path, foreignIn(locale, piecesOf(page.html))]).toEqual([page.path, []]);
    }
  });

  it('no mail has one, from its subject to its footer', () => {
    expect(new Set(seen.mails.map(({ subject }) => subject)).size).toBe(10);
    for (const mail of seen.mails) {
      const pieces = [mail.subject, ...mail.text.split('\n').map((line) => line.trim()), ...piecesOf(mail.html)];
      expect([mail.subject, foreignIn(locale, pieces)]).toEqual([mail.subject, []]);
      expect(mail.source).toMatch(new RegExp(`^Content-Language: ${locale}\r?$`, 'm'));
    }
  });

  it('nothing is said twice or not at all: no key shows through, no value is missing', () => {
    const all = [...seen.pages.map(({ text }) => text), ...seen.mails.map(({ text, subject }) => subject + text)];
    for (const text of all) {
      expect(text).not.toMatch(/\{\w+\}|undefined|NaN|\[object|refusal\.|problem\.\w/);
    }
  });
});

describe('the language', () => {
  it('is changed by its link, on the page where one is, and stays', async () => {
    const browser = app.browser('en');
    await browser.open('/sign-in?returnTo=%2Forders%2F1');
    await browser.follow('Español');
    expect(browser.page.heading).toBe('Iniciar sesión');
    expect(browser.page.html).toContain('name="returnTo" value="/orders/1"');
    expect((await browser.open('/recover')).language).toBe('es');
  });

  it.each([
    ['fr, de;q=0.5', 'en'],
    ['es-AR, en;q=0.5', 'es'],
    ['en;q=0.1, es;q=0.2', 'es'],
    ['es;q=0, en', 'en'],
    ['', 'en'],
  ])('for a browser that asks for "%s" is %s', async (accepted, language) => {
    const response = await app.browser().send('/recover', { headers: { 'accept-language': accepted } });
    expect(await response.text()).toContain(`<html lang="${language}">`);
  });

  it('of the mail is the language of the page that asked for it', async () => {
    const person = await app.addPerson({ locale: 'en' });
    const browser = app.browser('es');
    await browser.open('/recover');
    await browser.press('Continuar', { 'Email o ID de usuario': person.address });
    await browser.press('Verificar ahora', {}, 'Verificación de email (Recomendado)');
    expect((await app.mailTo(person.address)).subject).toBe('Tu código de verificación para Corner Shop');
  });

  it("of every notice is the account's own, whatever language the page of the change was in", async () => {
    const person = await app.addPerson({ locale: 'es' });
    const further = `further.${person.address}`;
    const stranger = app.browser('en');
    await reachPassword(app, stranger, person);
    await choosePassword(stranger);
    await signIn(stranger, person.userId, newPassword);
    await stranger.open('/account/addresses');
    app.clock.advance(1);
    await stranger.press('Add', { Email: further, 'Your password': newPassword });
    await stranger.press('Confirm', { 'Verification code': codeOf(await app.mailTo(further)) });
    await stranger.follow(`Remove ${further}`);
    await stranger.press('Remove', { 'Your password': newPassword });
    await stranger.open('/account/password');
    await stranger.press('Continue', {
      'The password you have now': newPassword,
      'New password': 'a stolen green bicycle',
      'Confirm the new password': 'a stolen green bicycle',
    });
    const subjects = (await app.mailsTo(person.address)).map(({ subject }) => subject).toReversed();
    expect(subjects).toEqual([
      'Your verification code for Corner Shop',
      'Tu contraseña de Corner Shop se ha cambiado',
      'Los emails de tu cuenta de Corner Shop han cambiado',
      'Los emails de tu cuenta de Corner Shop han cambiado',
      'Tu contraseña de Corner Shop se ha cambiado',
    ]);
  });
});

it('meets no fault of ours in all of this', () => {
  expect(app.faults).toEqual([]);
});
