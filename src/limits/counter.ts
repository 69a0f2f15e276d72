// The counter behind every limit: `hit` is one statement, so sixteen at once count as sixteen.
import { sql } from 'kysely';
import type { Database, Transaction } from '../database/database.ts';
import { statement, type Value } from '../database/statement.ts';
import { deleteOver } from '../database/batches.ts';

export interface Hit {
  /** Hits in this window, the one just made included. */
  readonly count: number;
  /** How long the window still lasts. */
  readonly endsInMs: number;
}

/** Port. Adapters: the database (below) and valkey.ts; contract in test/contracts/counter.test.ts. */
export interface Counter {
  /**
   * Counts one and tells how many there are in the window that the first hit opened. Atomic across nodes. In `tx`, where one
   * is given, the database counts if and only if that commits, and saves a commit of its own; Valkey takes none.
   */
  hit(key: string, windowMs: number, tx?: Transaction): Promise<Hit>;
  /** The same where nobody needs to know how many there are: nothing waits for it. */
  note(key: string, windowMs: number, tx: Transaction): Promise<void>;
  /** The same of several, in this order: in the database with one commit. */
  hitAll(counted: readonly { readonly key: string; readonly windowMs: number }[]): Promise<readonly Hit[]>;
  /** The same without counting; a count of 0 outside a window. */
  peek(key: string): Promise<Hit>;
  /** Counts one less of each in the window that is open, never below zero; in the order of `hitAll`. */
  giveBack(...keys: readonly string[]): Promise<void>;
  /** Forgets the windows that are over; they count for nothing already. */
  clear(): Promise<void>;
}

export function createDatabaseCounter({ db, clock }: { db: Database; clock: { now(): number } }): Counter {
  async function hitIn(tx: Transaction, { key, windowMs }: { readonly key: string; readonly windowMs: number }) {
    const now = clock.now();
    const row = await hit.executeTakeFirst(tx, { key, now, expiresAt: now + windowMs });
    if (!row) throw new Error('a counter was not counted');
    return { count: row.count, endsInMs: row.expires_at - now };
  }

  return {
    hit: (key, windowMs, tx) => (tx ? hitIn(tx, { key, windowMs }) : db.write((own) => hitIn(own, { key, windowMs }))),
    async note(key, windowMs, tx) {
      const now = clock.now();
      await hit.send(tx, { key, now, expiresAt: now + windowMs });
    },
    hitAll: (counted) => db.write((tx) => Promise.all(counted.map((each) => hitIn(tx, each)))),
    async peek(key) {
      const now = clock.now();
      const row = await peek.executeTakeFirst(db.read, { key, now });
      return { count: row?.count ?? 0, endsInMs: (row?.expires_at ?? now) - now };
    },
    async giveBack(...keys) {
      const now = clock.now();
      await db.write(async (tx) => {
        for (const key of keys) await giveBack.send(tx, { key, now });
      });
    },
    async clear() {
      const now = clock.now();
      await deleteOver(db, 'counters', (row) => row('expires_at', '<=', now));
    },
  };
}

const hit = statement(
  (tx, { key, now, expiresAt }: { key: Value<string>; now: Value<number>; expiresAt: Value<number> }) =>
    tx
      .insertInto('counters')
      .values({ key, count: 1, expires_at: expiresAt })
      .onConflict((conflict) =>
        conflict.column('key').doUpdateSet({
          count: sql<number>`CASE WHEN counters.expires_at <= ${now} THEN 1 ELSE counters.count + 1 END`,
          expires_at: sql<number>`CASE WHEN counters.expires_at <= ${now} THEN ${expiresAt} ELSE counters.expires_at END`,
        }),
      )
      .returning(['count', 'expires_at']),
);

const giveBack = statement((tx, { key, now }: { key: Value<string>; now: Value<number> }) =>
  tx
    .updateTable('counters')
    .set((current) => ({ count: current('count', '-', 1) }))
    .where('key', '=', key)
    .where('count', '>', 0)
    .where('expires_at', '>', now),
);

const peek = statement((db, { key, now }: { key: Value<string>; now: Value<number> }) =>
  db.selectFrom('counters').select(['count', 'expires_at']).where('key', '=', key).where('expires_at', '>', now),
);
