// Both engines, for `describe.each(engines)`: what holds on one must hold on the other.
import { sql } from 'kysely';
import type { Database } from '../src/database/database.ts';
import { connectionsMax, type PostgresBounds } from '../src/database/postgres.ts';
import { createTestPostgres, createTestSqlite, type TestDatabase } from '../src/testing/databases.ts';
import { askFor } from './ask.ts';

/** Where no app is there, enough to meet in: each connection is a process that begins cold, and learns every statement anew. */
export const few = { connections: 4 };

interface Engine {
  readonly engine: 'SQLite' | 'PostgreSQL';
  readonly createDatabase: (bounds?: PostgresBounds) => Promise<TestDatabase>;
}

export const engines: readonly [Engine, Engine] = [
  { engine: 'SQLite', createDatabase: createTestSqlite },
  {
    engine: 'PostgreSQL',
    createDatabase: async (bounds) => createTestPostgres(await askFor('postgres'), bounds),
  },
];

/** `count` calls at the same time. */
export const atOnce = <T>(count: number, call: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => call(index)));

/** Opens every connection that the pool may have: else those at once come one by one, as each connects. */
export async function warmUp(db: Database, { connections = connectionsMax }: PostgresBounds = {}): Promise<void> {
  if (db.engine === 'sqlite') return;
  let inside = 0;
  let letAllOut = () => {};
  const allInside = new Promise<void>((resolve) => (letAllOut = resolve));
  await atOnce(connections, () =>
    db.write(async () => {
      inside += 1;
      if (inside === connections) letAllOut();
      await allInside;
    }),
  );
}

interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  /** 1 or 0. */
  readonly is_nullable: number;
}

/** What the engine itself says about its tables, in their order of creation. */
export async function listColumns(db: Database): Promise<Column[]> {
  const query =
    db.engine === 'sqlite'
      ? sql<Column>`SELECT t.name AS "table", c.name AS "column", lower(c.type) AS type, 1 - c."notnull" AS is_nullable
          FROM sqlite_master AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table' ORDER BY t.rowid, c.cid`
      : sql<Column>`SELECT c.relname AS "table", a.attname AS "column", format_type(a.atttypid, NULL) AS type,
          CASE WHEN a.attnotnull THEN 0 ELSE 1 END AS is_nullable
          FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY c.oid, a.attnum`;
  return (await query.execute(db.read)).rows;
}
