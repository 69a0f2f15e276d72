// What the desk reads of cases, on both engines: found by an index, however many cases there are.
import { CompiledQuery, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeys } from '../../src/base/secret.ts';
import type { Database } from '../../src/database/database.ts';
import { dayMs } from '../../src/base/clock.ts';
import { countFigures, createDaySums } from '../../src/desk/figure-rows.ts';
import { figuresOf, firstDayOf } from '../../src/desk/figures.ts';
import { countCases, findRelatedCases, listCases, pageSize, queueViews } from '../../src/desk/desk-rows.ts';
import { ownPile, pileCases, sharedContact } from '../../src/testing/cases.ts';
import { createFakeClock } from '../../src/testing/clock.ts';
import type { TestDatabase } from '../../src/testing/databases.ts';
import { engines, few } from '../engines.ts';

const keys = createKeys([{ id: 'test', secret: Buffer.alloc(32, 7) }]);
const clock = createFakeClock();
const scope = { site: 'default', agentId: 'elena' };
const related = {
  contactHashes: keys.hashes('mailbox', 'default', sharedContact),
  identifierHashes: keys.hashes('identifier', 'default', 'user-id', 'maria'),
  accountIds: ['somebody'],
};

describe.each(engines)('the lists of the desk on $engine', ({ createDatabase }) => {
  let test: TestDatabase;
  const asked: CompiledQuery[] = [];
  let db: Database;
  beforeAll(async () => {
    test = await createDatabase(few);
    await pileCases({ db: test.db, keys, clock }, { open: 300, decided: 100, agentId: 'elena', userId: 'maria' });
    const read = test.db.read.withPlugin({
      transformQuery({ node, queryId }) {
        asked.push(test.db.read.getExecutor().compileQuery(node, queryId));
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    db = { ...test.db, read };
  });
  afterAll(() => test.remove());

  const figuresNow = () => {
    const end = Math.floor(clock.now() / dayMs) + 1;
    return countFigures(db, { site: 'default', first: firstDayOf(7, clock.now()), end, now: clock.now() });
  };

  it('hold a part each and are counted together; what is related comes newest first, bounded', async () => {
    const counts = await countCases(db, scope);
    expect(counts).toMatchObject({ mine: ownPile, open: 300, closed: 100 });
    for (const view of queueViews) {
      const lines = await listCases(db, scope, view, undefined);
      expect(lines).toHaveLength(Math.min(pageSize + 1, counts[view]));
      const [first] = lines;
      const place = { at: (view === 'closed' ? first?.ended_at : first?.due_at) ?? 0, id: first?.id ?? '' };
      expect((await listCases(db, scope, view, place))[0]?.id).toBe(lines[1]?.id);
    }
    const found = await findRelatedCases(db, 'default', related, 8);
    expect(found).toHaveLength(8);
    expect(found.map(({ created_at }) => created_at)).toEqual(
      found.map(({ created_at }) => created_at).toSorted((a, b) => b - a),
    );
    expect(await findRelatedCases(db, 'elsewhere', related, 8)).toEqual([]);
  });

  it('are counted into figures, each by one walk through an index', async () => {
    const now = clock.now();
    const figures = await figuresNow();
    const since = firstDayOf(7, now) * dayMs;
    const rows = await test.db.read.selectFrom('cases').selectAll().execute();
    const all = (groups: readonly { count: number }[]) => groups.reduce((sum, { count }) => sum + count, 0);
    const are = (moment: 'created_at' | 'answered_at' | 'decided_at' | 'reopened_at') =>
      rows.filter((row) => (row[moment] ?? 0) >= since);
    expect(all(figures.opened)).toBe(are('created_at').length);
    expect(all(figures.answered)).toBe(are('answered_at').length);
    expect(all(figures.answerSteps)).toBe(are('answered_at').length);
    expect(all(figures.decided)).toBe(are('decided_at').length);
    expect(all(figures.decisionSteps)).toBe(are('decided_at').length);
    expect(figures.reopened).toBe(are('reopened_at').length);
    expect(figures.answeredInTime).toBe(
      are('answered_at').filter(({ answered_at, promised_at }) => (answered_at ?? 0) <= promised_at).length,
    );
    expect([figures.reopened > 0, all(figures.decided) > 0, figures.answeredInTime > 0]).toEqual([true, true, true]);
    const [first] = figures.opened;
    expect(Number.isSafeInteger(first?.day)).toBe(true);
    // Summed up by the worker, of several at once and by each again, they are the same.
    const shown = () => figuresNow().then((counted) => figuresOf({ ...counted, agents: [] }, { days: 7, now }));
    const before = await shown();
    const workers = Array.from({ length: 4 }, () => createDaySums({ db: test.db, clock, site: 'default' }));
    await Promise.all(workers.map(({ sumUp }) => sumUp()));
    for (const { sumUp } of workers) await sumUp();
    expect(await shown()).toEqual(before);
    const sums = await test.db.read.selectFrom('desk_days').select('day').where('figure', '=', 'summed').execute();
    expect(sums.map(({ day }) => day)).toEqual([Math.floor(now / dayMs) - 1]);
    // Of the days that are over no case is read any more; the next day is summed up when it is over.
    await test.db.write((tx) =>
      tx
        .updateTable('cases')
        .set({ reopened_at: null })
        .where('reopened_at', '<', now - dayMs)
        .execute(),
    );
    expect((await shown()).reopened).toBe(before.reopened);
    // Nothing was promised for today or before; two days on all that is open and was not answered is overdue.
    expect(before.overdue).toBe(0);
    clock.advance(dayMs);
    await workers[0]?.sumUp();
    expect(
      await test.db.read.selectFrom('desk_days').select('day').where('figure', '=', 'summed').execute(),
    ).toHaveLength(2);
    clock.advance(dayMs);
    const unanswered = rows.filter(({ answered_at, ended_at }) => answered_at === null && ended_at === null);
    expect(unanswered.length).toBeGreaterThan(100);
    const { overdue, answered, answeredInTime, inTimeShare } = figuresOf(
      { ...(await figuresNow()), agents: [] },
      { days: 7, now: clock.now() },
    );
    expect([overdue, inTimeShare]).toEqual([unanswered.length, answeredInTime / (answered + unanswered.length)]);
  });

  it('are found by indexes alone, and nothing is sorted that is not found by more than the site', async () => {
    const distinct = new Map(asked.map((query) => [query.sql, query]));
    expect(distinct.size).toBeGreaterThan(10);
    for (const [text, plan] of await plansOf(test.db, [...distinct.values()])) {
      // Of releases and closings there are few: every one was approved by two people.
      const isWalk = plan.some((step) =>
        /^SCAN (?!some|CONSTANT|releases|closings)|Seq Scan on (?!releases|closings)/.test(step),
      );
      const isSorted = plan.some((step) => step.includes('TEMP B-TREE FOR ORDER BY'));
      const isBySiteAlone = plan.some((step) => step.endsWith('(site=?)'));
      expect([text, plan, isWalk || (isSorted && isBySiteAlone)]).toEqual([text, plan, false]);
      if (test.db.engine === 'postgres') continue;
      // Releases lead to their cases, not all cases to their releases.
      const led = text.split('in (select "case_id" from "releases"').length - 1;
      const byId = plan.filter((step) => step.startsWith('SEARCH cases') && step.endsWith('(id=?)')).length;
      expect([text, plan, byId >= led]).toEqual([text, plan, true]);
    }
  });
});

/** Of each query, the steps that the engine would take. */
async function plansOf(db: Database, queries: readonly CompiledQuery[]): Promise<(readonly [string, string[]])[]> {
  const plans: (readonly [string, string[]])[] = [];
  const isSqlite = db.engine === 'sqlite';
  await db.write(async (tx) => {
    // So few rows are read faster one after another: what is asked is whether an index can do it.
    if (!isSqlite) await sql`SET LOCAL enable_seqscan = off`.execute(tx);
    for (const { sql: text, parameters } of queries) {
      const explain = CompiledQuery.raw(`EXPLAIN ${isSqlite ? 'QUERY PLAN ' : ''}${text}`, [...parameters]);
      const { rows } = await tx.executeQuery<{ detail: string; 'QUERY PLAN': string }>(explain);
      plans.push([text, rows.map((row) => (isSqlite ? row.detail : row['QUERY PLAN']))]);
    }
  });
  return plans;
}
