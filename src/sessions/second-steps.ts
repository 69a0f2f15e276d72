// A sign-in whose password was right and whose second step is missing: bound to the browser by a handle, for ten minutes
// and five tries. It is no session and opens nothing; whatever ends the sessions of an account ends these first.
import { type Clock, minuteMs } from '../base/clock.ts';
import { type Random, randomToken } from '../base/random.ts';
import type { Keys } from '../base/secret.ts';
import type { Database, Transaction } from '../database/database.ts';
import type { SecondStepsTable } from '../database/tables.ts';
import { deleteOver } from '../database/batches.ts';

export type SecondStep = Readonly<SecondStepsTable>;

export interface SecondSteps {
  begin(
    tx: Transaction,
    step: { readonly accountId: string; readonly returnTo: string | null },
  ): Promise<{ readonly handle: string; readonly expiresAt: number }>;
  /** The open one of this browser. */
  find(handle: string | undefined): Promise<SecondStep | undefined>;
  /** Takes a try before anything is compared; `undefined`: none is left, or it is over. */
  takeTry(tx: Transaction, id: string): Promise<SecondStep | undefined>;
  /** Ends it; true for one of several at once. */
  end(tx: Transaction, id: string): Promise<boolean>;
  /** Deletes those that were over before `before` (UTC epoch ms). */
  forget(before: number): Promise<void>;
}

export const secondStepLifeMs = 10 * minuteMs;
export const maxSecondTries = 5;

export interface SecondStepsNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly site: string;
}

export function createSecondSteps({ db, keys, clock, random, site }: SecondStepsNeeds): SecondSteps {
  return {
    async begin(tx, { accountId, returnTo }) {
      const handle = randomToken(random);
      const now = clock.now();
      const expiresAt = now + secondStepLifeMs;
      await tx
        .insertInto('second_steps')
        .values({
          id: randomToken(random),
          site,
          account_id: accountId,
          handle_hash: keys.hash('second-step', handle),
          return_to: returnTo,
          tries: 0,
          created_at: now,
          expires_at: expiresAt,
          ended_at: null,
        })
        .execute();
      return { handle, expiresAt };
    },

    find: (handle = '') =>
      db.read
        .selectFrom('second_steps')
        .selectAll()
        .where('site', '=', site)
        .where('handle_hash', 'in', keys.hashes('second-step', handle))
        .where('ended_at', 'is', null)
        .where('expires_at', '>', clock.now())
        .executeTakeFirst(),

    takeTry: (tx, id) =>
      tx
        .updateTable('second_steps')
        .set((current) => ({ tries: current('tries', '+', 1) }))
        .where('id', '=', id)
        .where('tries', '<', maxSecondTries)
        .where('ended_at', 'is', null)
        .where('expires_at', '>', clock.now())
        .returningAll()
        .executeTakeFirst(),

    async end(tx, id) {
      const ended = await tx
        .updateTable('second_steps')
        .set({ ended_at: clock.now() })
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .returning('id')
        .executeTakeFirst();
      return ended !== undefined;
    },

    forget: (before) => deleteOver(db, 'second_steps', (row) => row('expires_at', '<', before)),
  };
}
