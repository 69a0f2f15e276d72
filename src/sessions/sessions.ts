// Sessions: a random token in the person's cookie, its keyed hash in the database, and an end that the server decides.
import { type ExpressionBuilder, sql } from 'kysely';
import { type Clock, dayMs, hourMs } from '../base/clock.ts';
import { type Random, randomToken } from '../base/random.ts';
import type { Keys } from '../base/secret.ts';
import type { Database, Transaction } from '../database/database.ts';
import { statement, type Value, type Values } from '../database/statement.ts';
import type { SessionsTable, Tables } from '../database/tables.ts';
import { deleteOver } from '../database/batches.ts';

export interface Session {
  /** Public: names the row, opens nothing. */
  readonly id: string;
  readonly accountId: string;
}

/** A session as its owner sees it in a list. Times in UTC epoch ms. */
export interface ListedSession {
  readonly id: string;
  /** "Firefox · Windows", or empty where nothing is known. */
  readonly label: string;
  readonly createdAt: number;
  /** To the hour. */
  readonly lastUsedAt: number;
}

/** Of whom sessions end, and which: one of them, or all but one. */
export type EndedSessions = { readonly accountId: string } & ({ readonly only: string } | { readonly allBut: string });

/** How long a session is used before that is written down once more. */
const coarseMs = hourMs;
const notedAtOnce = 500;

export interface Sessions {
  /** A new session with a token of its own, at every sign-in: nothing that the browser brought lives on in it. */
  begin(
    tx: Transaction,
    session: { readonly accountId: string; readonly deviceId: string | null },
  ): Promise<{ readonly id: string; readonly token: string; readonly expiresAt: number }>;
  /** The live session of this token: neither ended nor past its time, and its account not disabled. */
  find(token: string): Promise<(Session & { readonly createdAt: number }) | undefined>;
  /** Ends it for good; returns it when it was live. */
  end(tx: Transaction, token: string): Promise<(Session & { readonly deviceId: string | null }) | undefined>;
  /** Ends all of an account, and sign-ins that wait for their second step; returns how many live sessions that were. */
  endAll(tx: Transaction, accountId: string): Promise<number>;
  /** The live ones of an account, the one used last at the head. */
  listOf(accountId: string): Promise<readonly ListedSession[]>;
  /** Holds it until the end of the transaction. False: it is over, or its account disabled. After `directory.hold`, as a reset comes that way too. */
  hold(tx: Transaction, sessionId: string): Promise<boolean>;
  /** Ends live ones of an account; returns them with the devices that they were on. */
  endSome(
    tx: Transaction,
    which: EndedSessions,
  ): Promise<readonly { readonly id: string; readonly deviceId: string | null }[]>;
  /** Writes down which were used lately: for a timer, so that no request waits for it. */
  noteUsed(): Promise<void>;
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
  /** Found since the last note, and not written down for an hour. */
  const used = new Set<string>();

  const isLive = (session: ExpressionBuilder<Tables, 'sessions'>) =>
    session.and([
      session('sessions.site', '=', site),
      session('sessions.ended_at', 'is', null),
      session('sessions.expires_at', '>', clock.now()),
    ]);

  /** Asked in the statement that finds the session: a disabled account has none, from that very moment. */
  const isOfActive = (session: ExpressionBuilder<Tables, 'sessions'>) =>
    session.exists(
      session
        .selectFrom('accounts')
        .select('accounts.id')
        .whereRef('accounts.id', '=', 'sessions.account_id')
        .where('accounts.state', '=', 'active'),
    );

  return {
    async begin(tx, { accountId, deviceId }) {
      const id = randomToken(random);
      const token = randomToken(random);
      const now = clock.now();
      const expiresAt = now + sessionDays * dayMs;
      await insertSession.send(tx, {
        id,
        site,
        account_id: accountId,
        token_hash: keys.hash('session', token),
        created_at: now,
        expires_at: expiresAt,
        ended_at: null,
        device_id: deviceId,
        last_used_at: null,
      });
      return { id, token, expiresAt };
    },

    async find(token) {
      const row = await db.read
        .selectFrom('sessions')
        .select(['id', 'account_id as accountId', 'created_at', 'last_used_at'])
        .where('token_hash', 'in', keys.hashes('session', token))
        .where(isLive)
        .where(isOfActive)
        .executeTakeFirst();
      if (!row) return undefined;
      if ((row.last_used_at ?? row.created_at) <= clock.now() - coarseMs) used.add(row.id);
      return { id: row.id, accountId: row.accountId, createdAt: row.created_at };
    },

    listOf: (accountId) =>
      db.read
        .selectFrom('sessions')
        .leftJoin('devices', 'devices.id', 'sessions.device_id')
        .select((row) => [
          'sessions.id',
          row.fn.coalesce('devices.label', sql<string>`''`).as('label'),
          'sessions.created_at as createdAt',
          row.fn.coalesce('sessions.last_used_at', 'sessions.created_at').as('lastUsedAt'),
        ])
        .where('sessions.account_id', '=', accountId)
        .where(isLive)
        .orderBy('lastUsedAt', 'desc')
        .orderBy('sessions.id')
        .execute(),

    async hold(tx, sessionId) {
      const held = await tx
        .updateTable('sessions')
        .set((current) => ({ expires_at: current.ref('sessions.expires_at') }))
        .where('id', '=', sessionId)
        .where(isLive)
        .where(isOfActive)
        .returning('id')
        .executeTakeFirst();
      return held !== undefined;
    },

    endSome: (tx, which) =>
      tx
        .updateTable('sessions')
        .set({ ended_at: clock.now() })
        .where('account_id', '=', which.accountId)
        .where((session) => ('only' in which ? session('id', '=', which.only) : session('id', '<>', which.allBut)))
        .where(isLive)
        .returning(['id', 'device_id as deviceId'])
        .execute(),

    async noteUsed() {
      const ids = [...used].slice(0, notedAtOnce);
      if (ids.length === 0) return;
      const now = clock.now();
      await db.write((tx) =>
        tx
          .updateTable('sessions')
          .set({ last_used_at: now })
          .where('id', 'in', ids)
          .where((session) => session(session.fn.coalesce('last_used_at', 'created_at'), '<=', now - coarseMs))
          .where(isLive)
          .execute(),
      );
      for (const id of ids) used.delete(id);
    },

    end: (tx, token) =>
      tx
        .updateTable('sessions')
        .set({ ended_at: clock.now() })
        .where('site', '=', site)
        .where('token_hash', 'in', keys.hashes('session', token))
        .where('ended_at', 'is', null)
        .where('expires_at', '>', clock.now())
        .returning(['id', 'account_id as accountId', 'device_id as deviceId'])
        .executeTakeFirst(),

    async endAll(tx, accountId) {
      // First: where one is just becoming a session, this waits for it, and the session is seen below.
      const secondSteps = endSecondSteps.send(tx, { site, accountId, now: clock.now() });
      const [ended] = await Promise.all([endSessions.execute(tx, { site, accountId, now: clock.now() }), secondSteps]);
      return ended.length;
    },

    async forget(before) {
      await deleteOver(db, 'sessions', (row) => row('expires_at', '<', before));
      await deleteOver(db, 'sessions', (row) => row('ended_at', '<', before));
    },
  };
}

const insertSession = statement((tx, session: Values<SessionsTable>) => tx.insertInto('sessions').values(session));

interface Ending {
  readonly site: Value<string>;
  readonly accountId: Value<string>;
  readonly now: Value<number>;
}

const endSecondSteps = statement((tx, { site, accountId, now }: Ending) =>
  tx
    .updateTable('second_steps')
    .set({ ended_at: now })
    .where('site', '=', site)
    .where('account_id', '=', accountId)
    .where('ended_at', 'is', null),
);

const endSessions = statement((tx, { site, accountId, now }: Ending) =>
  tx
    .updateTable('sessions')
    .set({ ended_at: now })
    .where('site', '=', site)
    .where('account_id', '=', accountId)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('id'),
);
