// What has ended is deleted as src/retention/retention.ts says, by the clean-up of every minute, on both engines; accounts,
// live sessions and open cases stay, and of the audit trail the last year, which still verifies.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAudit } from '../../src/audit/audit.ts';
import { dayMs, minuteMs } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { settingsSchema } from '../../src/config/settings.ts';
import type { Tables } from '../../src/database/tables.ts';
import { en } from '../../src/i18n/en.ts';
import { retention } from '../../src/retention/retention.ts';
import { enrolAgent, signInAgent } from '../../src/testing/agents.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import { engines } from '../engines.ts';
import { codeOf, enterCode, followCase, newPassword, opens, reachCode } from '../journeys/steps.ts';
import { leaveEverything } from '../traces.ts';

const isTable = (name: string): name is keyof Tables => Object.hasOwn(retention, name);
const tables = Object.keys(retention).filter(isTable);
/** Those with rules: what nobody uses any more is gone from them in the end. Of the audit trail the newest event stays. */
const emptying = tables.filter((table) => typeof retention[table] === 'object' && table !== 'audit_events');

describe.each(engines)('on $engine', ({ createDatabase }) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp({ createDatabase });
  });
  afterAll(() => app.close());

  const count = async (table: keyof Tables): Promise<number> =>
    (await app.db.read.selectFrom(table).selectAll().execute()).length;
  const countAll = async (of: readonly (keyof Tables)[]) =>
    Object.fromEntries(await Promise.all(of.map(async (table) => [table, await count(table)] as const)));
  const pass = async (ms: number) => {
    app.clock.advance(ms);
    await app.deliverMail();
  };

  it('nothing is left of what ended but accounts, the last year of the audit trail and what is still open', {
    timeout: 120_000,
  }, async () => {
    const { person, kept } = await leaveEverything(app);
    const before = await countAll(tables);
    expect(emptying.filter((table) => before[table] === 0)).toEqual([]);

    // A day after the end: codes, and what was typed at sign-up.
    await pass(2 * dayMs + minuteMs);
    expect(await countAll(['mailed_codes', 'sign_ups', 'case_handles', 'counters'])).toEqual({
      mailed_codes: 0,
      sign_ups: 0,
      case_handles: 0,
      counters: 0,
    });
    for (const table of ['recoveries', 'case_contacts'] as const) {
      const codes = await app.db.read.selectFrom(table).select('code_random').execute();
      expect(codes.length).toBeGreaterThan(0);
      expect(codes.filter(({ code_random }) => code_random)).toEqual([]);
    }
    // The contact can still be confirmed, by a new code.
    const later = app.browser();
    await followCase(later, kept);
    await later.follow('Confirm it');
    await later.press('Get a new code');
    await enterCode(later, codeOf(await app.mailTo('stuck@mail.example')));
    expect(later.page.text).toContain('stuck@mail.example Confirmed');

    // 30 days after the end: recoveries, but for the one that an open case came from.
    await pass(26 * dayMs);
    expect(await count('recoveries')).toBe(before['recoveries']);
    await pass(4 * dayMs);
    const left = await app.db.read.selectFrom('recoveries').select('id').execute();
    const { recovery_id } = await app.db.read.selectFrom('cases').select('recovery_id').executeTakeFirstOrThrow();
    expect(left).toEqual([{ id: recovery_id }]);

    await pass(400 * dayMs);
    expect((await followCase(app.browser(), kept)).text).toContain('have been deleted');
    await pass(400 * dayMs);
    // A clean-up that meets an emptied case with a live handle waits for it: this is the pass after.
    await pass(2 * minuteMs);
    expect(await countAll(emptying)).toEqual(Object.fromEntries(emptying.map((table) => [table, 0])));
    expect(await countAll(['accounts', 'addresses'])).toEqual({ accounts: 1, addresses: 1 });
    expect(await count('audit_events')).toBeLessThan(before['audit_events'] ?? 0);
    const { db, clock } = app;
    const audit = createAudit({ db, keys: app.keys, clock, random: systemRandom, site: 'default' });
    expect(await audit.verify()).toMatchObject({ cut: expect.toSatisfy((cut) => cut > 0), faults: [] });
    // What the rule says is what the setting is by itself.
    expect(settingsSchema.shape.auditDays.parse(undefined) * dayMs).toBe(retention.audit_events.old.keptMs);
    expect(await opens(app, person, newPassword)).toBe(true);
  });

  it('a decided case loses its evidence after 60 days, its words, messages, contacts and recovery after 90, and its number after a year', {
    timeout: 120_000,
  }, async () => {
    const { kept } = await leaveEverything(app);
    const number = kept.number.replaceAll(' ', '');
    const row = () => app.db.read.selectFrom('cases').selectAll().where('number', '=', number).executeTakeFirst();
    for (const event of ['taken-up', 'decided'] as const) {
      const from = await row();
      if (from) await app.db.write((tx) => app.app.cases.move(tx, from, event));
    }
    await pass(59 * dayMs);
    const evidence = async () => (await app.db.read.selectFrom('case_evidence').select('id').execute()).length;
    expect(await evidence()).toBe(1);
    await pass(dayMs + minuteMs);
    expect(await evidence()).toBe(0);
    await pass(29 * dayMs);
    expect(await row()).toMatchObject({ emptied_at: null });
    expect(await count('case_contacts')).toBeGreaterThan(0);
    await pass(dayMs + minuteMs);
    const emptied = await row();
    expect(emptied).toMatchObject({ words_sealed: '', recovery_id: null, state: 'decided' });
    expect(await count('case_contacts')).toBe(0);
    // What happened stays for as long as the number; the words about it do not.
    const steps = await app.db.read.selectFrom('release_steps').select('words_sealed').execute();
    expect(steps).toEqual([{ words_sealed: '' }]);
    const browser = app.browser();
    const page = await followCase(browser, kept);
    expect(page.text).toContain('What you wrote and the email address you gave have been deleted.');
    // The desk reads what happened, and nothing is said of what is gone: not that no account has this name.
    const desk = app.browser();
    await signInAgent(desk, await enrolAgent(app, { name: 'dora', role: 'auditor' }));
    await desk.open(`/support/cases/${number}`);
    for (const name of ['desk.emptied', 'desk.course'] as const) expect(desk.page.text).toContain(en[name]);
    for (const name of [
      'desk.contact',
      'desk.not-said',
      'desk.accounts',
      'desk.no-account',
      'desk.mails',
      'desk.no-mails',
      'desk.related',
      'desk.release',
      'desk.unmask',
    ] as const)
      expect(desk.page.text).not.toContain(en[name]);
    // No form of it does anything any more.
    for (const place of ['contact', 'contact/again', 'contact/change'])
      expect((await browser.open(`/recover/case/${number}/${place}`)).path).toBe(`/recover/case/${number}`);
    expect((await browser.post(`/recover/case/${number}/contact`, { code: '12345678' })).status).toBe(200);
    if (emptied)
      expect(await app.db.write((tx) => app.app.cases.move(tx, emptied, 'reopened'))).toMatchObject({ ok: false });
    await pass(274 * dayMs);
    expect(await row()).toBeDefined();
    await pass(dayMs + minuteMs);
    expect(await row()).toBeUndefined();
  });

  it('a mailbox with wrong codes against it is not forgotten', async () => {
    const person = await app.addPerson();
    await reachCode(app.browser(), person.address);
    await app.deliverMail();
    const hash = app.keys.hash('mailbox', 'default', person.address);
    await app.db.write((tx) =>
      tx.updateTable('mailboxes').set({ wrong_in_a_row: 99 }).where('mailbox_hash', '=', hash).execute(),
    );
    await pass(400 * dayMs);
    expect(await count('mailboxes')).toBe(1);
    await app.db.write((tx) => tx.updateTable('mailboxes').set({ wrong_in_a_row: 0 }).execute());
    await pass(minuteMs);
    expect(await count('mailboxes')).toBe(0);
  });

  it('meets no fault of ours in all of this', () => {
    expect(app.faults).toEqual([]);
  });
});
