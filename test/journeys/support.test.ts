// Contacting support (walk 44): a case is opened without a session and without a mailbox, in the person's language; its
// contact is confirmed by a mailed code; number and code show how it stands on any device. It changes nothing about any
// account, and says the same whether or not there is one.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs, secondMs } from '../../src/base/clock.ts';
import { en } from '../../src/i18n/en.ts';
import { limits } from '../../src/limits/limits.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { linksIn } from '../../src/testing/mailbox.ts';
import { casePath, codeOf, enterCode, followCase, type KeptCase, keptFrom, openCase, opens, wrong } from './steps.ts';

let app: TestApp;
let browser: Browser;
let contact: string;
let people = 0;
beforeAll(async () => {
  app = await createTestApp();
});
beforeEach(() => {
  app.clock.advance(dayMs);
  people += 1;
  contact = `stuck${people}@mail.example`;
  browser = app.browser();
});
afterAll(() => app.close());

const rowOf = ({ number }: KeptCase) =>
  app.db.read
    .selectFrom('cases')
    .selectAll()
    .where('number', '=', number.replaceAll(' ', ''))
    .executeTakeFirstOrThrow();
const eventsOf = async (id: string) =>
  (
    await app.db.read.selectFrom('audit_events').select('event').where('subject_id', '=', id).orderBy('at').execute()
  ).map(({ event }) => event);

const caso = {
  'No puedo usar mi buzón': 'chosen',
  '¿Qué ha pasado?': 'Mi teléfono cayó al mar, ¿qué hago?',
  'Un email donde podamos escribirte': 'lucia@mail.example',
};

describe('the form, behind the human check', () => {
  let checked: TestApp;
  beforeAll(async () => {
    checked = await createTestApp({ settings: { humanCheck: 'on' } });
  });
  afterAll(async () => {
    expect(checked.faults).toEqual([]);
    await checked.close();
  });

  /** The form in front of Lucía, with the right letters known. */
  async function openForm() {
    const lucia = checked.browser('es');
    await lucia.open('/recover/case');
    checked.clock.advance(10 * secondMs);
    return { lucia, letters: { 'Escribe las letras que ves': checked.lettersOn(lucia.page) } };
  }

  it('opens a case in Spanish: a number, a code shown once, when a person answers, and what helps meanwhile', async () => {
    const { lucia, letters } = await openForm();
    const page = await lucia.press('Abrir el caso', { ...caso, ...letters });
    expect([page.status, page.heading, page.language]).toEqual([200, 'Tenemos tu caso', 'es']);
    expect(page.text).toMatch(
      /Número del caso (?:[A-Z\d]{3} ?){3} Copiar el número Código del caso (?:[A-Z\d]{4} ?){4} Copiar el código/,
    );
    expect(page.text).toContain('Una persona te responderá en menos de 48 horas.');
    expect(page.text).toContain('nunca la abren por sí solos');
  });

  it('takes 4,000 letters of any script', async () => {
    const { lucia, letters } = await openForm();
    const page = await lucia.press('Abrir el caso', { ...caso, ...letters, '¿Qué ha pasado?': 'ж'.repeat(4_000) });
    expect([page.status, page.heading]).toEqual([200, 'Tenemos tu caso']);
  });

  it('keeps all that was typed when something is missing, and the letters are asked for once', async () => {
    const { lucia, letters } = await openForm();
    await lucia.press('Abrir el caso', { ...caso, ...letters, 'Un email donde podamos escribirte': 'lucia' });
    expect(lucia.page.status).toBe(422);
    expect(lucia.page.errorAt('Un email donde podamos escribirte')).not.toBe('');
    expect(lucia.page.valueOf('¿Qué ha pasado?')).toBe('Mi teléfono cayó al mar, ¿qué hago?');
    expect(lucia.page.html).toMatch(/value="mailbox-lost"[^>]* checked/);
    await lucia.press('Abrir el caso', { 'Un email donde podamos escribirte': 'lucia@mail.example' });
    expect(lucia.page.heading).toBe('Tenemos tu caso');
  });

  it.each([
    ['no kind', { 'No puedo usar mi buzón': undefined }],
    ['no words', { '¿Qué ha pasado?': ' ' }],
    ['too many words', { '¿Qué ha pasado?': 'ay '.repeat(1_400) }],
  ])('with %s opens none, and says why', async (_, more) => {
    const { lucia, letters } = await openForm();
    const typed = Object.entries({ ...caso, ...letters, ...more }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    const page = await lucia.press('Abrir el caso', Object.fromEntries(typed));
    expect([page.status, page.heading]).toEqual([422, 'Contactar con soporte']);
  });

  it('is one press away from every step, and changes nothing about the account', async () => {
    const person = await checked.addPerson();
    const phone = checked.browser();
    await phone.open('/recover');
    checked.clock.advance(10 * secondMs);
    await phone.press('Continue', {
      'Email or user ID': person.userId,
      'Type the letters you see': checked.lettersOn(phone.page),
    });
    await phone.press('Verify now', {}, 'Contact support');
    expect(phone.page.heading).toBe('Contact support');
    // It does not lead to itself.
    expect(phone.page.html).not.toContain('<footer>');
    checked.clock.advance(10 * secondMs);
    await phone.press('Open the case', {
      'Somebody else is in my account': 'chosen',
      'What happened?': 'x',
      'An email address where we can reach you': 'someone.else@mail.example',
      'Type the letters you see': checked.lettersOn(phone.page),
    });
    expect(phone.page.heading).toBe('We have your case');
    expect(await checked.mailsTo(person.address)).toEqual([]);
    expect(await opens(checked, person, person.password)).toBe(true);
    const { recovery_id } = await checked.db.read
      .selectFrom('cases')
      .select('recovery_id')
      .where('kind', '=', 'taken-over')
      .executeTakeFirstOrThrow();
    expect(recovery_id).not.toBeNull();
  });
});

describe('walk 44, in Spanish', () => {
  it('from the form to the confirmed contact and how the case stands', async () => {
    const lucia = app.browser('es');
    await lucia.open('/recover/case');
    await lucia.press('Abrir el caso', { ...caso, 'Un email donde podamos escribirte': contact });
    const kept = keptFrom(lucia.page);
    await lucia.follow('Confirma tu email');
    expect(lucia.page.text).toContain(`Enviamos un correo a ${contact}.`);
    const mail = await app.mailTo(contact);
    expect(mail.subject).toBe('Confirma tu email para el soporte de Corner Shop');
    await lucia.press('Confirmar', { 'Código de verificación': codeOf(mail) });
    expect(lucia.page.heading).toBe(`Tu caso ${kept.number}`);
    expect(lucia.page.text).toContain('Cómo va Recibido');
    expect(lucia.page.text).toContain('De qué se trata? No puedo usar mi buzón Abierto ahora mismo');
    expect(lucia.page.text).toContain('Una persona te responderá en menos de 48 horas.');
    expect(lucia.page.text).toContain(`${contact} Confirmado`);
    const opened = await app.mailTo(contact);
    expect(opened.subject).toBe('Tenemos tu caso en Corner Shop');
    expect(opened.text).toContain(`Número del caso:\n\n${kept.number}\n`);
    expect(opened.text).toContain('Una persona te responderá en menos de 48 horas.');
    expect(linksIn(opened)).toEqual([`${app.origin}${casePath(kept)}`]);
    // Never the code of the case, never what was written.
    for (const { text, html } of [mail, opened])
      for (const part of [text, html])
        for (const secret of [kept.code, kept.code.replaceAll(' ', ''), 'cayó', 'mar,'])
          expect(part).not.toContain(secret);
    // The first holds neither the number nor any link: whoever owns a typed address has no part in the case.
    expect(linksIn(mail)).toEqual([]);
    expect(mail.text).not.toContain(kept.number);
    expect(await eventsOf((await rowOf(kept)).id)).toEqual(['case.opened', 'case.contact_confirmed']);
  });
});

describe('how a case stands', () => {
  it('is one press away from the form, with the number and code or where the browser follows one already', async () => {
    await browser.open('/recover/case');
    expect((await browser.follow('See how it stands')).heading).toBe('See how your case stands');
    const kept = await openCase(browser, contact);
    // Whoever reloads or changes the language finds the case, though its code is shown no more.
    const form = await browser.open('/recover/case?lang=es');
    expect(form.text).toContain(`Aquí ya tienes el caso ${kept.number}.`);
    expect((await browser.follow('Ver cómo va')).path).toBe(casePath(kept));
  });

  it.each([
    ['as shown', (text: string) => text],
    ['in one piece', (text: string) => text.replaceAll(' ', '')],
    ['in small letters with dashes', (text: string) => text.toLowerCase().replaceAll(' ', '-')],
  ])('is shown on another device for number and code, %s', async (_, typed) => {
    const kept = await openCase(browser, contact);
    const other = app.browser();
    const page = await followCase(other, { number: typed(kept.number), code: typed(kept.code) });
    expect([page.status, page.heading, page.path]).toEqual([200, `Your case ${kept.number}`, casePath(kept)]);
    expect(page.text).toContain(`${contact} Not confirmed yet`);
    expect(page.text).toContain(en['case.not-confirmed-about']);
    // Nobody has to type the code again, and it stands in no address.
    expect((await other.open(page.path)).heading).toBe(`Your case ${kept.number}`);
    expect(page.path).not.toContain(kept.code.replaceAll(' ', ''));
  });

  it('is shown for a day, then asked for again with the number filled in', async () => {
    const kept = await openCase(browser, contact);
    const handle = browser.cookies().get('account-case') ?? '';
    app.clock.advance(dayMs - 1);
    expect((await browser.open(casePath(kept))).heading).toBe(`Your case ${kept.number}`);
    app.clock.advance(1);
    const page = await browser.open(casePath(kept));
    expect(page.heading).toBe('See how your case stands');
    expect(page.valueOf('Case number')).toBe(kept.number);
    // A browser that keeps its cookie for longer gains nothing.
    browser.setCookie('account-case', handle);
    expect((await browser.open(casePath(kept))).heading).toBe('See how your case stands');
  });

  it('is not shown to a browser that follows another case, and its forms do nothing there', async () => {
    const [kept, other] = [await openCase(app.browser(), contact), await openCase(browser, `b${contact}`)];
    expect((await browser.open(casePath(kept))).heading).toBe('See how your case stands');
    const code = codeOf(await app.mailTo(contact));
    for (const [place, fields] of [
      ['contact', { code }],
      ['contact/again', {}],
      ['contact/change', { contact: 'thief@mail.example' }],
    ] as const) {
      const page = await browser.post(`${casePath(kept)}/${place}`, { ...fields });
      expect([page.status, page.notice]).toEqual([409, en['refusal.case-missing']]);
    }
    expect((await followCase(app.browser(), kept)).text).toContain(`${contact} Not confirmed yet`);
    expect((await browser.open(casePath(other))).heading).toBe(`Your case ${other.number}`);
  });

  it('says the same of a wrong code and of a number that does not exist', async () => {
    const kept = await openCase(browser, contact);
    const code = kept.code.replace(/.$/, (last) => (last === 'A' ? 'C' : 'A'));
    const number = kept.number.replace(/.$/, (last) => (last === 'A' ? 'C' : 'A'));
    const alike = (page: { html: string }, typed: string) => page.html.replaceAll(typed, 'NUMBER');
    const wrongCode = await followCase(app.browser(), { number: kept.number, code });
    const unknown = await followCase(app.browser(), { number, code });
    expect([wrongCode.status, wrongCode.notice]).toEqual([422, en['refusal.case-pair-wrong']]);
    expect(unknown.status).toBe(422);
    expect(alike(unknown, number)).toBe(alike(wrongCode, kept.number));
    expect(wrongCode.valueOf('Case code')).toBe(code);
  });

  it('of another case is not opened by the right code', async () => {
    const one = await openCase(app.browser(), contact);
    const other = await openCase(app.browser(), contact);
    expect((await followCase(browser, { number: one.number, code: other.code })).status).toBe(422);
  });

  it('says beside the field what cannot be a number or a code, and takes no try for it', async () => {
    const kept = await openCase(browser, contact);
    const other = app.browser();
    for (let times = 0; times <= limits['case-try'].max; times += 1) {
      const page = await followCase(other, { number: kept.number, code: '1234' });
      expect([page.status, page.errorAt('Case code')]).toEqual([422, en['refusal.case-code-shape']]);
    }
    expect((await followCase(other, { number: 'x', code: kept.code })).errorAt('Case number')).toBe(
      en['refusal.case-number-shape'],
    );
    expect((await followCase(other, kept)).status).toBe(200);
  });

  it('is asked for ten times an hour for a number and network, before anything is compared; others are not kept out', async () => {
    const kept = await openCase(app.browser(), contact);
    const guess = { number: kept.number, code: 'ACDE FGHJ KMNP QRTV' };
    for (let times = 0; times < limits['case-try'].max; times += 1)
      expect((await followCase(browser, guess)).status).toBe(422);
    expect((await followCase(browser, kept)).status).toBe(429);
    expect((await followCase(app.browser(), kept)).status).toBe(200);
    app.clock.advance(hourMs);
    for (let times = 0; times < limits['case-try'].max - 1; times += 1)
      expect((await followCase(browser, guess)).status).toBe(422);
    expect((await followCase(browser, kept)).status).toBe(200);
    expect((await followCase(browser, kept)).status).toBe(429);
  });

  it('tells when an answer was promised, and that it is late once it is', async () => {
    const kept = await openCase(browser, contact);
    app.clock.advance(23 * hourMs);
    expect((await browser.open(casePath(kept))).text).toContain('A person will answer within 25 hours.');
    app.clock.advance(25 * hourMs);
    expect((await followCase(browser, kept)).text).toContain(en['case.promise-late']);
    expect(browser.page.text).toContain('Opened 2 days ago');
  });
});

describe('the contact', () => {
  const confirm = (code: string) => enterCode(browser, code);
  const toContact = async (kept: KeptCase) => browser.open(`${casePath(kept)}/contact`);

  it('is confirmed later, from how the case stands, on another device', async () => {
    const kept = await openCase(app.browser(), contact);
    app.clock.advance(3 * dayMs);
    await followCase(browser, kept);
    await browser.follow('Confirm it');
    expect(browser.page.heading).toBe(en['recover.code-expired-title']);
    await browser.press('Get a new code');
    await confirm(codeOf(await app.mailTo(contact)));
    expect(browser.page.text).toContain(`${contact} Confirmed`);
    // The promise has passed by then: the mail does not repeat it.
    const opened = await app.mailTo(contact);
    expect(opened.subject).toBe('We have your case at Corner Shop');
    expect(opened.text).not.toContain('answers within');
  });

  it('is told what is wrong with a code, five times, and may then be given once more', async () => {
    const kept = await openCase(browser, contact);
    await toContact(kept);
    const code = codeOf(await app.mailTo(contact));
    expect((await confirm('1234')).errorAt('Verification code')).toBe(en['refusal.code-shape']);
    expect(browser.page.valueOf('Verification code')).toBe('1234');
    for (let times = 0; times < 4; times += 1)
      expect((await confirm(wrong(code))).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    const last = await confirm(wrong(code));
    expect([last.status, last.notice]).toEqual([422, en['case.contact-used']]);
    expect((await browser.post(`${casePath(kept)}/contact`, { code })).notice).toBe(en['case.contact-used']);
    await browser.press('Send a code');
    expect(browser.page.heading).toBe('Confirm your email address');
    // The code before it is worth nothing.
    expect((await confirm(code)).errorAt('Verification code')).toBe(en['refusal.code-wrong']);
    await confirm(codeOf(await app.mailTo(contact)));
    expect(browser.page.text).toContain(`${contact} Confirmed`);
  });

  it('mistyped is corrected: the code goes to the other address, and the first code is worth nothing', async () => {
    const kept = await openCase(browser, contact);
    const first = codeOf(await app.mailTo(contact));
    await toContact(kept);
    await browser.follow('Correct the email address');
    expect(browser.page.valueOf('An email address where we can reach you')).toBe(contact);
    const refused = await browser.press('Send a code', { 'An email address where we can reach you': 'a b' });
    expect([refused.status, refused.errorAt('An email address where we can reach you')]).toEqual([
      422,
      en['refusal.address-shape'],
    ]);
    await browser.press('Send a code', { 'An email address where we can reach you': `right.${contact}` });
    expect(browser.page.text).toContain(`We are emailing right.${contact}.`);
    expect((await confirm(first)).status).toBe(422);
    await confirm(codeOf(await app.mailTo(`right.${contact}`)));
    expect(browser.page.text).toContain(`right.${contact} Confirmed`);
  });

  it('once confirmed cannot be replaced, asked about again or confirmed by another code', async () => {
    const kept = await openCase(browser, contact);
    await toContact(kept);
    await confirm(codeOf(await app.mailTo(contact)));
    const mails = (await app.mailsTo(contact)).length;
    for (const place of ['contact', 'contact/again', 'contact/change'])
      expect((await browser.open(`${casePath(kept)}/${place}`)).path).toBe(casePath(kept));
    await browser.post(`${casePath(kept)}/contact/change`, { contact: 'thief@mail.example' });
    await browser.post(`${casePath(kept)}/contact/again`, {});
    await browser.post(`${casePath(kept)}/contact`, { code: '12345678' });
    expect(browser.page.text).toContain(`${contact} Confirmed`);
    expect(await app.mailsTo(contact)).toHaveLength(mails);
    expect(await app.mailsTo('thief@mail.example')).toEqual([]);
  });

  it('has no right code before its mail was made', async () => {
    const kept = await openCase(browser, contact);
    await toContact(kept);
    expect((await confirm('12345678')).status).toBe(422);
    const { code_random } = await app.db.read
      .selectFrom('case_contacts')
      .select('code_random')
      .where('case_id', '=', (await rowOf(kept)).id)
      .executeTakeFirstOrThrow();
    expect(code_random).toBe('');
  });

  it('late is told as such; sending again waits a minute and sends the same code', async () => {
    const kept = await openCase(browser, contact);
    await toContact(kept);
    const code = codeOf(await app.mailTo(contact));
    expect((await browser.press('Send again')).notice).toBe(en['refusal.resend-soon']);
    app.clock.advance(minuteMs);
    expect((await browser.press('Send again')).notice).toBe(en['sign-up.asked-again']);
    expect(codeOf(await app.mailTo(contact))).toBe(code);
    app.clock.advance(30 * minuteMs);
    await toContact(kept);
    expect(browser.page.heading).toBe(en['recover.code-expired-title']);
    expect((await browser.post(`${casePath(kept)}/contact`, { code })).heading).toBe(en['recover.code-expired-title']);
  });

  it('gets three mails a day and no more, whoever opens however many cases with it; every page says the same', async () => {
    const pages = new Set<string>();
    for (let times = 0; times < 5; times += 1) {
      const one = app.browser();
      const kept = await openCase(one, contact);
      await app.deliverMail();
      const { text } = await one.open(`${casePath(kept)}/contact`);
      pages.add(text);
    }
    expect(await app.mailsTo(contact)).toHaveLength(3);
    expect(pages.size).toBe(1);
  });
});

const move = async (kept: KeptCase, event: Parameters<TestApp['app']['cases']['move']>[2]) => {
  const row = await rowOf(kept);
  return app.db.write((tx) => app.app.cases.move(tx, row, event, { facts: { by: 'agent' } }));
};

describe('a message to the desk', () => {
  const write = (words: string) => browser.press('Send to support', { 'Something to add?': words });

  it('stands with the case, in the lines and the direction it was written in, and markup in it is words', async () => {
    const kept = await openCase(browser, contact);
    await browser.open(casePath(kept));
    const words = '<script>alert(1)</script>\n\u202Ereversed <b>bold</b>\nשלום';
    const page = await write(words);
    expect([page.status, page.heading, page.notice]).toEqual([200, `Your case ${kept.number}`, en['case.written']]);
    expect(page.text).toContain('You, just now');
    expect(page.html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;\n\u202Ereversed &lt;b&gt;bold');
    expect(page.html).toContain('<p class="words" dir="auto">');
    // Sealed where it is kept, and in no mail.
    const row = await rowOf(kept);
    const stored = await app.db.read.selectFrom('case_messages').selectAll().where('case_id', '=', row.id).execute();
    expect(stored).toMatchObject([{ author: 'person', agent_id: null, written_at: app.clock.now() }]);
    expect(JSON.stringify(stored)).not.toContain('reversed');
    expect(await eventsOf(row.id)).toContain('case.message_written');
    expect(row.state).toBe('received');
  });

  it('of nothing or of too much is refused beside the field, and kept', async () => {
    const kept = await openCase(browser, contact);
    await browser.open(casePath(kept));
    const none = await write(' ');
    expect([none.status, none.errorAt('Something to add?')]).toEqual([422, en['refusal.case-words-missing']]);
    const long = 'ж'.repeat(4_001);
    const page = await browser.post(`${casePath(kept)}/message`, { words: long });
    expect([page.status, page.errorAt('Something to add?')]).toEqual([422, en['refusal.case-words-long']]);
    expect(page.valueOf('Something to add?')).toBe(long);
    expect((await write(long.slice(1))).status).toBe(200);
  });

  it('answers what was asked: the case waits for a person again', async () => {
    const kept = await openCase(browser, contact);
    await move(kept, 'asked');
    await browser.open(casePath(kept));
    const page = await browser.press('Send to support', { 'Your answer': 'The blue one.' });
    expect(page.text).toContain('How it stands Received');
    expect((await rowOf(kept)).last_author).toBe('person');
    expect(page.text).toContain('Answer A person will answer within 48 hours.');
    // While it is being decided, it goes on being decided.
    await move(kept, 'taken-up');
    await browser.open(casePath(kept));
    expect((await write('And the red one.')).text).toContain('How it stands Being decided');
  });

  it('after a decision brings the case back to a person', async () => {
    const kept = await openCase(browser, contact);
    await move(kept, 'taken-up');
    await move(kept, 'decided');
    await browser.open(casePath(kept));
    const page = await browser.press('Send to support', {
      'Do you disagree? Tell us why, and a person will look at it again.': 'It is mine.',
    });
    expect(page.text).toContain('How it stands Received');
    expect((await rowOf(kept)).ended_at).toBeNull();
  });

  it('is taken twenty times a day for one case, and from nobody who does not follow it', async () => {
    const kept = await openCase(browser, contact);
    await browser.open(casePath(kept));
    for (let times = 0; times < limits['case-message'].max; times += 1)
      expect((await write(`line ${times}`)).status).toBe(200);
    const refused = await write('one more');
    expect([refused.status, refused.valueOf('Something to add?')]).toEqual([429, 'one more']);
    app.clock.advance(dayMs);
    const stranger = app.browser();
    const page = await stranger.post(`${casePath(kept)}/message`, { words: 'let me in' });
    expect([page.status, page.notice]).toEqual([409, en['refusal.case-missing']]);
    await followCase(browser, kept);
    expect((await write('one more')).status).toBe(200);
    expect(await browser.open(`${casePath(kept)}/message`)).toMatchObject({ path: casePath(kept) });
  });
});

describe('a move of the desk', () => {
  it('is seen in four words, is in the audit trail, and tells a confirmed contact that there is news, in its language', async () => {
    const lucia = app.browser('es');
    await lucia.open('/recover/case');
    await lucia.press('Abrir el caso', { ...caso, 'Un email donde podamos escribirte': contact });
    const kept = keptFrom(lucia.page);
    await lucia.follow('Confirma tu email');
    await lucia.press('Confirmar', { 'Código de verificación': codeOf(await app.mailTo(contact)) });
    for (const [event, word] of [
      ['asked', 'Necesitamos algo de ti'],
      ['taken-up', 'Se está decidiendo'],
      ['decided', 'Decidido'],
      ['reopened', 'Recibido'],
    ] as const) {
      const before = (await app.mailsTo(contact)).length;
      expect(await move(kept, event)).toMatchObject({ ok: true });
      expect((await lucia.open(casePath(kept))).text).toContain(`Cómo va ${word}`);
      const mails = await app.mailsTo(contact);
      expect(mails).toHaveLength(before + 1);
      expect(mails[0]?.subject).toBe('Hay novedades sobre tu caso en Corner Shop');
      expect(mails[0]?.text).toContain(kept.number);
      expect(mails[0]?.text).not.toContain(word);
    }
    const { id, version, ended_at } = await rowOf(kept);
    expect([version, ended_at]).toEqual([5, null]);
    expect((await eventsOf(id)).filter((event) => event === 'case.moved')).toHaveLength(4);
  });

  it('mails nobody where the contact is not confirmed, nor for what the person did', async () => {
    const kept = await openCase(browser, contact);
    await move(kept, 'asked');
    expect((await app.mailsTo(contact)).map(({ subject }) => subject)).toEqual([
      'Confirm your email address for Corner Shop support',
    ]);
    await browser.open(`${casePath(kept)}/contact`);
    await enterCode(browser, codeOf(await app.mailTo(contact)));
    const before = (await app.mailsTo(contact)).length;
    await move(kept, 'answered');
    expect(await app.mailsTo(contact)).toHaveLength(before);
  });

  it('from a version that is no longer, or that does not follow, is refused and leaves nothing behind', async () => {
    const kept = await openCase(browser, contact);
    const stale = await rowOf(kept);
    await move(kept, 'taken-up');
    const before = await eventsOf(stale.id);
    expect(await app.db.write((tx) => app.app.cases.move(tx, stale, 'asked'))).toEqual({
      ok: false,
      reason: 'case-state',
    });
    expect(await move(kept, 'answered')).toEqual({ ok: false, reason: 'case-state' });
    expect(await eventsOf(stale.id)).toEqual(before);
    expect((await rowOf(kept)).state).toBe('deciding');
  });
});

it('meets no fault of ours in all of this', () => {
  expect(app.faults).toEqual([]);
});
