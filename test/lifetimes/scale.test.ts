// What keeps every request and every clean-up as cheap with ten million rows as with ten: each statement that the walk, the desk
// and the jobs make finds its rows by an index, on both engines; and what is over goes in batches that hold nobody up.
import { CompiledQuery, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayMs, minuteMs } from '../../src/base/clock.ts';
import { deleteOver, rowsInBatch } from '../../src/database/batches.ts';
import type { Database } from '../../src/database/database.ts';
import { tableNames } from '../../src/database/tables.ts';
import { enrolAgent, signInAgent } from '../../src/testing/agents.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import type { TestDatabase } from '../../src/testing/databases.ts';
import { engines } from '../engines.ts';
import { newPassword, signIn } from '../journeys/steps.ts';
import { leaveEverything } from '../traces.ts';

interface Explained {
  /** What is read. */
  readonly reads: RegExp;
  /** In the words of the statement. */
  readonly by: RegExp;
}

/** What reads a whole table or index, by why that is right. Each is met on one of the engines, or it does not belong here. */
const explained: Readonly<Record<string, Explained>> = {
  'as many as work at the desk': { reads: /agents_name|\bagents$/, by: /from "agents"/ },
  'no further than its LIMIT, in the order of the index': {
    reads: /site by cases_|desk_days|case_contacts_untold/,
    by: /limit (\?|\$\d+)/,
  },
  'none: a start refuses what stands in this index': { reads: /accounts_with_at/, by: /user_id_key LIKE '%@%'/ },
  'as many as are open at once: releases': { reads: /releases/, by: /"releases"/ },
  'as many as were written in the last second': { reads: /audit_events_unsealed/, by: /"seq" is null .* limit/ },
  'as many as wait for their code on one day, when an account is erased': {
    reads: /sign_ups/,
    by: /select "id", "address" from "sign_ups"/,
  },
  'as many as an import has staged, when an account is erased': { reads: /import_rows/, by: /"user_id_key" = / },
  'nothing: SQLite names the children of a constraint, and looks at none where none is broken': {
    reads: /releases|closings/,
    by: /^insert into "agents"/,
  },
};

/** Notes every statement that runs through this database. */
function watch(db: Database, seen: Map<string, readonly unknown[]>): Database {
  const plugin: Parameters<Database['read']['withPlugin']>[0] = {
    transformQuery({ node, queryId }) {
      const { sql: text, parameters } = db.read.getExecutor().compileQuery(node, queryId);
      if (/^\s*(select|insert|update|delete|with)\b/i.test(text)) seen.set(text, parameters);
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  return {
    ...db,
    read: db.read.withPlugin(plugin),
    write: (work) => db.write((tx) => work(tx.withPlugin(plugin))),
  };
}

interface Plan {
  readonly 'Node Type'?: string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly Plan[];
}

const ours = new Set<string>(tableNames);
/** Every row of a site has the same one: to look by it alone is to look at all. */
const isSiteAlone = (condition: string) => /^\(?\(?site = ('\w+'::text|\$\d+)\)?\)?$/.test(condition);

function scansIn(plan: Plan, within = ''): string[] {
  const { 'Node Type': type = '', 'Relation Name': table = within, 'Index Name': index, 'Index Cond': by } = plan;
  const below = (plan.Plans ?? []).flatMap((each) => scansIn(each, table));
  if (type === 'Seq Scan' && ours.has(table)) return [...below, `reads all of ${table}`];
  if (!/Index/.test(type) || index === undefined) return below;
  if (by === undefined) return [...below, `reads all of ${index}`];
  return isSiteAlone(by) ? [...below, `reads all of a site by ${index}`] : below;
}

/** PostgreSQL plans by what it is told of each table: a million rows, of one site. SQLite supposes as much by itself. */
async function pretendMillions(db: Database): Promise<void> {
  if (db.engine === 'sqlite') return;
  await db.write(async (tx) => {
    await sql`SELECT pg_restore_relation_stats('schemaname', 'public', 'relname', relname::text, 'relpages', 1, 'reltuples', 1000000::real)
      FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')`.execute(tx);
    const columns = sql`FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'`;
    const ofColumn = sql`'schemaname', 'public', 'relname', c.relname::text, 'attname', a.attname::text, 'inherited', false,
      'avg_width', 8, 'null_frac', CASE WHEN a.attnotnull THEN 0::real ELSE 0.5::real END`;
    await sql`SELECT pg_restore_attribute_stats(${ofColumn}, 'n_distinct', 1::real) ${columns} AND a.attname = 'site'`.execute(
      tx,
    );
    await sql`SELECT pg_restore_attribute_stats(${ofColumn}, 'n_distinct', -0.5::real)
      ${columns} AND a.attname LIKE '%id'`.execute(tx);
    // Of all that there is, next to nothing is over.
    await sql`SELECT pg_restore_attribute_stats(${ofColumn}, 'n_distinct', -1::real, 'histogram_bounds', '{9000000000000,9100000000000}'::text)
      ${columns} AND a.attname LIKE '%\\_at' AND a.atttypid = 'bigint'::regtype`.execute(tx);
  });
}

/** What a statement reads whole. */
async function scansOf(db: Database, text: string, parameters: readonly unknown[]): Promise<string[]> {
  if (db.engine === 'postgres') {
    return db.write(async (tx) => {
      // Of a table without a row it would read all.
      await sql`SET LOCAL enable_seqscan = off`.execute(tx);
      const query = CompiledQuery.raw(`EXPLAIN (FORMAT JSON) ${text}`, [...parameters]);
      const { rows } = await tx.executeQuery<{ 'QUERY PLAN': readonly { readonly Plan: Plan }[] }>(query);
      return rows.flatMap((row) => row['QUERY PLAN'].flatMap((each) => scansIn(each.Plan)));
    });
  }
  const query = CompiledQuery.raw(`EXPLAIN QUERY PLAN ${text}`, [...parameters]);
  const { rows } = await db.read.executeQuery<{ detail: string }>(query);
  return rows.flatMap(({ detail }) => {
    const [, table = '', index] = /^SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?/.exec(detail) ?? [];
    if (ours.has(table)) return [`reads all of ${index ?? table}`];
    const [, bySite] = /^SEARCH \w+ USING (?:COVERING )?INDEX (\w+) \(site=\?\)$/.exec(detail) ?? [];
    return bySite === undefined ? [] : [`reads all of a site by ${bySite}`];
  });
}

const met = new Set<string>();

describe.each(engines)('on $engine', ({ createDatabase }) => {
  let app: TestApp;
  const seen = new Map<string, readonly unknown[]>();

  beforeAll(async () => {
    app = await createTestApp({ createDatabase, wrap: (db) => watch(db, seen) });
    const { person, kept } = await leaveEverything(app);
    await app.deliverMail();
    // PostgreSQL knows a table without a page to be empty, and reads it whole.
    await app.db.write(async (tx) => {
      const { id: account_id } = await tx.selectFrom('accounts').select('id').executeTakeFirstOrThrow();
      const code = { id: 'spare', site: 'default', code_hash: 'spare', created_at: 0, spent_at: null };
      await tx
        .insertInto('spare_codes')
        .values({ ...code, account_id })
        .execute();
    });
    const browser = app.browser();
    await signIn(browser, person.userId, newPassword);
    for (const place of ['/account', '/account/addresses', '/account/sessions', '/account/authenticator'])
      await browser.open(place);
    const desk = app.browser();
    await signInAgent(desk, await enrolAgent(app, { name: 'Elena', role: 'lead' }));
    for (const view of ['mine', 'unassigned', 'waiting', 'open', 'closed']) await desk.open(`/support?view=${view}`);
    const number = kept.number.replaceAll(' ', '');
    for (const place of [`cases/${number}`, 'figures', 'figures.csv', 'news', 'own'])
      await desk.open(`/support/${place}`);
    for (const text of [number, person.userId, 'stuck@mail.example']) await desk.post('/support/search', { text });
    for (const ms of [minuteMs, 2 * dayMs, 400 * dayMs, 400 * dayMs, minuteMs]) {
      app.clock.advance(ms);
      await app.deliverMail();
    }
    await app.app.eraseAccount(person.userId);
  });
  afterAll(() => app.close());

  it('every statement of the walk, the desk and the jobs finds its rows by an index', async () => {
    expect(seen.size).toBeGreaterThan(150);
    await pretendMillions(app.db);
    const scans: string[] = [];
    for (const [text, parameters] of seen) {
      for (const what of await scansOf(app.db, text, parameters)) {
        const known = Object.entries(explained).find(([, { reads, by }]) => reads.test(what) && by.test(text));
        if (known) met.add(known[0]);
        else scans.push(`${what}: ${text}`);
      }
    }
    expect(scans).toEqual([]);
  });

  it('meets no fault of ours in all of this', () => {
    expect(app.faults).toEqual([]);
  });
});

it('nothing is explained that is not there', () => {
  expect([...met].toSorted()).toEqual(Object.keys(explained).toSorted());
});

describe.each(engines)('what is over, on $engine', ({ createDatabase }) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createDatabase();
  });
  afterAll(() => test.remove());

  it('goes a batch at a time, each in a transaction of its own that others come between, and the rest stays', async () => {
    const counter = (at: number) => ({ key: `${at}`, count: at, expires_at: at });
    const over = 3 * rowsInBatch;
    const rows = Array.from({ length: over + 5 }, (_, at) => counter(at));
    for (let at = 0; at < rows.length; at += 100)
      await test.db.write((tx) =>
        tx
          .insertInto('counters')
          .values(rows.slice(at, at + 100))
          .execute(),
      );
    let batches = 0;
    const batched: Database = {
      ...test.db,
      async write(work) {
        const result = await test.db.write(work);
        batches += 1;
        // Between two of them nothing is held: another gets its turn.
        if (batches === 1)
          await test.db.write((tx) =>
            tx
              .insertInto('counters')
              .values(counter(over + 5))
              .execute(),
          );
        return result;
      },
    };
    await deleteOver(batched, 'counters', (row) => row('expires_at', '<', over));
    // Three that are full, and one that finds no more.
    expect(batches).toBe(4);
    const left = await test.db.read.selectFrom('counters').select('count').orderBy('count').execute();
    expect(left.map(({ count }) => count)).toEqual(Array.from({ length: 6 }, (_, at) => over + at));
  });
});
