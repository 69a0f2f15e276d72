// Many accounts with an address each, and an audit trail behind them, made inside the database: rows as wide as real ones, so that
// its pages and indexes are those of a site of that size. Their ids come in order, as trees fill ten times as fast so: whoever asks
// for accounts from all over finds them on pages from all over.
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../../src/database/database.ts';
import { allowLongWork } from '../../src/database/long.ts';

const rowsAtOnce = 200_000;

/** Of account number `at`. */
export const userIdOf = (at: number): string => `user${at}`;
export const addressOf = (at: number): string => `user${at}@mail.example`;

/** What the engines write each in their own way. */
const dialects = {
  sqlite: {
    series: (from: number, to: number) =>
      sql`(WITH RECURSIVE n (i) AS (SELECT ${sql.lit(from)} UNION ALL SELECT i + 1 FROM n WHERE i < ${sql.lit(to)}) SELECT i FROM n) AS n`,
    hex: (number: RawBuilder<unknown>) => sql`printf('%08x', ${number})`,
  },
  postgres: {
    series: (from: number, to: number) =>
      sql`generate_series(${sql.lit(from)}::bigint, ${sql.lit(to)}::bigint) AS n (i)`,
    hex: (number: RawBuilder<unknown>) => sql`lpad(to_hex(${number}), 8, '0')`,
  },
} satisfies Record<Database['engine'], object>;

/** A step through 32 bits that comes by every number once, in no order. */
const scattered = (value: RawBuilder<unknown>) => sql`((${value}) * 2654435761 % 4294967296)`;
const passwordHash = `$argon2id$v=19$m=19456,t=2,p=1$${'c'.repeat(22)}$${'h'.repeat(43)}`;
const hash = `k1.${'m'.repeat(35)}`;

interface Seeded {
  readonly accounts: number;
  readonly events: number;
}

/**
 * Seeds with no index of these tables there, and makes them at the end, sorted: of a hundred million rows, hours sooner. Only on SQLite.
 */
export async function seedWithoutIndexes(db: Database, seeded: Seeded): Promise<void> {
  const { rows } = await sql<{ name: string; sql: string }>`SELECT name, sql FROM sqlite_master
    WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('accounts', 'addresses', 'audit_events')`.execute(
    db.read,
  );
  await db.write(async (tx) => {
    for (const { name } of rows) await sql`DROP INDEX ${sql.ref(name)}`.execute(tx);
  });
  await seedSite(db, seeded);
  for (const { sql: statement } of rows)
    await db.write(async (tx) => {
      await allowLongWork(tx, db.engine);
      await sql.raw(statement).execute(tx);
    });
}

/** Beside `before`, which is there already. Events are spread over the accounts that are added. */
export async function seedSite(
  db: Database,
  { accounts, events }: Seeded,
  before: Seeded = { accounts: 0, events: 0 },
): Promise<void> {
  const { series, hex } = dialects[db.engine];
  const idOf = (kind: string, value: RawBuilder<unknown>) =>
    sql`(${sql.lit(kind)} || ${hex(value)} || 'abcdefghijklm')`;
  const i = sql.ref('i');
  const name = sql`('user' || CAST(i AS TEXT))`;
  const inParts = async (there: number, count: number, insert: (from: number, to: number) => RawBuilder<unknown>) => {
    for (let from = 0; from < count; from += rowsAtOnce) {
      const to = Math.min(count, from + rowsAtOnce);
      await db.write(async (tx) => {
        await allowLongWork(tx, db.engine);
        await insert(there + from + 1, there + to).execute(tx);
      });
    }
  };
  await inParts(
    before.accounts,
    accounts,
    (from, to) => sql`INSERT INTO accounts
      (id, site, user_id, user_id_key, state, locale, password_hash, password_key_id, password_changed_at, created_at)
      SELECT ${idOf('a', i)}, 'default', ${name}, ${name}, 'active', 'es', ${sql.lit(passwordHash)}, 'k1', 1700000000000 + i, 1700000000000 + i
      FROM ${series(from, to)}`,
  );
  await inParts(
    before.accounts,
    accounts,
    (from, to) => sql`INSERT INTO addresses (id, site, account_id, address, address_key, confirmed_at, created_at)
      SELECT ${idOf('b', i)}, 'default', ${idOf('a', i)}, ${name} || '@mail.example', ${name} || '@mail.example', 1700000000000 + i, 1700000000000 + i
      FROM ${series(from, to)}`,
  );
  const account = sql`(${sql.lit(before.accounts + 1)} + (i * 7919 % ${sql.lit(Math.max(accounts, 1))}))`;
  await inParts(
    before.events,
    events,
    (from, to) => sql`INSERT INTO audit_events
      (id, site, at, event, subject_id, account_id, source_hash, facts, mac, seq, chain)
      SELECT ${idOf('e', i)}, 'default', 1700000000000 + i, 'recovery.started', ${idOf('r', i)}, ${idOf('a', account)},
        ${sql.lit(hash)} || ${hex(scattered(i))}, '{}', ${sql.lit(hash)} || ${hex(scattered(i))}, i, ${sql.lit(hash)} || ${hex(scattered(i))}
      FROM ${series(from, to)}`,
  );
}
