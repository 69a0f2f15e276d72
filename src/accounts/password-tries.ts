// Wrong passwords in a row, counted before they are compared so that parallel tries cannot overshoot. Known and unknown
// identifiers are counted in one table by the same statement (D5): an account as itself, whatever it was called by, and
// what opens no account as it was typed.
import type { Clock } from '../base/clock.ts';
import type { Keys } from '../base/secret.ts';
import type { Database, Transaction } from '../database/database.ts';
import { readIdentifier } from './identifiers.ts';

/** NIST SP 800-63B-4 §3.2.2: no more than 100 failures in a row. */
export const maxWrongPasswords = 100;

export interface PasswordTries {
  /** Who is tried: the account, or what was typed where that opens none. */
  subjectOf(tried: { readonly accountId: string | undefined; readonly typed: string }): string;
  /** Wrong ones until now. */
  count(subject: string): Promise<number>;
  /** Counts one as wrong and returns the number that it has: it is compared only up to `maxWrongPasswords`. */
  take(subject: string): Promise<number>;
  /** Takes back one that was not compared after all: a fault of ours counts against nobody. */
  giveBack(subject: string): Promise<void>;
  /** After a right password or a new one: they start at zero. */
  clear(tx: Transaction, accountId: string): Promise<void>;
  /** Deletes what was not tried since `before` (UTC epoch ms). */
  forget(before: number): Promise<void>;
}

export interface PasswordTriesNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly site: string;
}

export function createPasswordTries({ db, keys, clock, site }: PasswordTriesNeeds): PasswordTries {
  const subjectOfAccount = (accountId: string) => keys.hash('password-tries', site, 'account', accountId);

  return {
    subjectOf({ accountId, typed }) {
      if (accountId !== undefined) return subjectOfAccount(accountId);
      const read = readIdentifier(typed);
      return keys.hash('password-tries', site, ...(read.ok ? [read.kind, read.key] : ['unreadable', typed]));
    },

    async count(subject) {
      const row = await db.read
        .selectFrom('password_tries')
        .select('wrong_in_a_row')
        .where('subject_hash', '=', subject)
        .executeTakeFirst();
      return row?.wrong_in_a_row ?? 0;
    },

    async take(subject) {
      const now = clock.now();
      const row = await db.write((tx) =>
        tx
          .insertInto('password_tries')
          .values({ subject_hash: subject, site, wrong_in_a_row: 1, tried_at: now })
          .onConflict((conflict) =>
            conflict.column('subject_hash').doUpdateSet((current) => ({
              wrong_in_a_row: current('password_tries.wrong_in_a_row', '+', 1),
              tried_at: now,
            })),
          )
          .returning('wrong_in_a_row')
          .executeTakeFirstOrThrow(),
      );
      return row.wrong_in_a_row;
    },

    async giveBack(subject) {
      await db.write((tx) =>
        tx
          .updateTable('password_tries')
          .set((current) => ({ wrong_in_a_row: current('wrong_in_a_row', '-', 1) }))
          .where('subject_hash', '=', subject)
          .where('wrong_in_a_row', '>', 0)
          .execute(),
      );
    },

    async clear(tx, accountId) {
      await tx.deleteFrom('password_tries').where('subject_hash', '=', subjectOfAccount(accountId)).execute();
    },

    async forget(before) {
      await db.write((tx) =>
        tx.deleteFrom('password_tries').where('site', '=', site).where('tried_at', '<', before).execute(),
      );
    },
  };
}
