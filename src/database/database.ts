// The port to the database. Adapters: sqlite.ts (embedded, group commit) and postgres.ts (many nodes); the contract is
// test/contracts/database.test.ts.
import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** Statements inside one write transaction. */
export type Transaction = Kysely<Tables>;

export interface Database {
  readonly engine: 'sqlite' | 'postgres';
  /** Reads outside any transaction: committed rows only. */
  readonly read: Kysely<Tables>;
  /**
   * Runs `work` in one write transaction; durable when it resolves, rolled back when it throws. `work` may run again,
   * after a serialisation failure or where a write beside it failed, so it changes nothing but rows; it holds up other
   * writers, so it awaits nothing but `tx`.
   */
  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
