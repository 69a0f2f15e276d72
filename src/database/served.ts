// Whether somebody else uses a database: a copy of what is being written is no copy.
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import type { Database } from './database.ts';

const busy = 5;

/** Whether another connection has the file open: each has a lock on it for as long as it has, as of its first statement. */
export function isFileInUse(file: string): boolean {
  const probe = new DatabaseSync(file, { timeout: 0 });
  try {
    probe.exec('PRAGMA locking_mode = EXCLUSIVE; SELECT count(*) FROM sqlite_master');
    return false;
  } catch (fault) {
    if (fault instanceof Error && 'errcode' in fault && fault.errcode === busy) return true;
    throw fault;
  } finally {
    probe.close();
  }
}

/** Of a SQLite file: another number once any other connection has written, however short that was there. */
export async function versionSeen(db: Database): Promise<number> {
  const { rows } = await sql<{ readonly data_version: number }>`PRAGMA data_version`.execute(db.read);
  return rows[0]?.data_version ?? 0;
}

/** Whether another process of ours is connected: a node that serves is, as its jobs run every second. */
export async function isServed(db: Database): Promise<boolean> {
  const { rows } = await sql`SELECT 1 AS one FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'rekey' AND pid <> pg_backend_pid() LIMIT 1`.execute(
    db.read,
  );
  return rows.length > 0;
}
