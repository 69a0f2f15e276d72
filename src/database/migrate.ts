// Brings the tables up to date from migrations/*.sql: forward only, each once, all in one transaction, however many
// nodes start at once. What was applied is remembered with its checksum, so that history cannot change unseen.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import type { Clock } from '../base/clock.ts';
import { Problem } from '../base/problem.ts';
import type { Database, Transaction } from './database.ts';
import { allowLongWork } from './long.ts';

/** Beside this file, in src/ as in dist/. */
const folder = new URL('./migrations/', import.meta.url);

/** Any number that no other program takes for an advisory lock: "rekey" in ASCII. */
const lockNumber = 0x72_65_6b_65_79;

interface Migration {
  readonly name: string;
  readonly checksum: string;
  readonly statements: readonly string[];
}

/** The names of what `migrate` would apply. Throws like it when the history is not ours. */
export async function pendingMigrations(db: Database): Promise<string[]> {
  const migrations = await readMigrations();
  const table =
    db.engine === 'postgres'
      ? sql<{ name: string | null }>`SELECT to_regclass('migrations')::text AS name`
      : sql<{ name: string }>`SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'migrations'`;
  const isNew = !(await table.execute(db.read)).rows[0]?.name;
  const checksums = isNew ? new Map<string, string>() : await findApplied(db.read);
  refuseOtherHistory(migrations, checksums);
  return migrations.flatMap(({ name }) => (checksums.has(name) ? [] : [name]));
}

/** Returns the names of what was applied now. Throws the problem `database-unusable` when the history is not ours. */
export async function migrate(db: Database, { clock }: { clock: Clock }): Promise<string[]> {
  // Who serves needs no right to make tables where they are all there.
  if ((await pendingMigrations(db)).length === 0) return [];
  const migrations = await readMigrations();
  return db.write(async (tx) => {
    await waitForOtherStarts(tx, db.engine);
    await sql`CREATE TABLE IF NOT EXISTS migrations (
      name TEXT PRIMARY KEY NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)`.execute(tx);
    const checksums = await findApplied(tx);
    refuseOtherHistory(migrations, checksums);
    const pending = migrations.filter(({ name }) => !checksums.has(name));
    for (const migration of pending) await apply(tx, migration, clock.now());
    return pending.map(({ name }) => name);
  });
}

/** One start at a time does what follows in its transaction; the others wait for as long as that takes. */
export async function waitForOtherStarts(tx: Transaction, engine: Database['engine']): Promise<void> {
  if (engine === 'sqlite') return;
  await allowLongWork(tx, engine);
  await sql`SELECT pg_advisory_xact_lock(${sql.lit(lockNumber)})`.execute(tx);
}

/** The checksum of each by its name, in their order. */
async function findApplied(db: Database['read']): Promise<Map<string, string>> {
  const applied = await db.selectFrom('migrations').select(['name', 'checksum']).orderBy('name').execute();
  return new Map(applied.map(({ name, checksum }) => [name, checksum]));
}

async function apply(tx: Transaction, { name, checksum, statements }: Migration, now: number): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(tx);
  await tx.insertInto('migrations').values({ name, checksum, applied_at: now }).execute();
}

function refuseOtherHistory(migrations: readonly Migration[], checksums: ReadonlyMap<string, string>): void {
  const known = new Map(migrations.map(({ name, checksum }) => [name, checksum]));
  for (const [name, checksum] of checksums) {
    if (!known.has(name)) {
      throw new Problem(
        'database-unusable',
        `The database was used by another release, which applied ${name}, unknown to this one: start that release, restore the backup from before it, or begin with an empty database.`,
      );
    }
    if (known.get(name) !== checksum) {
      throw new Problem(
        'database-unusable',
        `${name} is not what was applied to this database: start the release that applied it, or put the file back as it was and write the change into a new one.`,
      );
    }
  }
}

async function readMigrations(): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  return Promise.all(
    names.map(async (name) => {
      // A checkout with CRLF line ends has the same checksum.
      const text = (await readFile(new URL(name, folder), 'utf8')).replaceAll('\r\n', '\n');
      return { name, checksum: createHash('sha256').update(text).digest('hex'), statements: splitStatements(text) };
    }),
  );
}

/** Statements end with `;` at the end of a line. SQLite prepares one at a time and would leave out the rest in silence. */
const splitStatements = (text: string): string[] =>
  text
    .replace(/^\s*--.*$/gm, '')
    .split(/;[ \t]*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
