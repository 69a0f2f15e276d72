// The desk at work: agents find cases, take them, write to the person and decide, and can do nothing to anybody's account.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { maxNamed } from '../../src/accounts/directory.ts';
import { dayMs, hourMs, minuteMs } from '../../src/base/clock.ts';
import { pageSize } from '../../src/desk/desk-rows.ts';
import { en } from '../../src/i18n/en.ts';
import { es } from '../../src/i18n/es.ts';
import { limits } from '../../src/limits/limits.ts';
import { enrolAgent, signInAgent } from '../../src/testing/agents.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import { setUpAuthenticator } from '../../src/testing/authenticator.ts';
import type { Browser } from '../../src/testing/browser.ts';
import {
  casePath,
  codeOf,
  type DeskAgents,
  enrolDesk,
  enterCode,
  type KeptCase,
  keptFrom,
  openCase,
  signInAt,
  startRecovery,
  wrong,
} from './steps.ts';

let app: TestApp;
let agents: DeskAgents;
let elena: Browser;
let people = 0;
beforeAll(async () => {
  app = await createTestApp();
  agents = await enrolDesk(app);
});
beforeEach(async () => {
  app.clock.advance(dayMs);
  people += 1;
  elena = await at('elena');
});
afterAll(async () => {
  expect(app.faults).toEqual([]);
  await app.close();
});

const at = (name: keyof DeskAgents): Promise<Browser> => signInAt(app, agents[name]);

const contactOf = (name = 'stuck') => `${name}${people}@mail.example`;
const pathOf = ({ number }: KeptCase) => `/support/cases/${number.replaceAll(' ', '')}`;
const open = (browser: Browser, kept: KeptCase) => browser.open(pathOf(kept));
const rowOf = ({ number }: KeptCase) =>
  app.db.read
    .selectFrom('cases')
    .selectAll()
    .where('number', '=', number.replaceAll(' ', ''))
    .executeTakeFirstOrThrow();
const eventsOf = async (id: string) =>
  app.db.read
    .selectFrom('audit_events')
    .select(['event', 'facts'])
    .where('subject_id', '=', id)
    .orderBy('at')
    .execute();

/** A case of somebody with a confirmed contact, in Spanish. */
async function caseOfLucia(identifier = '') {
  const person = app.browser('es');
  await person.open('/recover/case');
  await person.press('Abrir el caso', {
    'No puedo usar mi buzón': 'chosen',
    [es['case.identifier']]: identifier,
    '¿Qué ha pasado?': 'Mi buzón <b>ya no</b> existe.',
    'Un email donde podamos escribirte': contactOf('lucia'),
  });
  const kept = keptFrom(person.page);
  await person.follow('Confirma tu email');
  await person.press('Confirmar', { 'Código de verificación': codeOf(await app.mailTo(contactOf('lucia'))) });
  await app.deliverMail();
  app.clock.advance(minuteMs);
  return { person, kept };
}

describe('a case at the desk', () => {
  it('is found in the queue, taken, asked about, answered, decided and closed; the person reads along in Spanish', async () => {
    const { person, kept } = await caseOfLucia();
    const queue = await elena.open('/support');
    expect(queue.text).toContain(kept.number);
    await elena.follow(kept.number);
    expect(elena.page.heading).toBe(`Case ${kept.number}`);
    expect(elena.page.html).toContain('Mi buzón &lt;b&gt;ya no&lt;/b&gt; existe.');
    await elena.press('Take this case');
    expect(elena.page.text).toContain('Works on it Elena');
    expect(elena.page.text).toContain('The person reads Spanish.');

    // An answer made beforehand, in the person's language.
    await elena.follow('Details needed');
    expect(elena.page.valueOf('Your words')).toBe(es['canned.details']);
    await elena.press('Send and wait for an answer', { 'Your words': '¿Qué móvil tenías?' });
    expect(elena.page.notice).toBe(en['desk.done-ask']);
    expect((await app.mailTo(contactOf('lucia'))).subject).toBe('Hay novedades sobre tu caso en Corner Shop');
    await person.open(casePath(kept));
    expect(person.page.text).toContain('Cómo va Necesitamos algo de ti');
    expect(person.page.text).toContain('Soporte, ahora mismo ¿Qué móvil tenías?');
    // Never who it was.
    expect(person.page.html).not.toContain('Elena');
    await person.press('Enviar a soporte', { 'Tu respuesta': 'El azul.' });

    await open(elena, kept);
    expect(elena.page.text).toContain('The person, just now El azul.');
    expect((await elena.open('/support?view=mine')).text).toContain('With the desk New message');
    await open(elena, kept);
    await elena.press('Keep as a note', { 'Your words': 'Sounds calm.' });
    expect(elena.page.text).toContain('Note by Elena, just now Sounds calm.');
    expect((await person.open(casePath(kept))).html).not.toContain('Sounds calm.');
    await open(elena, kept);
    await elena.press('Begin to decide');
    app.clock.advance(1);
    await elena.press('Send and close as decided', { 'Your words': 'No puedo abrirla.' });
    expect((await person.open(casePath(kept))).text).toContain(
      'Cómo va Decidido Hemos decidido. Lee la respuesta más abajo.',
    );
    expect(person.page.text).toContain('No puedo abrirla.');
    expect((await elena.open('/support?view=closed')).text).toContain(kept.number);
    const spanish = await elena.open(`${pathOf(kept)}?lang=es`);
    expect([spanish.heading, spanish.language]).toEqual([`Caso ${kept.number}`, 'es']);
    expect(spanish.text).toContain('Nota de Elena');

    const { id, answered_at, ended_at } = await rowOf(kept);
    expect([answered_at === null, ended_at === null]).toEqual([false, false]);
    const events = await eventsOf(id);
    for (const { facts } of events.filter(({ event }) => event.startsWith('case.') && event !== 'case.opened'))
      expect(facts).not.toMatch(/azul|calm|@/);
    expect(events.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['case.viewed', 'case.assigned', 'case.moved', 'case.worked_on', 'case.message_written']),
    );
  });

  it('that nobody may open shows no way to: no page of it holds a code, a password or the case code', async () => {
    const person = await app.addPerson();
    const recovering = app.browser();
    await startRecovery(recovering, person.userId);
    await recovering.press('Verify now', {}, 'Email verification (Recommended)');
    const code = codeOf(await app.mailTo(person.address));
    await enterCode(recovering, wrong(code));
    const stuck = app.browser();
    await startRecovery(stuck, person.userId);
    await stuck.press('Verify now', {}, 'Contact support');
    // Who came from a recovery need not say again whose account it is.
    expect(stuck.page.valueOf(en['case.identifier'])).toBe(person.userId);
    await stuck.press('Open the case', {
      'Something else': 'chosen',
      'What happened?': 'Let me in.',
      'An email address where we can reach you': contactOf(),
    });
    const kept = keptFrom(stuck.page);
    await open(elena, kept);
    const { html, text } = elena.page;
    for (const secret of [code, code.replace(' ', ''), person.password, kept.code, kept.code.replaceAll(' ', '')])
      expect(html).not.toContain(secret);
    expect(text).toContain(`User ID ${person.userId}`);
    // The timeline: what began, what was typed wrong, and how the mail went.
    expect(text).toContain('Somebody said they forgot the password');
    expect(text).toContain(`${en['desk.code-wrong']}, just now`);
    expect(text).toContain(
      `${en['desk.recovery-mails']} ${en['desk.mail-recovery']}, just now: ${en['desk.mail-sent']}`,
    );
    // Nobody's address is whole.
    for (const address of [person.address, contactOf()]) expect(html).not.toContain(address);
    const forms = [...html.matchAll(/action="([^"]+)"/g)]
      .map(([, action]) => action?.split('/').at(-1) ?? '')
      .toSorted((a, b) => a.localeCompare(b));
    expect(forms).toEqual(['sign-out', 'take', 'unmask']);
  });

  it('about an account that does not exist says so to the desk and to nobody else', async () => {
    const nobody = await caseOfLucia('nobody.here');
    const person = await app.addPerson();
    people += 1;
    const known = await caseOfLucia(person.userId);
    expect((await open(elena, nobody.kept)).text).toContain(en['desk.no-account']);
    // A user ID is no address, and stands whole in both places.
    const { text } = await open(elena, known.kept);
    expect(text).toContain(`User ID ${person.userId}`);
    expect(text).toContain(`${en['desk.identifier']} ${person.userId}`);
    const pages = await Promise.all(
      [nobody, known].map(async ({ person: browser, kept }) =>
        (await browser.open(casePath(kept))).html
          .replaceAll(kept.number.replaceAll(' ', ''), 'NUMBER')
          .replaceAll(kept.number.replaceAll(' ', '\u00a0'), 'NUMBER')
          .replaceAll(/lucia\d+@/g, 'lucia@')
          .replaceAll(/hace \d+ minutos?/g, 'hace un rato'),
      ),
    );
    expect(pages[0]).toBe(pages[1]);
  });

  it('says so where more accounts have its email than are shown', async () => {
    const address = contactOf('office');
    const add = (at: number) =>
      app.app.addAccount({ userId: `office${at}`, addresses: [address], password: null, locale: 'en' });
    for (let at = 0; at < maxNamed; at += 1) await add(at);
    const { kept } = await caseOfLucia(address);
    const all = await open(elena, kept);
    expect([all.text.match(/User ID office/g)?.length, all.text.includes('More accounts')]).toEqual([maxNamed, false]);
    expect(all.text).toContain(`${en['desk.identifier']} o••••@`);
    await add(maxNamed);
    const first = await open(elena, kept);
    expect([first.text.match(/User ID office/g)?.length, first.text]).toEqual([
      maxNamed,
      expect.stringContaining(en['desk.more-accounts'].replace('{count}', String(maxNamed))),
    ]);
  });

  it('shows emails whole for a reason, which is in the audit trail, once and to that agent', async () => {
    const { kept } = await caseOfLucia();
    await open(elena, kept);
    expect(elena.page.text).toContain('l••••@m••••.example Confirmed');
    const refused = await elena.post(`${pathOf(kept)}/unmask`, { reason: 'curious' });
    expect([refused.status, refused.notice]).toEqual([422, en['refusal.unmask-reason']]);
    const shown = await elena.post(`${pathOf(kept)}/unmask`, { reason: 'mistyped' });
    expect([shown.status, shown.text.includes(contactOf('lucia'))]).toEqual([200, true]);
    expect((await open(elena, kept)).text).not.toContain(contactOf('lucia'));
    const events = await eventsOf((await rowOf(kept)).id);
    const [unmasked] = events.filter(({ event }) => event === 'case.unmasked');
    expect(JSON.parse(unmasked?.facts ?? '{}')).toEqual({ agent: agents.elena.id, reason: 'mistyped' });
  });

  it('of somebody else is looked at and not touched; a lead gives it to who is here', async () => {
    const { kept } = await caseOfLucia();
    await open(elena, kept);
    await elena.press('Take this case');
    const omar = await at('omar');
    expect((await open(omar, kept)).text).toContain('Elena works on this case.');
    const { version } = await rowOf(kept);
    for (const [place, fields] of [
      ['act', { act: 'reply', words: 'Hello' }],
      ['take', {}],
      ['hand-over', { to: 'Omar' }],
    ] as const) {
      const page = await omar.post(`${pathOf(kept)}/${place}`, { ...fields, version: String(version) });
      expect([page.status, page.notice]).toEqual([409, en['refusal.case-of-other']]);
    }
    expect((await rowOf(kept)).version).toBe(version);
    const dieter = await at('dieter');
    await open(dieter, kept);
    await app.app.agents.setAway(agents.omar.id, app.clock.now() + dayMs);
    const away = await dieter.press('Hand it over', { 'To whom': 'Omar' });
    expect([away.status, away.notice]).toEqual([409, en['refusal.agent-away']]);
    await app.app.agents.setAway(agents.omar.id, null);
    await dieter.press('Hand it over', { 'To whom': 'Omar' });
    expect(dieter.page.text).toContain('Works on it Omar');
    await open(omar, kept);
    await omar.press('Hand it over', { 'To whom': 'Nobody' });
    expect(omar.page.text).toContain('Works on it Nobody');
  });

  it('that changed since it was seen is left as it is, and the words are kept', async () => {
    const { person, kept } = await caseOfLucia();
    await open(elena, kept);
    await elena.press('Take this case');
    await person.open(casePath(kept));
    await person.press('Enviar a soporte', { '¿Quieres añadir algo?': 'Espera.' });
    const late = await elena.press('Send', { 'Your words': 'Hello' });
    expect([late.status, late.notice, late.valueOf('Your words')]).toEqual([409, en['refusal.case-state'], 'Hello']);
    expect(late.text).toContain('Espera.');
    expect((await elena.press('Send', { 'Your words': 'Hello' })).notice).toBe(en['desk.done-reply']);
  });

  it('loses no words, whatever act they were typed beside: those that the act does not need are a note', async () => {
    const { person, kept } = await caseOfLucia();
    await open(elena, kept);
    await elena.press('Take this case');
    const decide = await elena.press('Begin to decide', { 'Your words': 'Both proofs fit.' });
    expect([decide.notice, decide.valueOf('Your words')]).toEqual([en['desk.done-take-up'], '']);
    expect(decide.text).toContain('Note by Elena, just now Both proofs fit.');
    await elena.press('Send and close as decided', { 'Your words': 'No.' });
    // Nothing can be sent now: what only serves that is gone.
    expect(elena.page.text).not.toContain('The person reads');
    expect(elena.page.links.has('We are on it')).toBe(false);
    const long = await elena.post(`${pathOf(kept)}/act`, {
      act: 'reopen',
      version: String((await rowOf(kept)).version),
      words: 'x'.repeat(4_001),
    });
    expect([long.status, long.errorAt('Your words')]).toEqual([422, en['refusal.case-words-long']]);
    expect(long.valueOf('Your words')).toHaveLength(4_001);
    expect((await rowOf(kept)).state).toBe('decided');
    await elena.press('Open it again', { 'Your words': 'I had the wrong account.' });
    expect(elena.page.notice).toBe(en['desk.done-reopen']);
    expect(elena.page.text).toContain('Note by Elena, just now I had the wrong account.');
    expect((await person.open(casePath(kept))).text).not.toContain('wrong account');

    // The case went to somebody else while Elena wrote.
    const dieter = await at('dieter');
    await open(dieter, kept);
    await open(elena, kept);
    await dieter.press('Hand it over', { 'To whom': 'Omar' });
    const late = await elena.press('Send', { 'Your words': 'A long answer.' });
    expect([late.status, late.notice]).toEqual([409, en['refusal.case-of-other']]);
    expect(late.text).toContain('A long answer.');
  });

  it('takes nothing else: no words, too many, no such act, no such move, a foreign version', async () => {
    const { kept } = await caseOfLucia();
    await open(elena, kept);
    await elena.press('Take this case');
    const empty = await elena.press('Send', { 'Your words': ' ' });
    expect([empty.status, empty.errorAt('Your words')]).toEqual([422, en['refusal.case-words-missing']]);
    const act = async (fields: Record<string, string>) => {
      const { version } = await rowOf(kept);
      return elena.post(`${pathOf(kept)}/act`, { version: String(version), words: 'x', ...fields });
    };
    expect((await act({ act: 'reply', words: 'x'.repeat(4_001) })).status).toBe(422);
    expect((await act({ act: 'release' })).status).toBe(400);
    expect((await act({ act: 'decide' })).status).toBe(409);
    for (const version of ['', '-1', '1e9', '999999999999999999999', 'x'])
      expect((await act({ act: 'reply', version })).status).toBe(409);
    const none = await elena.open('/support/cases/ACDEFGHJK');
    // The desk stays around it.
    expect([none.status, none.notice, none.links.has('Search')]).toEqual([404, en['desk.no-case'], true]);
    expect((await elena.open('/support/cases/%00')).status).toBe(404);
    expect((await rowOf(kept)).state).toBe('received');
  });

  it('is read by an auditor, who can do nothing', async () => {
    const { kept } = await caseOfLucia();
    const ada = await at('ada');
    await open(ada, kept);
    expect(ada.page.heading).toBe(`Case ${kept.number}`);
    expect(ada.page.html).not.toContain('name="act"');
    const { version } = await rowOf(kept);
    for (const place of ['act', 'take', 'hand-over', 'unmask'])
      expect((await ada.post(`${pathOf(kept)}/${place}`, { version: String(version) })).status).toBe(403);
  });
});

describe('the signs of a played desk', () => {
  it('show several cases about one account, however it is named, and haste; each rings once a day and decides nothing', async () => {
    const person = await app.addPerson();
    const first = await caseOfLucia(person.userId);
    await open(elena, first.kept);
    expect(elena.page.text).not.toContain(en['desk.signals']);
    people += 1;
    const second = await caseOfLucia(person.address);
    people += 1;
    const third = await caseOfLucia(person.userId.toUpperCase());
    for (const words of ['¡Es urgente, ya mismo!', 'Llamaré a mi abogado.']) {
      await third.person.open(casePath(third.kept));
      await third.person.press('Enviar a soporte', { '¿Quieres añadir algo?': words });
    }
    await open(elena, third.kept);
    const { text } = elena.page;
    expect(text).toContain('3 cases about this account in 30 days.');
    expect(text).toContain('3 different contacts in the cases about this account.');
    expect(text).toContain(en['desk.signal-urgency']);
    expect(text).not.toContain('proofs shown');
    await open(elena, third.kept);
    const signalsOf = async ({ kept }: { kept: KeptCase }) =>
      (await eventsOf((await rowOf(kept)).id)).filter(({ event }) => event === 'case.signal');
    expect(await signalsOf(third)).toHaveLength(3);
    // The second rang by itself for the contacts, before anybody looked.
    expect(await signalsOf(second)).toHaveLength(1);
    // The person is not told, and the case can be worked on like any other.
    expect((await third.person.open(casePath(third.kept))).text).not.toContain(es['desk.signals']);
    await elena.press('Take this case');
    expect((await elena.press('Send', { 'Your words': 'Hola' })).notice).toBe(en['desk.done-reply']);
    app.clock.advance(dayMs);
    elena = await at('elena');
    await open(elena, third.kept);
    expect((await signalsOf(third)).length).toBeGreaterThan(3);
    // A month later they are quiet.
    app.clock.advance(31 * dayMs);
    elena = await at('elena');
    await open(elena, first.kept);
    expect(elena.page.text).not.toContain('3 cases about this account');
  });

  it('show one contact that names many accounts', async () => {
    const contact = contactOf('collector');
    const kept: KeptCase[] = [];
    let last: Browser | undefined;
    for (const name of ['one.of.them', 'another.of.them']) {
      const person = app.browser('es');
      await person.open('/recover/case');
      await person.press('Abrir el caso', {
        'No puedo usar mi buzón': 'chosen',
        [es['case.identifier']]: name,
        '¿Qué ha pasado?': 'x',
        'Un email donde podamos escribirte': contact,
      });
      kept.push(keptFrom(person.page));
      last = person;
    }
    const [first] = kept;
    if (!first) throw new Error('no case');
    expect((await open(elena, first)).text).not.toContain('different accounts');
    // A case that was corrected names both.
    await last?.post(`${casePath(kept[1] ?? first)}/proofs`, { form: 'correction', correction: 'third.of.them' });
    expect((await open(elena, first)).text).toContain('Cases with this contact name 3 different accounts.');
  });
});

describe('a case whose person proved enough', () => {
  it('stands under "To approve" once it is proposed, and "On hold" once another agent approved', async () => {
    const owner = await app.addPerson();
    const phone = await setUpAuthenticator({ browser: app.browser(), clock: app.clock, basePath: '/', account: owner });
    const { person, kept } = await caseOfLucia(owner.userId);
    for (const code of [phone.spareCodes[0] ?? '', phone.pair()])
      expect((await person.post(`${casePath(kept)}/proofs`, { form: 'code', code })).notice).toBe(es['proof.sent']);
    const listed = async (by: Browser, view: string) =>
      (await by.open(`/support?view=${view}`)).text.includes(kept.number);
    await open(elena, kept);
    await elena.press('Take this case');
    expect(await listed(elena, 'approve')).toBe(false);
    await open(elena, kept);
    await elena.press('Propose', { [en['desk.release-why']]: 'Showed both.' });
    const omar = await at('omar');
    expect([await listed(omar, 'approve'), await listed(omar, 'hold')]).toEqual([true, false]);
    expect(omar.page.text).toContain('On hold 0');
    await open(omar, kept);
    await omar.press('Approve', { [en['desk.release-why']]: 'Showed both.' });
    expect([await listed(omar, 'approve'), await listed(omar, 'hold')]).toEqual([false, true]);
    const dieter = await at('dieter');
    expect((await dieter.open('/support/figures')).text).toContain('Omar 1 0 0');
  });
});

describe('an open page', () => {
  const newsAt = async (by: Browser): Promise<string> => {
    const [, asked = ''] = /data-news="([^"]+)"/.exec(by.page.html) ?? [];
    const answer = await by.send(asked.replaceAll('&amp;', '&'));
    expect(answer.headers.get('content-type')).toContain('json');
    const { words } = JSON.parse(await answer.text());
    return words;
  };

  it('says how much is new in its list, and that its case has changed, and keeps no session alive', async () => {
    await elena.open('/support');
    expect(await newsAt(elena)).toBe('');
    app.clock.advance(minuteMs);
    const { person, kept } = await caseOfLucia();
    expect(await newsAt(elena)).toBe('1 case with something new');
    await open(elena, kept);
    await elena.press('Take this case');
    expect(await newsAt(elena)).toBe('');
    await person.open(casePath(kept));
    await person.press('Enviar a soporte', { '¿Quieres añadir algo?': 'Otra cosa.' });
    expect(await newsAt(elena)).toBe(en['desk.case-changed']);
    // A colleague's case says nothing to who only watches it.
    const omar = await at('omar');
    const { number } = await rowOf(kept);
    for (const query of [`number=${number}&version=1`, 'number=x', 'view=nowhere&since=0', 'view=mine&since=-1', ''])
      expect(await (await omar.send(`/support/news?${query}`)).json()).toEqual({ words: '' });
    await elena.open('/support?view=mine&lang=es');
    for (let minutes = 0; minutes < 31; minutes += 5) {
      app.clock.advance(5 * minuteMs);
      await elena.send('/support/news?view=mine&since=0');
    }
    expect((await elena.send('/support/news?view=mine&since=0')).status).toBe(303);
  });

  it('has keys, each with what it does, until its agent switches them off', async () => {
    const { kept } = await caseOfLucia();
    const keysOn = () => [...elena.page.html.matchAll(/aria-keyshortcuts="(.)"/g)].map(([, key]) => key).join('');
    await elena.open('/support');
    expect([keysOn(), elena.page.html.includes('shortcuts')]).toEqual(['csmn', true]);
    await open(elena, kept);
    expect(keysOn()).toBe('cst');
    await elena.open('/support/own');
    await elena.press(en['desk.shortcuts-switch-off']);
    expect(elena.page.text).toContain(en['desk.shortcuts-off']);
    await open(elena, kept);
    expect([keysOn(), elena.page.html.includes('shortcuts')]).toEqual(['', false]);
    expect((await elena.post('/support/own/shortcuts', { shortcuts: 'perhaps' })).status).toBe(400);
    await elena.open('/support/own');
    await elena.press(en['desk.shortcuts-switch-on']);
    await elena.open('/support');
    expect(keysOn()).toBe('csmn');
  });
});

describe('a sign of being played', () => {
  it('rings though no agent looks, once a day', async () => {
    const owner = await app.addPerson();
    const signs = async () =>
      (
        await app.db.read.selectFrom('audit_events').select('subject_id').where('event', '=', 'case.signal').execute()
      ).map(({ subject_id }) => subject_id);
    const before = (await signs()).length;
    for (let times = 0; times < 3; times += 1) await caseOfLucia(owner.userId);
    await app.deliverMail();
    const rung = await signs();
    expect(rung.length).toBeGreaterThan(before);
    for (let times = 0; times < 2; times += 1) await app.deliverMail();
    expect(await signs()).toHaveLength(rung.length);
  });
});

describe('the figures', () => {
  it('are for leads and auditors: what was opened, answered and decided, as a page and as a file, and no speed of approval', async () => {
    const { kept } = await caseOfLucia();
    app.clock.advance(2 * hourMs);
    elena = await at('elena');
    await open(elena, kept);
    await elena.press('Take this case');
    await elena.press('Begin to decide');
    await elena.press('Send and close as decided', { 'Your words': 'No.' });
    await elena.press('Open it again');
    const forbidden = await elena.open('/support/figures');
    expect([forbidden.status, forbidden.links.has(en['desk.to-desk'])]).toEqual([403, true]);
    expect(forbidden.text).not.toContain(en['page.support-aside']);
    expect((await elena.open('/support/figures.csv')).status).toBe(403);
    expect((await elena.open('/support')).links.has('Figures')).toBe(false);
    for (const name of ['dieter', 'ada'] as const) {
      const by = await at(name);
      await by.open('/support');
      const page = await by.follow('Figures');
      expect(page.text).toContain(en['figures.about']);
      expect(page.text).toMatch(/Decided [1-9]/);
      expect(page.text).toMatch(/Came back after a decision [1-9]/);
      // Thirty days have no room for a word each: the first, the one in the middle and the last.
      expect(page.html.match(/<p class="hint days ends"[^]*?<\/p>/)?.[0].match(/<span>/g)).toHaveLength(3);
    }
    // Whoever waits for an answer beyond the promise is counted until it comes.
    const overdueNow = async (by: Browser) => {
      const [, count] =
        /^,overdue,,(\d+)$/m.exec((await (await by.send('/support/figures.csv?days=7')).text()).replaceAll('\r', '')) ??
        [];
      return Number(count);
    };
    const waiting = await caseOfLucia();
    app.clock.advance(3 * dayMs);
    const ada = await at('ada');
    const before = await overdueNow(ada);
    expect(before).toBeGreaterThan(0);
    elena = await at('elena');
    await open(elena, waiting.kept);
    await elena.press('Take this case');
    await elena.press('Send', { 'Your words': 'Sorry, here we are.' });
    expect(await overdueNow(ada)).toBe(before - 1);
    const file = await ada.send('/support/figures.csv?days=7');
    expect([file.status, file.headers.get('content-type'), file.headers.get('content-disposition')]).toEqual([
      200,
      'text/csv; charset=utf-8',
      'attachment; filename="figures-7-days.csv"',
    ]);
    const lines = (await file.text()).split('\r\n');
    const { decided_at } = await rowOf(kept);
    const day = new Date(decided_at ?? 0).toISOString().slice(0, 10);
    expect(lines.find((line) => line.startsWith(`${day},decided,,`))).toMatch(/,[1-9]$/);
    expect(lines.filter((line) => line.includes(',opened,'))).toHaveLength(7);
    // Whatever else is asked for is thirty days.
    for (const days of ['', '8', '-7', '1e9', '<script>'])
      expect((await ada.open(`/support/figures?days=${encodeURIComponent(days)}`)).text).toContain('30 days');
    const spanish = await ada.open('/support/figures?days=90&lang=es');
    expect([spanish.heading, spanish.text.includes(es['figures.about'])]).toEqual(['Cifras', true]);
    expect(spanish.html).not.toMatch(/style=/);
    const viewed = await app.db.read
      .selectFrom('audit_events')
      .select('facts')
      .where('event', '=', 'agent.figures_viewed')
      .execute();
    expect(viewed.length).toBeGreaterThan(5);
  });
});

describe('the lists', () => {
  it('hold fifty cases a part, what was promised first at the head, and say what is late', async () => {
    const { app: own, db, browser, clock, close } = await createTestApp();
    const agent = await enrolAgent({ app: own, clock, browser }, { name: 'Elena' });
    const kept: string[] = [];
    for (let times = 0; times < pageSize + 2; times += 1) {
      kept.push((await openCase(browser(), `stuck${times}@mail.example`)).number);
      clock.advance(hourMs);
    }
    await db.write((tx) => tx.deleteFrom('counters').execute());
    const desk = browser();
    await signInAgent(desk, agent);
    const first = await desk.open('/support');
    expect(first.text).toContain(`${en['desk.view-unassigned']} ${pageSize + 2}`);
    expect(first.text.indexOf(kept[0] ?? '')).toBeLessThan(first.text.indexOf(kept[1] ?? ''));
    expect(first.text).toContain('late by');
    expect(first.text).not.toContain(kept[pageSize] ?? '');
    await desk.follow('More cases');
    expect(desk.page.text).toContain(kept[pageSize] ?? '');
    expect(desk.page.text).not.toContain(kept[0] ?? '');
    for (const after of ['', 'x', '1.', '9'.repeat(40), '5.<script>'])
      expect((await desk.open(`/support?view=nowhere&after=${encodeURIComponent(after)}`)).status).toBe(200);
    // One that was answered and comes back is due from then on, behind those that wait longer; who waits keeps the place.
    const dueOf = (number: string) =>
      db.read
        .selectFrom('cases')
        .select(['due_at', 'promised_at'])
        .where('number', '=', number.replaceAll(' ', ''))
        .executeTakeFirstOrThrow();
    const person = browser();
    const back = await openCase(person, 'back@mail.example');
    const write = () => person.post(`${casePath(back)}/message`, { words: 'And one thing more.' });
    const { promised_at } = await dueOf(back.number);
    clock.advance(hourMs);
    await write();
    expect(await dueOf(back.number)).toEqual({ promised_at, due_at: promised_at });
    await signInAgent(desk, agent);
    await desk.open(pathOf(back));
    await desk.press('Take this case');
    await desk.press('Send', { 'Your words': 'We look at it.' });
    expect(desk.page.text).toContain(en['desk.answered']);
    clock.advance(3 * hourMs);
    await write();
    const writtenAt = clock.now();
    expect(await dueOf(back.number)).toEqual({ promised_at, due_at: writtenAt + 2 * dayMs });
    clock.advance(hourMs);
    await write();
    expect(await dueOf(back.number)).toEqual({ promised_at, due_at: writtenAt + 2 * dayMs });
    await signInAgent(desk, agent);
    expect((await desk.open(pathOf(back))).text).toMatch(/due in (47 hours|2 days)/);
    expect((await desk.open('/support?view=mine')).text).toContain(back.number);
    await close();
  });
});

describe('the search', () => {
  const search = async (text: string) => {
    await elena.open('/support/search');
    return elena.press('Search', { [en['desk.search-label']]: text });
  };

  it('finds by number, contact, what was typed for the account, and by the account that a recovery was for', async () => {
    const person = await app.addPerson();
    const { kept } = await caseOfLucia(person.userId);
    for (const text of [kept.number, kept.number.replaceAll(' ', '').toLowerCase(), contactOf('lucia'), person.userId])
      expect((await search(text)).text).toContain(kept.number);
    const stuck = app.browser();
    await startRecovery(stuck, person.address);
    await stuck.press('Verify now', {}, 'Contact support');
    await stuck.press('Open the case', {
      'Something else': 'chosen',
      [en['case.identifier']]: '',
      'What happened?': 'x',
      'An email address where we can reach you': contactOf('other'),
    });
    expect((await search(person.userId)).text).toContain(keptFrom(stuck.page).number);
    for (const text of ['nobody.at.all', 'no@where.example', '%', "' OR 1=1 --", '<script>'])
      expect((await search(text)).text).toContain(en['desk.found-none']);
    // What is looked for stands in no address.
    expect(elena.page.path).toBe('/support/search');
  });

  it('is an event without what was typed, and bounded in an hour: in the next it goes on', async () => {
    const { kept } = await caseOfLucia();
    const { id } = agents.elena;
    const before = (await eventsOf(id)).filter(({ event }) => event === 'case.searched').length;
    await search(kept.number);
    const found = (await eventsOf(id)).filter(({ event }) => event === 'case.searched');
    expect([found.length - before, found.at(-1)?.facts]).toEqual([1, '{"found":1}']);
    await app.app.agents.within('agent-search', id);
    for (let times = 2; times < limits['agent-search'].max; times += 1) await app.app.agents.within('agent-search', id);
    const refused = await search(kept.number);
    expect([refused.status, refused.valueOf(en['desk.search-label'])]).toEqual([429, kept.number]);
    expect(refused.text).not.toContain('New message');
    // Nothing about a network, nor the way to support: that is where the agent is.
    const words = en['refusal.agent-limit'].replace('{wait}', '60 minutes');
    expect(refused.text).toContain(words);
    app.clock.advance(hourMs);
    elena = await at('elena');
    expect((await search(kept.number)).text).toContain(kept.number);
  });
});

it('looking at many cases that are not one’s own is bounded in an hour, and rings the alarm once', async () => {
  const { kept } = await caseOfLucia();
  const omar = await at('omar');
  for (let times = 0; times < limits['agent-case'].max; times += 1) expect((await open(omar, kept)).status).toBe(200);
  const refused = await open(omar, kept);
  expect([refused.status, refused.html.includes('Mi buzón')]).toEqual([429, false]);
  expect(refused.text).toContain(en['refusal.agent-limit'].split('{')[0]);
  await open(omar, kept);
  const alarms = (await eventsOf(agents.omar.id)).filter(({ event }) => event === 'agent.limit_reached');
  expect(alarms).toHaveLength(1);
  await open(elena, kept);
  await elena.press('Take this case');
  for (let times = 0; times <= limits['agent-case'].max; times += 1) await open(elena, kept);
  expect(elena.page.status).toBe(200);
});
