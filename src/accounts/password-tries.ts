// Wrong passwords in a row, counted before they are compared so that parallel tries cannot overshoot. Each counts twice:
// for the name that was typed, which is all that a visitor may see, and for the account, unseen, so that its names together
// have no more tries than one. What opens no account is counted by the same statement in the same two places (D5).
import type { Clock } from '../base/clock.ts';
import type { Keys } from '../base/secret.ts';
import type { Database, Transaction } from '../database/database.ts';
import { statement, type Value, type Values } from '../database/statement.ts';
import type { PasswordTriesTable } from '../database/tables.ts';
import { readIdentifier } from './identifiers.ts';
import { deleteOver } from '../database/batches.ts';

/** NIST SP 800-63B-4 §3.2.2: no more than 100 failures in a row. */
export const maxWrongPasswords = 100;

/** Who is tried, as keyed hashes; `name`: what was typed, none where the account is signed in already. */
export interface Tried {
  readonly account: string;
  readonly name: string | null;
}

export interface WrongInARow {
  readonly ofAccount: number;
  readonly ofName: number;
}

export interface PasswordTries {
  tried(who: { readonly accountId: string | undefined; readonly typed: string | null }): Tried;
  /** Wrong ones until now. */
  count(tried: Tried): Promise<WrongInARow>;
  /** Counts one as wrong and returns the numbers that it has: it is compared only up to `maxWrongPasswords`. */
  take(tried: Tried): Promise<WrongInARow>;
  /** Takes back one that was not compared after all: a fault of ours counts against nobody. */
  giveBack(tried: Tried): Promise<void>;
  /**
   * After a right password or a new one: both start at zero. Not the account's other names: two that are refused no longer,
   * at one moment, would be seen to belong together.
   */
  clear(tx: Transaction, who: { readonly accountId: string; readonly typed: string | null }): Promise<void>;
  /** Deletes what was not tried since `before` (UTC epoch ms). */
  forget(before: number): Promise<void>;
}

export interface PasswordTriesNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly site: string;
}

/** What the keyed hashes of `Tried` are made of. */
export const accountTries = (accountId: string) => ['account', accountId] as const;
export const nameTries = (kind: string, key: string) => ['name', kind, key] as const;
/** In place of an account, for a name that opens none. */
export const nobodysTries = (kind: string, key: string) => ['nobody', kind, key] as const;

export function createPasswordTries({ db, keys, clock, site }: PasswordTriesNeeds): PasswordTries {
  const hash = (parts: readonly string[]) => keys.hash('password-tries', site, ...parts);

  const tried: PasswordTries['tried'] = ({ accountId, typed }) => {
    const read = readIdentifier(typed ?? '');
    const { kind, key } = read.ok ? read : { kind: 'unreadable', key: typed ?? '' };
    return {
      account: hash(accountId === undefined ? nobodysTries(kind, key) : accountTries(accountId)),
      name: typed === null ? null : hash(nameTries(kind, key)),
    };
  };

  const hashesOf = ({ account, name }: Tried) => (name === null ? [account] : [account, name]);

  function wrongIn(
    rows: readonly { readonly subject_hash: string; readonly wrong_in_a_row: number }[],
    { account, name }: Tried,
  ): WrongInARow {
    const of = (subject: string | null) => rows.find((row) => row.subject_hash === subject)?.wrong_in_a_row ?? 0;
    return { ofAccount: of(account), ofName: of(name) };
  }

  return {
    tried,

    async count(who) {
      return wrongIn(await countTries.execute(db.read, { subjects: hashesOf(who) }), who);
    },

    async take(who) {
      const now = clock.now();
      // The account first, for all: two that hold each other's rows would wait for each other.
      const tries = hashesOf(who).map((subject_hash) => ({ subject_hash, site, wrong_in_a_row: 1, tried_at: now }));
      return wrongIn(await db.write((tx) => takeTries.execute(tx, { tries, now })), who);
    },

    async giveBack(who) {
      await db.write(async (tx) => {
        for (const subject of hashesOf(who)) {
          await tx
            .updateTable('password_tries')
            .set((current) => ({ wrong_in_a_row: current('wrong_in_a_row', '-', 1) }))
            .where('subject_hash', '=', subject)
            .where('wrong_in_a_row', '>', 0)
            .execute();
        }
      });
    },

    async clear(tx, who) {
      for (const subject of hashesOf(tried(who))) await deleteTries.send(tx, { subject });
    },

    forget: (before) => deleteOver(db, 'password_tries', (row) => row('tried_at', '<', before)),
  };
}

const countTries = statement((db, { subjects }: { subjects: readonly Value<string>[] }) =>
  db.selectFrom('password_tries').select(['subject_hash', 'wrong_in_a_row']).where('subject_hash', 'in', subjects),
);

const takeTries = statement(
  (tx, { tries, now }: { tries: readonly Values<PasswordTriesTable>[]; now: Value<number> }) =>
    tx
      .insertInto('password_tries')
      .values(tries)
      .onConflict((conflict) =>
        conflict.column('subject_hash').doUpdateSet((current) => ({
          wrong_in_a_row: current('password_tries.wrong_in_a_row', '+', 1),
          tried_at: now,
        })),
      )
      .returning(['subject_hash', 'wrong_in_a_row']),
);

const deleteTries = statement((tx, { subject }: { subject: Value<string> }) =>
  tx.deleteFrom('password_tries').where('subject_hash', '=', subject),
);
