// What has to be right about a database before anything serves from it. Whatever is not is refused in a sentence that says
// what to do, with the problem `database-unusable`.
import { sql } from 'kysely';
import type { Clock } from '../base/clock.ts';
import { Problem } from '../base/problem.ts';
import type { Keys } from '../base/secret.ts';
import type { Database } from './database.ts';
import { admitKeys } from './key-checks.ts';
import { migrate } from './migrate.ts';
import { tableNames } from './tables.ts';

/** Brings the tables up to date, and notes the keys that it is used with from now on. */
export async function readyDatabase(db: Database, { clock, keys }: { clock: Clock; keys: Keys }): Promise<void> {
  await prepareTables(db, { clock });
  await refuseMissingRights(db);
  await refuseHalfCopied(db);
  await admitKeys(db, keys);
}

/** The same as `migrate`, and says what the role or the server lacks for it. */
export async function prepareTables(db: Database, { clock }: { clock: Clock }): Promise<string[]> {
  await refuseReadOnly(db);
  return explainRights(db, () => migrate(db, { clock }));
}

export async function refuseHalfCopied(db: Database): Promise<void> {
  const copy = await db.read.selectFrom('copies').select('source').limit(1).executeTakeFirst();
  if (copy)
    throw new Problem(
      'database-unusable',
      `This database is half copied from ${copy.source}: run the same rekey copy again, which goes on where it stood, or use the source.`,
    );
}

/** A hot standby, or a server, database or role that is set so, says it of every transaction. */
async function refuseReadOnly(db: Database): Promise<void> {
  if (db.engine !== 'postgres') return;
  const { rows } = await sql<{ name: string; read_only: string }>`SELECT current_database()::text AS name,
    current_setting('transaction_read_only') AS read_only`.execute(db.read);
  if (rows[0]?.read_only !== 'on') return;
  throw new Problem(
    'database-unusable',
    `The database ${rows[0].name} can only be read here: name the primary instead of a standby, or take default_transaction_read_only off.`,
  );
}

const rights = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];

async function refuseMissingRights(db: Database): Promise<void> {
  if (db.engine !== 'postgres') return;
  const tables = sql.join(tableNames.map((table) => sql.val(table)));
  const { rows } = await sql<{ role: string; name: string; missing: string }>`
    SELECT current_user::text AS role, c.relname::text AS name, r.name AS missing
    FROM pg_class AS c CROSS JOIN (VALUES ${sql.join(rights.map((right) => sql`(${sql.lit(right)})`))}) AS r (name)
    WHERE c.oid = to_regclass(quote_ident(c.relname)) AND c.relname IN (${tables}) AND NOT has_table_privilege(c.oid, r.name)
    ORDER BY c.relname`.execute(db.read);
  const [first] = rows;
  if (!first) return;
  const others = new Set(rows.map(({ name }) => name)).size - 1;
  throw new Problem(
    'database-unusable',
    `The role ${first.role} may not ${first.missing} in ${first.name}${others > 0 ? ` (and ${others} more tables)` : ''}: as the owner of the tables, GRANT ${rights.join(', ')} ON ALL TABLES IN SCHEMA public TO ${first.role}.`,
  );
}

const insufficientPrivilege = '42501';
/** The role may use no schema of its search path. */
const noSchema = '3F000';

/** Runs `work`; where the role lacks a right for it, says which and who gives it. */
export async function explainRights<T>(db: Database, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (fault) {
    const code = fault instanceof Error && 'code' in fault ? fault.code : undefined;
    if (!(fault instanceof Error) || (code !== insufficientPrivilege && code !== noSchema)) throw fault;
    const { rows } = await sql<{ role: string }>`SELECT current_user::text AS role`.execute(db.read);
    const role = rows[0]?.role ?? '';
    throw new Problem(
      'database-unusable',
      `The role ${role} lacks a right (${fault.message}): run rekey migrate as the owner of the tables, who then lets others in by GRANT USAGE ON SCHEMA public and GRANT ${rights.join(', ')} ON ALL TABLES IN SCHEMA public TO ${role}; to make tables it needs GRANT CREATE ON SCHEMA public.`,
    );
  }
}
