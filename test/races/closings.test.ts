// The closing of an account on both engines: what is approved once however often at once, and the rows that the database itself
// refuses. The whole way of it is in test/journeys/closings.test.ts.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayMs } from '../../src/base/clock.ts';
import { en } from '../../src/i18n/en.ts';
import { closingHoldMs } from '../../src/releases/policy.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import { atOnce, engines } from '../engines.ts';
import { stuck } from '../journeys/release-steps.ts';
import { type DeskAgents, enrolDesk, signInAt } from '../journeys/steps.ts';

describe.each(engines)('closing an account on $engine', ({ createDatabase }) => {
  let app: TestApp;
  let agents: DeskAgents;
  beforeAll(async () => {
    app = await createTestApp({ createDatabase });
    agents = await enrolDesk(app);
  });
  afterAll(async () => {
    expect(app.faults).toEqual([]);
    await app.close();
  });

  const died = () => stuck(app, { kind: en['case.owner-died'], ageMs: dayMs });

  it('is approved once by four that come at once', async () => {
    const of = await died();
    const elena = await signInAt(app, agents.elena);
    await elena.open(of.path);
    await elena.press('Take this case');
    await elena.press(`Propose to close the account ${of.owner.userId}`, {
      [en['desk.release-why']]: 'A sister wrote.',
    });
    const closing = app.db.read.selectFrom('closings').select(['id', 'version']).where('case_id', '=', of.caseId);
    const { id, version } = await closing.executeTakeFirstOrThrow();
    const dieter = await signInAt(app, agents.dieter);
    const approval = { act: 'approve-closing', release: id, version: String(version), words: 'why' };
    const answers = await atOnce(4, () => dieter.post(`${of.path}/release`, approval));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(3);
  });

  it.each([
    ['an approval by who proposed it', (elena: string) => ({ approved_by: elena })],
    ['a hold that nobody approved', () => ({ approved_by: null, approved_at: null })],
    ['a closing before its time', () => ({ state: 'closed', closed_at: closingHoldMs - 1, ended_at: 1 })],
    ['a closing without a time', () => ({ state: 'closed', ended_at: 1 })],
    ['an end that leaves it open', () => ({ ended_at: 1 })],
    ['a state that there is not', () => ({ state: 'given', ended_at: 1 })],
  ])('is refused by the database as %s', async (_, change) => {
    const of = await died();
    const [elena, dieter] = [agents.elena.id, agents.dieter.id];
    const row = { id: of.caseId, site: 'default', case_id: of.caseId, account_id: of.accountId, version: 1 };
    const times = { proposed_at: 0, approved_at: 0, due_at: 1, closed_at: null, ended_at: null };
    const holding = { ...row, ...times, state: 'holding', proposed_by: elena, approved_by: dieter };
    const changed = { ...holding, ...change(elena) };
    await expect(app.db.write((tx) => tx.insertInto('closings').values(changed).execute())).rejects.toThrow(
      /constraint/i,
    );
    await app.db.write((tx) => tx.insertInto('closings').values(holding).execute());
    await app.db.write((tx) => tx.deleteFrom('closings').where('id', '=', of.caseId).execute());
  });
});
