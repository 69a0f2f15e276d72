// Remembered devices: browsers that signed in to an account. Each has one random token in a cookie of its own and one row
// for every account that it opened. Being remembered opens nothing: it keeps a few tries of a password when strangers
// have used up all others (D4).
import { type Clock, dayMs } from '../base/clock.ts';
import { type Random, randomToken } from '../base/random.ts';
import type { Keys } from '../base/secret.ts';
import type { Database, Transaction } from '../database/database.ts';
import { statement, type Value, type Values } from '../database/statement.ts';
import type { DevicesTable } from '../database/tables.ts';
import { deleteOver } from '../database/batches.ts';

/** How long a browser is remembered after its last sign-in; none keeps a cookie for much longer. */
export const deviceLifeMs = 365 * dayMs;

/** What a browser shows: the token in its device cookie, and what it calls itself, for the list of sessions alone. */
export interface ShownDevice {
  readonly token: string | undefined;
  readonly label: string;
}

export interface Devices {
  /** The device of this token that signed in to this account and was not ended since; none while it is disabled. */
  find(
    token: string | undefined,
    accountId: string,
  ): Promise<{ readonly id: string; readonly createdAt: number } | undefined>;
  /**
   * Remembers the browser after its sign-in. It keeps its token where that is one we gave out and it was not ended for
   * this account; else it gets a new one: nobody plants a token in a stranger's browser, and none comes back to life.
   */
  remember(
    tx: Transaction,
    device: ShownDevice & { readonly accountId: string },
  ): Promise<{ readonly id: string; readonly token: string; readonly isNew: boolean }>;
  /** The same device under a token of its own: the old one is worth nothing. `undefined`: it was ended. */
  renew(
    tx: Transaction,
    device: { readonly id: string; readonly label: string },
  ): Promise<{ readonly id: string; readonly token: string; readonly isNew: false } | undefined>;
  /**
   * Ends all of an account (D10), but for the one of the browser that makes the change. After `sessions.endAll`, which waits
   * for whoever is just signing in.
   */
  endAll(tx: Transaction, accountId: string, keptId?: string): Promise<void>;
  /** Ends those of sessions that their owner ended. */
  endSome(tx: Transaction, ids: readonly string[]): Promise<void>;
  /** Deletes those that were ended or last used before `before` (UTC epoch ms). */
  forget(before: { readonly ended: number; readonly used: number }): Promise<void>;
}

export interface DevicesNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly site: string;
}

export function createDevices({ db, keys, clock, random, site }: DevicesNeeds): Devices {
  const hashesOf = (token: string) => keys.hashes('device', site, token);

  const rowOf = ({ token, accountId, label }: { token: string; accountId: string; label: string }) => ({
    id: randomToken(random),
    site,
    account_id: accountId,
    token_hash: keys.hash('device', site, token),
    label,
    created_at: clock.now(),
    last_used_at: clock.now(),
    ended_at: null,
  });

  /** `undefined`: the token has a row for this account. */
  const insertUnlessThere = (tx: Transaction, row: ReturnType<typeof rowOf>) =>
    tx
      .insertInto('devices')
      .values(row)
      .onConflict((conflict) => conflict.columns(['token_hash', 'account_id']).doNothing())
      .returning('id')
      .executeTakeFirst();

  async function rememberNew(tx: Transaction, { accountId, label }: { accountId: string; label: string }) {
    const token = randomToken(random);
    const row = rowOf({ token, accountId, label });
    await insertDevice.send(tx, row);
    return { id: row.id, token, isNew: true };
  }

  return {
    async find(token = '', accountId) {
      // Whoever it is for: the browser shows none.
      if (token === '') return undefined;
      return db.read
        .selectFrom('devices')
        .innerJoin('accounts', 'accounts.id', 'devices.account_id')
        .select(['devices.id', 'devices.created_at as createdAt'])
        .where('devices.token_hash', 'in', hashesOf(token))
        .where('devices.account_id', '=', accountId)
        .where('devices.ended_at', 'is', null)
        .where('accounts.state', '=', 'active')
        .executeTakeFirst();
    },

    async remember(tx, { token = '', accountId, label }) {
      if (token === '') return rememberNew(tx, { accountId, label });
      const used = await tx
        .updateTable('devices')
        .set({ last_used_at: clock.now(), label })
        .where('token_hash', 'in', hashesOf(token))
        .where('account_id', '=', accountId)
        .where('ended_at', 'is', null)
        .returning('id')
        .executeTakeFirst();
      if (used) return { id: used.id, token, isNew: false };
      const ofToken = await tx
        .selectFrom('devices')
        .select(['account_id', 'ended_at'])
        .where('token_hash', 'in', hashesOf(token))
        .execute();
      const isOurs = ofToken.some(({ ended_at }) => ended_at === null);
      const wasEnded = ofToken.some(({ account_id }) => account_id === accountId);
      // Two sign-ins at once in one browser: the second meets the row of the first, and gets a token of its own.
      const kept = isOurs && !wasEnded ? await insertUnlessThere(tx, rowOf({ token, accountId, label })) : undefined;
      return kept ? { id: kept.id, token, isNew: true } : rememberNew(tx, { accountId, label });
    },

    async renew(tx, { id, label }) {
      const token = randomToken(random);
      const renewed = await tx
        .updateTable('devices')
        .set({ token_hash: keys.hash('device', site, token), last_used_at: clock.now(), label })
        .where('site', '=', site)
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .returning('id')
        .executeTakeFirst();
      return renewed && { id, token, isNew: false };
    },

    async endAll(tx, accountId, keptId = '') {
      await endDevices.send(tx, { site, accountId, keptId, now: clock.now() });
    },

    async endSome(tx, ids) {
      if (ids.length === 0) return;
      await tx
        .updateTable('devices')
        .set({ ended_at: clock.now() })
        .where('site', '=', site)
        .where('id', 'in', ids)
        .where('ended_at', 'is', null)
        .execute();
    },

    async forget({ ended, used }) {
      await deleteOver(db, 'devices', (row) => row('ended_at', '<', ended));
      await deleteOver(db, 'devices', (row) => row('last_used_at', '<', used));
    },
  };
}

const insertDevice = statement((tx, device: Values<DevicesTable>) => tx.insertInto('devices').values(device));

const endDevices = statement(
  (
    tx,
    {
      site,
      accountId,
      keptId,
      now,
    }: { site: Value<string>; accountId: Value<string>; keptId: Value<string>; now: Value<number> },
  ) =>
    tx
      .updateTable('devices')
      .set({ ended_at: now })
      .where('site', '=', site)
      .where('account_id', '=', accountId)
      .where('id', '<>', keptId)
      .where('ended_at', 'is', null),
);
