// What an operator has asked for may take longer, and more memory, than a request.
import { sql } from 'kysely';
import type { Database, Transaction } from './database.ts';

/**
 * SQLite's own 2 MB would be written out and read back all the time: a million rows took ten minutes instead of one. What it
 * sorts may take as much again.
 */
const cacheKilobytes = 32_768;

/** On PostgreSQL for the rest of this transaction, on SQLite for as long as the database is open. */
export async function allowLongWork(tx: Transaction, engine: Database['engine']): Promise<void> {
  if (engine === 'postgres') {
    await sql`SET LOCAL statement_timeout = 0`.execute(tx);
    await sql`SET LOCAL lock_timeout = 0`.execute(tx);
  } else await sql`PRAGMA cache_size = ${sql.lit(-cacheKilobytes)}`.execute(tx);
}
