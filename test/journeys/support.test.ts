// Contacting support (walk 44, as far as it goes today): a case is opened without a session and without a mailbox, in the
// person's language, and it changes nothing about any account.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secondMs } from '../../src/base/clock.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import { opens } from './steps.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ settings: { humanCheck: 'on' } });
});
afterAll(() => app.close());

const caso = {
  'No puedo usar mi buzón': 'chosen',
  '¿Qué ha pasado?': 'Mi teléfono cayó al mar, ¿qué hago?',
  'Un email donde podamos escribirte': 'lucia@mail.example',
};

/** The form in front of Lucía, with the right letters known. */
async function openForm() {
  const browser = app.browser('es');
  await browser.open('/recover/case');
  app.clock.advance(10 * secondMs);
  return { browser, letters: { 'Escribe las letras que ves': app.lettersOn(browser.page) } };
}

describe('a case', () => {
  it('is opened in Spanish: a number, a code shown once, and when a person answers', async () => {
    const { browser, letters } = await openForm();
    const page = await browser.press('Abrir el caso', { ...caso, ...letters });
    expect([page.status, page.heading, page.language]).toEqual([200, 'Tenemos tu caso', 'es']);
    expect(page.text).toMatch(/Número de caso (?:[A-Z\d]{3} ?){3} Código del caso (?:[A-Z\d]{4} ?){4}/);
    expect(page.text).toContain('Una persona responde en 48 horas.');
  });

  it('takes 4,000 letters of any script', async () => {
    const { browser, letters } = await openForm();
    const page = await browser.press('Abrir el caso', { ...caso, ...letters, '¿Qué ha pasado?': 'ж'.repeat(4_000) });
    expect([page.status, page.heading]).toEqual([200, 'Tenemos tu caso']);
  });

  it('keeps all that was typed when something is missing, and the letters are asked for once', async () => {
    const { browser, letters } = await openForm();
    await browser.press('Abrir el caso', { ...caso, ...letters, 'Un email donde podamos escribirte': 'lucia' });
    expect(browser.page.status).toBe(422);
    expect(browser.page.errorAt('Un email donde podamos escribirte')).not.toBe('');
    expect(browser.page.valueOf('¿Qué ha pasado?')).toBe('Mi teléfono cayó al mar, ¿qué hago?');
    expect(browser.page.html).toMatch(/value="mailbox-lost"[^>]* checked/);
    await browser.press('Abrir el caso', { 'Un email donde podamos escribirte': 'lucia@mail.example' });
    expect(browser.page.heading).toBe('Tenemos tu caso');
  });

  it.each([
    ['no kind', { 'No puedo usar mi buzón': undefined }],
    ['no words', { '¿Qué ha pasado?': ' ' }],
    ['too many words', { '¿Qué ha pasado?': 'ay '.repeat(1_400) }],
  ])('with %s is not opened, and says why', async (_, more) => {
    const { browser, letters } = await openForm();
    const typed = Object.entries({ ...caso, ...letters, ...more }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    const page = await browser.press('Abrir el caso', Object.fromEntries(typed));
    expect([page.status, page.heading]).toEqual([422, 'Contactar con soporte']);
  });

  it('is one press away from every step, and changes nothing about the account', async () => {
    const person = await app.addPerson();
    const browser = app.browser();
    await browser.open('/recover');
    app.clock.advance(10 * secondMs);
    await browser.press('Continue', {
      'Email or user ID': person.userId,
      'Type the letters you see': app.lettersOn(browser.page),
    });
    await browser.press('Verify now', {}, 'Contact support');
    expect(browser.page.heading).toBe('Contact support');
    app.clock.advance(10 * secondMs);
    await browser.press('Open the case', {
      'Somebody else is in my account': 'chosen',
      'What happened?': 'x',
      'An email where we can reach you': 'someone.else@mail.example',
      'Type the letters you see': app.lettersOn(browser.page),
    });
    expect(browser.page.heading).toBe('We have your case');
    expect(await app.mailsTo(person.address)).toEqual([]);
    expect(await opens(app, person, person.password)).toBe(true);
  });
});

it('meets no fault of ours in all of this', () => {
  expect(app.faults).toEqual([]);
});
