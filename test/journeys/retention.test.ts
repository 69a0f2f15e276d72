// What has ended is kept for 30 days and then deleted; accounts, live sessions and the audit trail stay.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dayMs, minuteMs } from '../../src/base/clock.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import { choosePassword, newPassword, opens, reachCode, reachPassword } from './steps.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const tables = ['recoveries', 'mailed_codes', 'outbox', 'sessions', 'counters'] as const;
const countRows = async () => {
  const counts: Record<string, number> = {};
  for (const table of [...tables, 'accounts', 'audit_events'] as const) {
    counts[table] = (await app.db.read.selectFrom(table).selectAll().execute()).length;
  }
  return counts;
};

it('deletes what ended 30 days ago, and nothing that is still of use', async () => {
  const person = await app.addPerson();
  const browser = app.browser();
  await reachPassword(app, browser, person);
  await choosePassword(browser);
  await opens(app, person, newPassword);
  await app.deliverMail();
  const before = await countRows();
  for (const table of tables) expect(before[table]).toBeGreaterThan(0);

  app.clock.advance(29 * dayMs);
  await app.deliverMail();
  expect(await countRows()).toMatchObject({ recoveries: before['recoveries'], mailed_codes: before['mailed_codes'] });

  app.clock.advance(33 * dayMs);
  await reachCode(app.browser(), person.address);
  app.clock.advance(2 * minuteMs);
  await app.deliverMail();
  expect(await countRows()).toMatchObject({ recoveries: 1, sessions: 0, accounts: 1 });
  expect((await countRows())['audit_events']).toBeGreaterThan(before['audit_events'] ?? 0);
  expect(await opens(app, person, newPassword)).toBe(true);
});
