// Erasing an account: everything that belongs to it goes in one transaction. The audit trail holds ids alone, so it stays
// as it is and still verifies; one event says that the account was erased.
import { userIdKey } from '../accounts/identifiers.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../base/clock.ts';
import { Problem } from '../base/problem.ts';
import type { Keys } from '../base/secret.ts';
import type { Database, Transaction } from '../database/database.ts';
import { type Belongings, belongingsOf, erasure } from './belongings.ts';

/** What was erased. */
export interface Erased {
  readonly accountId: string;
  readonly userId: string;
  /** Rows deleted or emptied, by table; none of zero. */
  readonly rows: Readonly<Record<string, number>>;
}

export interface Eraser {
  /** Who would be erased: by user ID or by the account's id. `undefined`: nobody. */
  find(account: string): Promise<Pick<Erased, 'accountId' | 'userId'> | undefined>;
  /** Erases it; `undefined` where there is no such account. Throws the problem `account-ambiguous` where it names two. */
  erase(account: string): Promise<Erased | undefined>;
}

export interface EraserNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly site: string;
}

export function createEraser({ db, keys, clock, audit, site }: EraserNeeds): Eraser {
  const named = (reader: Transaction, account: string) =>
    reader
      .selectFrom('accounts')
      .select(['id', 'user_id', 'user_id_key'])
      .where('site', '=', site)
      .where((row) => row.or([row('id', '=', account), row('user_id_key', '=', userIdKey(account))]));

  const only = <Row extends { readonly id: string }>(rows: readonly Row[], account: string): Row | undefined => {
    if (rows.length > 1) {
      const ids = rows.map(({ id }) => id).join(' and ');
      throw new Problem('account-ambiguous', `${account} is the id of one account and the user ID of another: ${ids}.`);
    }
    return rows[0];
  };

  return {
    async find(account) {
      const row = only(await named(db.read, account).execute(), account);
      return row && { accountId: row.id, userId: row.user_id };
    },

    erase: (account) =>
      db.write(async (tx) => {
        // Held against whoever signs in or recovers at this moment: on PostgreSQL no row that refers to it comes in between.
        const query = named(tx, account);
        const row = only(await (db.engine === 'postgres' ? query.forUpdate() : query).execute(), account);
        if (!row) return undefined;
        const of = await belongingsOf(tx, { id: row.id, userIdKey: row.user_id_key }, { keys, site, now: clock.now() });
        const rows = await eraseAll(tx, of);
        await audit.append(tx, { event: 'user_erased', accountId: row.id, facts: rows });
        return { accountId: row.id, userId: row.user_id, rows };
      }),
  };
}

async function eraseAll(tx: Transaction, of: Belongings): Promise<Record<string, number>> {
  const rows: Record<string, number> = {};
  for (const [table, erase] of Object.entries(erasure)) {
    const count = erase === 'nothing' ? 0 : await erase(tx, of);
    if (count > 0) rows[table] = count;
  }
  return rows;
}
