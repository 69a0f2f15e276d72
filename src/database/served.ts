// Whether somebody else uses a database: a copy of what is being written is no copy.
import { sql } from 'kysely';
import type { Database } from './database.ts';

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
