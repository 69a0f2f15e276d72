// A case, sixteen at once on both engines: tries are taken before they are compared, a contact is confirmed once and told
// once, one contact counts at any time, and one move wins.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maxTries } from '../../src/proofs/email-code.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { atOnce, engines, warmUp } from '../engines.ts';
import { codeOf, followCase, openCase, wrong } from '../journeys/steps.ts';

describe.each(engines)('a case on $engine', ({ createDatabase }) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp({ createDatabase });
    await warmUp(app.db);
  }, 60_000);
  afterAll(() => app.close());

  let people = 0;
  async function begin() {
    people += 1;
    const contact = `stuck${people}@mail.example`;
    const browser = app.browser();
    const kept = await openCase(browser, contact);
    const number = kept.number.replaceAll(' ', '');
    const row = () =>
      app.db.read.selectFrom('cases').selectAll().where('number', '=', number).executeTakeFirstOrThrow();
    const { id } = await row();
    const contacts = () => app.db.read.selectFrom('case_contacts').selectAll().where('case_id', '=', id).execute();
    const countEvents = async (event: string) =>
      (
        await app.db.read
          .selectFrom('audit_events')
          .select('id')
          .where('subject_id', '=', id)
          .where('event', '=', event)
          .execute()
      ).length;
    return { contact, browser, kept, path: `/recover/case/${number}`, row, contacts, countEvents };
  }

  const send = (browser: Browser, path: string, fields: Record<string, string>) =>
    browser.send(path, { method: 'POST', body: new URLSearchParams(fields) });

  it('takes five codes and no more', async () => {
    const { contact, browser, path, contacts, countEvents } = await begin();
    const code = codeOf(await app.mailTo(contact));
    await atOnce(16, () => send(browser, `${path}/contact`, { code: wrong(code) }));
    expect(await countEvents('case.contact_code_wrong')).toBe(maxTries);
    expect((await contacts())[0]?.tries).toBe(maxTries);
    await send(browser, `${path}/contact`, { code });
    expect((await contacts())[0]?.confirmed_at).toBeNull();
  });

  it('is confirmed once and told once', async () => {
    const { contact, browser, path, countEvents } = await begin();
    const code = codeOf(await app.mailTo(contact));
    const answers = await atOnce(16, () => send(browser, `${path}/contact`, { code }));
    // Whoever comes second sees that it is confirmed.
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([303]));
    expect(await countEvents('case.contact_confirmed')).toBe(1);
    expect(await app.mailsTo(contact)).toHaveLength(2);
  });

  it('has one contact that counts, whoever corrects it at the same time', async () => {
    const { browser, path, contacts, countEvents } = await begin();
    await atOnce(4, (index) => send(browser, `${path}/contact/change`, { contact: `other${index}@mail.example` }));
    const all = await contacts();
    expect(all.filter(({ replaced_at }) => replaced_at === null)).toHaveLength(1);
    expect(await countEvents('case.contact_changed')).toBe(all.length - 1);
  });

  it('is asked to mail again by one of them', async () => {
    const { contact, browser, path } = await begin();
    await app.deliverMail();
    app.clock.advance(60_000);
    const answers = await atOnce(16, () => send(browser, `${path}/contact/again`, {}));
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(await app.mailsTo(contact)).toHaveLength(2);
  });

  it('goes on by one of them', async () => {
    const { row, countEvents } = await begin();
    const from = await row();
    const outcomes = await atOnce(16, () => app.db.write((tx) => app.app.cases.move(tx, from, 'taken-up')));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await countEvents('case.moved')).toBe(1);
    expect((await row()).version).toBe(from.version + 1);
  });

  it('of a number gives out ten tries to a network', async () => {
    const { kept } = await begin();
    const stranger = app.browser();
    const answers = await atOnce(16, () =>
      send(stranger, '/recover/case/status', { number: kept.number, code: 'ACDE FGHJ KMNP QRTV' }),
    );
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(10);
    expect((await followCase(app.browser(), kept)).status).toBe(200);
  });

  it('meets no fault of ours in all of this', () => {
    expect(app.faults).toEqual([]);
  });
});
