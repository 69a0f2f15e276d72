// Sessions: a random token in the person's cookie, its keyed hash in the database, and an end that the server decides.
import { type Clock, dayMs } from '../base/clock.ts';
import { type Random, randomToken } from '../base/random.ts';
import type { Keys } from '../base/secret.ts';
import type { Database, Transaction } from '../database/database.ts';

export interface Session {
  /** Public: names the row, opens nothing. */
  readonly id: string;
  readonly accountId: string;
}

export interface Sessions {
  /** A new session with a token of its own, at every sign-in: nothing that the browser brought lives on in it. */
  begin(
    tx: Transaction,
    session: { readonly accountId: string; readonly deviceId: string | null },
  ): Promise<{ readonly id: string; readonly token: string; readonly expiresAt: number }>;
  /** The live session of this token: neither ended nor past its time. */
  find(token: string): Promise<Session | undefined>;
  /** Ends it for good; returns it when it was live. */
  end(tx: Transaction, token: string): Promise<Session | undefined>;
  /** Ends all of an account, and sign-ins that wait for their second step; returns how many live sessions that were. */
  endAll(tx: Transaction, accountId: string): Promise<number>;
  /** Deletes those that were over before `before` (UTC epoch ms). */
  forget(before: number): Promise<void>;
}

export interface SessionsNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly site: string;
  readonly sessionDays: number;
}

export function createSessions({ db, keys, clock, random, site, sessionDays }: SessionsNeeds): Sessions {
  return {
    async begin(tx, { accountId, deviceId }) {
      const id = randomToken(random);
      const token = randomToken(random);
      const now = clock.now();
      const expiresAt = now + sessionDays * dayMs;
      await tx
        .insertInto('sessions')
        .values({
          id,
          site,
          account_id: accountId,
          token_hash: keys.hash('session', token),
          created_at: now,
          expires_at: expiresAt,
          ended_at: null,
          device_id: deviceId,
        })
        .execute();
      return { id, token, expiresAt };
    },

    find: (token) =>
      db.read
        .selectFrom('sessions')
        .select(['id', 'account_id as accountId'])
        .where('site', '=', site)
        .where('token_hash', 'in', keys.hashes('session', token))
        .where('ended_at', 'is', null)
        .where('expires_at', '>', clock.now())
        .executeTakeFirst(),

    end: (tx, token) =>
      tx
        .updateTable('sessions')
        .set({ ended_at: clock.now() })
        .where('site', '=', site)
        .where('token_hash', 'in', keys.hashes('session', token))
        .where('ended_at', 'is', null)
        .where('expires_at', '>', clock.now())
        .returning(['id', 'account_id as accountId'])
        .executeTakeFirst(),

    async endAll(tx, accountId) {
      // First: where one is just becoming a session, this waits for it, and the session is seen below.
      await tx
        .updateTable('second_steps')
        .set({ ended_at: clock.now() })
        .where('site', '=', site)
        .where('account_id', '=', accountId)
        .where('ended_at', 'is', null)
        .execute();
      const ended = await tx
        .updateTable('sessions')
        .set({ ended_at: clock.now() })
        .where('site', '=', site)
        .where('account_id', '=', accountId)
        .where('ended_at', 'is', null)
        .where('expires_at', '>', clock.now())
        .returning('id')
        .execute();
      return ended.length;
    },

    async forget(before) {
      await db.write((tx) =>
        tx
          .deleteFrom('sessions')
          .where((session) => session.or([session('expires_at', '<', before), session('ended_at', '<', before)]))
          .execute(),
      );
    },
  };
}
