// A copy of a site into the other engine: every row the same, killed and gone on with, and refused where it would be no copy.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createAudit } from '../../src/audit/audit.ts';
import { createLog } from '../../src/base/log.ts';
import { Problem } from '../../src/base/problem.ts';
import { systemRandom } from '../../src/base/random.ts';
import { openSide, runCopy } from '../../src/cli/copy.ts';
import { copyDatabase, type CopyNeeds } from '../../src/database/copy.ts';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { refuseHalfCopied } from '../../src/database/ready.ts';
import { primaryKeys, tableNames } from '../../src/database/tables.ts';
import { createTestApp } from '../../src/testing/app.ts';
import { createTestPostgres, createTestSqlite, type TestDatabase } from '../../src/testing/databases.ts';
import { askFor } from '../ask.ts';
import { engines } from '../engines.ts';
import { production, rekeyWith } from '../journeys/command-line.ts';
import { newPassword, opens } from '../journeys/steps.ts';
import { leaveEverything } from '../traces.ts';

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const quiet = { source: 'sqlite:/source.db', onProgress: () => {}, refuseInUse: async () => {} };
const copyAll = (from: Database, to: Database, more: Partial<CopyNeeds> = {}) =>
  copyDatabase({ from, to, ...quiet, ...more });
const refused = (words: string | RegExp) => ({
  problem: 'copy-refused',
  detail: typeof words === 'string' ? expect.stringContaining(words) : expect.stringMatching(words),
});

const ways = [
  { way: 'SQLite to PostgreSQL', source: engines[0], target: engines[1] },
  { way: 'PostgreSQL to SQLite', source: engines[1], target: engines[0] },
] as const;

/** As the engine tells them. */
async function describeTables(db: Database) {
  interface Told {
    readonly name: string;
    readonly other: string;
  }
  const keyed =
    db.engine === 'sqlite'
      ? sql<Told>`SELECT t.name, c.name AS other FROM sqlite_master AS t, pragma_table_info(t.name) AS c
          WHERE t.type = 'table' AND c.pk > 0 ORDER BY t.name, c.pk`
      : sql<Told>`SELECT c.relname::text AS name, a.attname::text AS other FROM pg_index AS i
          JOIN pg_class AS c ON c.oid = i.indrelid JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
          WHERE i.indisprimary AND c.relnamespace = 'public'::regnamespace
          ORDER BY c.relname, array_position(i.indkey::int2[], a.attnum)`;
  const referring =
    db.engine === 'sqlite'
      ? sql<Told>`SELECT t.name, f."table" AS other FROM sqlite_master AS t, pragma_foreign_key_list(t.name) AS f WHERE t.type = 'table'`
      : sql<Told>`SELECT c.relname::text AS name, r.relname::text AS other FROM pg_constraint AS k
          JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_class AS r ON r.oid = k.confrelid WHERE k.contype = 'f'`;
  return { keyed: (await keyed.execute(db.read)).rows, referring: (await referring.execute(db.read)).rows };
}

describe.each(ways)('$way', ({ source, target }) => {
  let from: TestDatabase;
  let to: TestDatabase;
  beforeAll(async () => {
    [from, to] = [await source.createDatabase(), await target.createDatabase()];
  });
  afterAll(async () => {
    await from.remove();
    await to.remove();
  });
  const empty = async ({ db }: TestDatabase) => {
    await db.write(async (tx) => {
      for (const table of tableNames.toReversed())
        if (primaryKeys[table] !== 'own') await sql`DELETE FROM ${sql.table(table)}`.execute(tx);
      await tx.deleteFrom('copies').execute();
    });
  };

  it('the tables are copied by their real keys, in an order in which none refers to a later one', async () => {
    const { keyed, referring } = await describeTables(from.db);
    const real = Map.groupBy(keyed, ({ name }) => name);
    for (const [table, key] of Object.entries(primaryKeys))
      expect([table, key]).toEqual([table, key === 'own' ? 'own' : real.get(table)?.map(({ other }) => other)]);
    const places = new Map<string, number>(tableNames.map((table, at) => [table, at]));
    const placeOf = (name: string) => places.get(name) ?? Number.NaN;
    expect(referring.length).toBeGreaterThan(20);
    expect(referring.filter(({ name, other }) => !(placeOf(other) < placeOf(name)))).toEqual([]);
  });

  it('whatever a row may hold is the same on the other side', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }).map((word) => word.replaceAll('\0', '').toWellFormed()),
      fc.constantFrom(
        '',
        ' ',
        "'; --",
        '"',
        '\\',
        '\\u0000',
        '\n\r\t',
        '{"a":[1,null]}',
        'null',
        'NaN',
        '007',
        '1e3',
        '\u{1f511}',
        'é\u0301',
        'ﬁ',
        '\u2028',
      ),
    );
    const number = fc.oneof(
      fc.integer(),
      fc.constantFrom(0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 32, -(2 ** 31)),
    );
    const row = fc.record({ text, other: text, number, line: number, none: fc.option(text) });
    const rows = fc.uniqueArray(row, {
      minLength: 30,
      maxLength: 60,
      selector: ({ text: key, line }) => `${key}/${line}`,
    });
    await fc.assert(
      fc.asyncProperty(rows, async (made) => {
        await empty(from);
        await empty(to);
        const staged = made.map(({ text: id, other, number: at, line, none }) => {
          const named = { user_id: other, user_id_key: other, account_id: other, state: other, locale: other };
          return { import_id: id, line, site: other, staged_at: at, ...named, provider: none };
        });
        await from.db.write((tx) => tx.insertInto('import_rows').values(staged).execute());
        const copied = await copyAll(from.db, to.db, { batchSize: 7 });
        expect(copied.rowsCopied).toBe(made.length);
        const all = async ({ db }: TestDatabase) => {
          const found = await db.read.selectFrom('import_rows').selectAll().execute();
          return new Set(found.map((each) => JSON.stringify(each)));
        };
        expect(await all(to)).toEqual(await all(from));
        expect((await all(to)).size).toBe(made.length);
      }),
      { numRuns: 3 },
    );
  });

  it('a site with a row of everything goes on there: people sign in, and the audit chain verifies', async () => {
    const app = await createTestApp({ createDatabase: source.createDatabase });
    const { person } = await leaveEverything(app);
    await app.deliverMail();
    await empty(to);
    const { tables } = await copyAll(app.db, to.db, { batchSize: 2 });
    expect(tables.filter(({ rows }) => rows > 0).length).toBeGreaterThan(30);
    const events = tables.find(({ table }) => table === 'audit_events')?.rows;
    await app.close();
    const there = { ...to, remove: async () => {} };
    const moved = await createTestApp({ createDatabase: async () => there });
    const audit = createAudit({ ...moved, random: systemRandom, site: 'default' });
    const report = await audit.verify();
    expect([report.faults, report.sealed + report.unsealed]).toEqual([[], events]);
    expect(await opens(moved, person, newPassword)).toBe(true);
    expect(moved.faults).toEqual([]);
    await moved.close();
  });

  it('goes on where it stood, beside another that tries the same, and marks the target until all is the same', async () => {
    await empty(from);
    await empty(to);
    const counters = Array.from({ length: 50 }, (_, at) => ({ key: `${at}`, count: at, expires_at: at }));
    await from.db.write((tx) => tx.insertInto('counters').values(counters).execute());
    let seen = 0;
    const stopAfter = (batches: number) => () => {
      if ((seen += 1) === batches) throw new Error('stopped');
    };
    await expect(copyAll(from.db, to.db, { batchSize: 5, onProgress: stopAfter(4) })).rejects.toThrow('stopped');
    const marked = await to.db.read
      .selectFrom('copies')
      .select('row_count')
      .where('table_name', '=', 'counters')
      .execute();
    expect(marked).toEqual([{ row_count: 20 }]);
    await expect(copyAll(from.db, to.db, { source: 'sqlite:/other.db' })).rejects.toMatchObject(
      refused('A copy from sqlite:/source.db was begun into this database'),
    );
    const both = await Promise.allSettled([1, 2].map(() => copyAll(from.db, to.db, { batchSize: 5 })));
    const done = both.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    for (const each of both)
      if (each.status === 'rejected') expect(each.reason).toMatchObject(refused('Another copy goes on in this target'));
    expect(done.length > 0 || (await copyAll(from.db, to.db)).tables.length > 0).toBe(true);
    expect(await to.db.read.selectFrom('counters').selectAll().orderBy('count').execute()).toEqual(counters);
    expect(await to.db.read.selectFrom('copies').selectAll().execute()).toEqual([]);
  });

  it('what was written to either side meanwhile is found, and nothing may serve from the target', async () => {
    await empty(from);
    await empty(to);
    const row = (key: string) => ({ key, count: 1, expires_at: 1 });
    await from.db.write((tx) =>
      tx
        .insertInto('counters')
        .values([row('a'), row('b')])
        .execute(),
    );
    for (const db of [from.db, to.db]) {
      await empty(to);
      let isDone = false;
      const disturb = () => {
        if (isDone) return undefined;
        isDone = true;
        return db.write((tx) => tx.updateTable('counters').set({ count: 2 }).where('key', '=', 'a').execute());
      };
      const disturbed: Promise<unknown>[] = [];
      const copy = copyAll(from.db, to.db, { onProgress: () => void disturbed.push(Promise.resolve(disturb())) });
      await expect(copy).rejects.toMatchObject(
        refused(/^counters is not the same on both sides \(2 rows in the source, 2/),
      );
      await Promise.all(disturbed);
      expect((await to.db.read.selectFrom('copies').selectAll().execute()).length).toBeGreaterThan(30);
      await from.db.write((tx) => tx.updateTable('counters').set({ count: 1 }).execute());
    }
  });

  it('a source that somebody serves from by the end leaves the target marked', async () => {
    await empty(from);
    await empty(to);
    await from.db.write((tx) => tx.insertInto('counters').values({ key: 'a', count: 1, expires_at: 1 }).execute());
    const inUse = new Problem('copy-refused', 'in use');
    const refuseInUse = () => Promise.reject(inUse);
    await expect(copyAll(from.db, to.db, { refuseInUse })).rejects.toBe(inUse);
    await expect(refuseHalfCopied(to.db)).rejects.toMatchObject({ detail: expect.stringContaining('half copied') });
    expect((await copyAll(from.db, to.db)).rowsCopied).toBe(0);
    await refuseHalfCopied(to.db);
  });

  it('a target with rows is refused, and stays as it is', async () => {
    await empty(from);
    await empty(to);
    const row = { key: 'kept', count: 1, expires_at: 1 };
    await to.db.write((tx) => tx.insertInto('counters').values(row).execute());
    await expect(copyAll(from.db, to.db)).rejects.toMatchObject(refused('The target is not empty: counters has rows.'));
    expect(await to.db.read.selectFrom('counters').selectAll().execute()).toEqual([row]);
    expect(await to.db.read.selectFrom('copies').selectAll().execute()).toEqual([]);
  });
});

it('what SQLite kept and no other engine does is named by its column and key', async () => {
  const from = await createTestSqlite();
  const to = await createTestSqlite();
  const raw = new DatabaseSync(from.address.slice('sqlite:'.length));
  for (const [value, words] of [
    ['0.5', 'counters.count holds what is neither text nor a whole number, at or after the key ["a"]'],
    ["x'00ff'", 'counters.count holds what is neither text nor a whole number'],
    ["'a' || char(0)", 'counters.count holds text with U+0000'],
    ['9007199254740993', 'counters holds a whole number beyond 2^53'],
  ] as const) {
    raw.exec(`DELETE FROM counters; INSERT INTO counters VALUES ('a', ${value}, 1)`);
    await expect(copyAll(from.db, to.db)).rejects.toMatchObject(refused(words));
  }
  raw.close();
  await from.remove();
  await to.remove();
});

describe('rekey copy', () => {
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'copy-'));
    file = join(folder, 'rekey.db');
    vi.stubEnv('REKEY_KEYS', production.REKEY_KEYS);
    const made = await rekeyWith({ REKEY_DATABASE: `sqlite:${file}` }, 'migrate');
    expect(made.code).toBe(0);
    const raw = new DatabaseSync(file);
    raw.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
      INSERT INTO accounts (id, site, user_id, user_id_key, state, locale, created_at)
      SELECT 'a' || i, 'default', 'U' || i, 'u' || i, 'active', 'es', i FROM n;
      INSERT INTO addresses (id, site, account_id, address, address_key, confirmed_at, created_at)
      SELECT 'b' || id, site, id, user_id || '@mail.example', user_id_key || '@mail.example', 1, 1 FROM accounts`);
    raw.close();
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  it('killed in the middle of 20,000 rows it goes on where it stood, and nothing serves from the half of them', async () => {
    const test = await createTestPostgres(await askFor('postgres'));
    await test.db.close();
    const watching = await openDatabase(test.address, { log: createLog('silent'), program: 'a test' });
    const args = ['copy', '--from', `sqlite:${file}`, '--to', test.address];
    const child = spawn(process.execPath, [main, ...args], { env: process.env, stdio: 'ignore' });
    const ended = once(child, 'exit');
    const far = async () => {
      const rows = await watching.read.selectFrom('copies').select('row_count').execute();
      return rows.reduce((sum, { row_count }) => sum + row_count, 0);
    };
    await expect.poll(far, { interval: 1, timeout: 50_000 }).toBeGreaterThan(0);
    child.kill('SIGKILL');
    expect(await ended).toEqual([null, 'SIGKILL']);
    const standing = await far();
    expect(standing).toBeGreaterThan(0);
    const variables = { ...production, REKEY_DATABASE: test.address };
    expect(await rekeyWith(variables, 'serve', '--port', '0')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(`half copied from sqlite:${file}`),
    });
    const again = await rekeyWith({ REKEY_KEYS: production.REKEY_KEYS }, ...args, '--json');
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('rows copied')]);
    const told = JSON.parse(again.stdout);
    expect(told.rowsCopied).toBe(20_000 - standing);
    expect(told.tables.filter(({ rows }: { rows: number }) => rows > 0)).toEqual([
      { table: 'accounts', rows: 10_000, checksum: expect.stringMatching(/^[0-9a-f]{64}$/) },
      { table: 'addresses', rows: 10_000, checksum: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM accounts JOIN addresses
      ON account_id = accounts.id AND address_key = user_id_key || '@mail.example'`.execute(watching.read);
    expect(rows).toEqual([{ count: 10_000 }]);
    await watching.close();
    await test.remove();
  });

  it('refuses what would be no copy, and says what to do', async () => {
    const copy = (from: string, to: string) => runCopy({ from, to, json: true });
    const source = `sqlite:${file}`;
    const target = `sqlite:${join(folder, 'target.db')}`;
    await expect(copy(source, source)).rejects.toMatchObject(refused('Both addresses lead to the same database.'));
    await expect(copy('sqlite:/nowhere/x.db', target)).rejects.toMatchObject(refused('There is no /nowhere/x.db'));
    const serving = await openDatabase(source, { log: createLog('silent') });
    await expect(copy(source, target)).rejects.toMatchObject(refused('The source is in use: stop whatever serves'));
    const check = { key_id: 'k1', check_hash: 'k1.other' };
    await serving.write((tx) => tx.insertInto('key_checks').values(check).execute());
    await serving.close();
    await expect(copy(source, target)).rejects.toMatchObject({ detail: expect.stringContaining('The key k1 is not') });
    // Whoever begins to serve between the comparison and the end, and whoever wrote by then and is gone, is found at the end.
    for (const stays of [true, false]) {
      const side = await openSide(source, 'source');
      const other = await openDatabase(source, { log: createLog('silent') });
      if (!stays) {
        await other.write((tx) => tx.insertInto('counters').values({ key: 'a', count: 1, expires_at: 1 }).execute());
        await other.close();
      }
      await expect(side.refuseInUse()).rejects.toMatchObject(refused('The source is in use'));
      await other.close();
    }
    const quietSide = await openSide(source, 'source');
    await quietSide.refuseInUse();
    const empty = await openDatabase(`sqlite:${join(folder, 'empty.db')}`, { log: createLog('silent') });
    await empty.close();
    await expect(copy(`sqlite:${join(folder, 'empty.db')}`, target)).rejects.toMatchObject({
      detail: expect.stringContaining('Run rekey migrate first.'),
    });
    const served = await createTestPostgres(await askFor('postgres'));
    await expect(copy(served.address, target)).rejects.toMatchObject(refused('The source is in use'));
    const raw = new DatabaseSync(file);
    raw.exec('DELETE FROM key_checks');
    raw.close();
    await expect(copy(source, served.address)).rejects.toMatchObject(refused('The target is in use'));
    await served.remove();
  });
});
