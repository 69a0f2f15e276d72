// Which keys the rows of a database were made with: what cannot be read or verified any more once such a key is gone.
import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import type { Tables } from '../database/tables.ts';

interface Made {
  readonly table: keyof Tables;
  /** Holds the id of the key, or begins with it and a dot. */
  readonly column: string;
  readonly one: string;
  readonly many: string;
}

/** What ends by itself within hours, such as recoveries and sign-ups, is not here. */
const made: readonly Made[] = [
  { table: 'accounts', column: 'password_key_id', one: 'password', many: 'passwords' },
  { table: 'cases', column: 'words_sealed', one: 'case', many: 'cases' },
  { table: 'case_messages', column: 'words_sealed', one: 'message of a case', many: 'messages of cases' },
  { table: 'case_contacts', column: 'address_sealed', one: 'contact of a case', many: 'contacts of cases' },
  { table: 'case_pictures', column: 'picture_sealed', one: 'picture of a case', many: 'pictures of cases' },
  { table: 'release_steps', column: 'words_sealed', one: 'note of a release', many: 'notes of releases' },
  { table: 'authenticators', column: 'secret_sealed', one: 'authenticator app', many: 'authenticator apps' },
  {
    table: 'factors_set_aside',
    column: 'secret_sealed',
    one: 'authenticator app that was set aside',
    many: 'authenticator apps that were set aside',
  },
  { table: 'agents', column: 'password_key_id', one: 'password of an agent', many: 'passwords of agents' },
  {
    table: 'agents',
    column: 'secret_sealed',
    one: 'authenticator app of an agent',
    many: 'authenticator apps of agents',
  },
  { table: 'audit_events', column: 'mac', one: 'audit event', many: 'audit events' },
];

/** By the id of the key, what needs it, such as "12 passwords". */
export async function keysInUse(db: Database): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  for (const { table, column, one, many } of made) {
    for (const { id, count } of await countByKey(db, table, column))
      found.set(id, [...(found.get(id) ?? []), `${count.toLocaleString('en')} ${count === 1 ? one : many}`]);
  }
  return found;
}

/** Counted where the rows are: pictures are large, and there are as many audit events as anything ever happened. */
async function countByKey(db: Database, table: keyof Tables, column: string) {
  const text = sql.ref<string>(column);
  const place = db.engine === 'sqlite' ? sql`instr(${text}, '.')` : sql`strpos(${text}, '.')`;
  const { rows } = await sql<{ readonly id: string; readonly count: number }>`
    SELECT CASE WHEN ${place} = 0 THEN ${text} ELSE substr(${text}, 1, ${place} - 1) END AS id, count(*) AS count
    FROM ${sql.table(table)} WHERE ${text} <> '' GROUP BY 1 ORDER BY 1`.execute(db.read);
  return rows;
}
