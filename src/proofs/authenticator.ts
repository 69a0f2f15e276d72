// The authenticator app of an account and its spare codes: set up, proved, taken away. Whoever calls it has counted the
// try before. The secret is sealed and never leaves but for its set-up; spare codes are kept as keyed hashes.
import { z } from 'zod';
import { type Clock, minuteMs } from '../base/clock.ts';
import { type Random, randomToken } from '../base/random.ts';
import type { Keys } from '../base/secret.ts';
import type { Database, Transaction } from '../database/database.ts';
import { statement, type Value } from '../database/statement.ts';
import { newSecret, newSpareCode, type SecondCode, stepOf, stepsOfPair } from './totp.ts';
import { deleteOver } from '../database/batches.ts';

export interface AuthenticatorStatus {
  readonly isOn: boolean;
  /** UTC epoch ms; `null` while it is off. */
  readonly addedAt: number | null;
  readonly spareCodesLeft: number;
}

export interface Authenticator {
  /** Also for the account page. */
  statusOf(accountId: string): Promise<AuthenticatorStatus>;
  /** In the transaction of a sign-in. */
  isOn(tx: Transaction, accountId: string): Promise<boolean>;
  /** Since when it is on (UTC epoch ms); `undefined`: it is off. */
  addedAt(reader: Transaction, accountId: string): Promise<number | undefined>;
  /** Begins or begins anew; the one before is forgotten. */
  beginSetUp(tx: Transaction, who: { readonly accountId: string; readonly sessionId: string }): Promise<void>;
  /** The secret that this session is setting up, base32. */
  setUpOf(who: { readonly accountId: string; readonly sessionId: string }): Promise<string | undefined>;
  /**
   * Switches it on when `code` is one of the secret that is being set up; that code is spent. Returns the spare codes, in
   * clear for the only time; `undefined` where the code is not right, the set-up is over, or one is on already.
   */
  finishSetUp(
    tx: Transaction,
    who: { readonly accountId: string; readonly sessionId: string; readonly code: string },
  ): Promise<readonly string[] | undefined>;
  /**
   * Spends the code: a step of the app works once, and so does a spare code. Sixteen at once: one. `addedBefore` (UTC epoch
   * ms): what was added later proves nothing, and is not spent. The id of what was proved; `undefined`: nothing was.
   */
  prove(
    tx: Transaction,
    proof: { readonly accountId: string; readonly code: SecondCode; readonly addedBefore?: number },
  ): Promise<string | undefined>;
  /** New spare codes instead of all that there were, in clear for the only time. */
  renewSpareCodes(tx: Transaction, accountId: string): Promise<readonly string[]>;
  /** Off, with all that belongs to it. */
  remove(tx: Transaction, accountId: string): Promise<void>;
  /** Nothing that is being set up can be finished any more: whoever began it may have been signed out (D10). */
  dropSetUp(tx: Transaction, accountId: string): Promise<void>;
  /** Takes away an app that was added later than `after` (UTC epoch ms), with its spare codes. True: there was one. */
  removeAddedAfter(tx: Transaction, factors: { readonly accountId: string; readonly after: number }): Promise<boolean>;
  /** Takes away spare codes that were made later than `after` (UTC epoch ms). */
  dropSpareCodesAfter(tx: Transaction, codes: { readonly accountId: string; readonly after: number }): Promise<void>;
  /** Takes app and spare codes off, so that they can come back: `by` is the release. True: there was one. */
  setAside(tx: Transaction, factor: { readonly accountId: string; readonly by: string }): Promise<boolean>;
  /** Puts back what that release took off, in the place of what is there now. True: there was something. */
  reinstate(tx: Transaction, factor: { readonly accountId: string; readonly by: string }): Promise<boolean>;
  /** Deletes set-ups that were not finished in time, and what was set aside before `setAside` (UTC epoch ms). */
  forget(before: { readonly setAside: number }): Promise<void>;
}

export const setUpLifeMs = 15 * minuteMs;
export const spareCodesInAll = 10;

export interface AuthenticatorNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly site: string;
}

export function createAuthenticator({ db, keys, clock, random, site }: AuthenticatorNeeds): Authenticator {
  const setUps = (reader: Transaction, { accountId, sessionId }: { accountId: string; sessionId: string }) =>
    reader
      .selectFrom('authenticator_set_ups')
      .select('secret_sealed')
      .where('account_id', '=', accountId)
      .where('session_id', '=', sessionId)
      .where('expires_at', '>', clock.now())
      .executeTakeFirst();

  const dropSetUp = (tx: Transaction, accountId: string) => setUpDropped.executeTakeFirst(tx, { accountId });

  const dropSpareCodes = (tx: Transaction, accountId: string) =>
    tx.deleteFrom('spare_codes').where('account_id', '=', accountId).execute();

  const renewSpareCodes: Authenticator['renewSpareCodes'] = async (tx, accountId) => {
    await dropSpareCodes(tx, accountId);
    const codes = Array.from({ length: spareCodesInAll }, () => newSpareCode(random));
    const row = (code: string) => ({
      id: randomToken(random),
      site,
      account_id: accountId,
      code_hash: keys.hash('spare-code', accountId, code),
      created_at: clock.now(),
      spent_at: null,
    });
    await tx.insertInto('spare_codes').values(codes.map(row)).execute();
    return codes;
  };

  async function addedAt(reader: Transaction, accountId: string): Promise<number | undefined> {
    return (await findAuthenticator.executeTakeFirst(reader, { accountId }))?.created_at;
  }

  /** Takes off what there is, and returns it. */
  async function takeOff(tx: Transaction, accountId: string) {
    await dropSetUp(tx, accountId);
    const app = await tx
      .deleteFrom('authenticators')
      .where('account_id', '=', accountId)
      .returningAll()
      .executeTakeFirst();
    const spareCodes = await tx.deleteFrom('spare_codes').where('account_id', '=', accountId).returningAll().execute();
    return { app, spareCodes };
  }

  return {
    renewSpareCodes,

    async statusOf(accountId) {
      const onSince = await addedAt(db.read, accountId);
      const left = await db.read
        .selectFrom('spare_codes')
        .select(({ fn }) => fn.countAll<number | string>().as('count'))
        .where('account_id', '=', accountId)
        .where('spent_at', 'is', null)
        .executeTakeFirstOrThrow();
      return { isOn: onSince !== undefined, addedAt: onSince ?? null, spareCodesLeft: Number(left.count) };
    },

    isOn: async (tx, accountId) => (await addedAt(tx, accountId)) !== undefined,
    addedAt,

    async beginSetUp(tx, { accountId, sessionId }) {
      const begun = {
        session_id: sessionId,
        secret_sealed: keys.seal(newSecret(random)),
        expires_at: clock.now() + setUpLifeMs,
      };
      await tx
        .insertInto('authenticator_set_ups')
        .values({ account_id: accountId, site, ...begun })
        .onConflict((conflict) => conflict.column('account_id').doUpdateSet(begun))
        .execute();
    },

    async setUpOf(who) {
      const row = await setUps(db.read, who);
      return row && keys.open(row.secret_sealed);
    },

    async finishSetUp(tx, { accountId, sessionId, code }) {
      const begun = await setUps(tx, { accountId, sessionId });
      const step = begun && stepOf(keys.open(begun.secret_sealed) ?? '', code, clock.now());
      if (!begun || step === undefined) return undefined;
      // Of several at once one takes the set-up away, and goes on.
      if (!(await dropSetUp(tx, accountId))) return undefined;
      const added = await tx
        .insertInto('authenticators')
        .values({
          account_id: accountId,
          site,
          secret_sealed: begun.secret_sealed,
          last_step: step,
          created_at: clock.now(),
        })
        .onConflict((conflict) => conflict.column('account_id').doNothing())
        .returning('account_id')
        .executeTakeFirst();
      return added && renewSpareCodes(tx, accountId);
    },

    async prove(tx, { accountId, code: { kind, code }, addedBefore = clock.now() }) {
      if (kind === 'spare') {
        const spent = await tx
          .updateTable('spare_codes')
          .set({ spent_at: clock.now() })
          .where('account_id', '=', accountId)
          .where('code_hash', 'in', keys.hashes('spare-code', accountId, code))
          .where('spent_at', 'is', null)
          .where('created_at', '<=', addedBefore)
          .returning('id')
          .executeTakeFirst();
        return spent?.id;
      }
      const row = await tx
        .selectFrom('authenticators')
        .select('secret_sealed')
        .where('account_id', '=', accountId)
        .where('created_at', '<=', addedBefore)
        .executeTakeFirst();
      const secret = row && keys.open(row.secret_sealed);
      if (!secret) return undefined;
      const step = kind === 'pair' ? undefined : stepOf(secret, code, clock.now());
      const steps = step === undefined ? undefined : { first: step, last: step };
      const shown = kind === 'pair' ? stepsOfPair(secret, code, clock.now()) : steps;
      if (!shown) return undefined;
      const spent = await tx
        .updateTable('authenticators')
        .set({ last_step: shown.last })
        .where('account_id', '=', accountId)
        .where('last_step', '<', shown.first)
        .returning('account_id')
        .executeTakeFirst();
      return spent?.account_id;
    },

    async remove(tx, accountId) {
      await takeOff(tx, accountId);
    },

    async setAside(tx, { accountId, by }) {
      const { app, spareCodes } = await takeOff(tx, accountId);
      if (!app) return false;
      const kept = { ...app, id: by, spare_codes: JSON.stringify(spareCodes), set_aside_at: clock.now() };
      await tx.insertInto('factors_set_aside').values(kept).execute();
      return true;
    },

    async reinstate(tx, { accountId, by }) {
      const kept = await tx
        .deleteFrom('factors_set_aside')
        .where('id', '=', by)
        .where('account_id', '=', accountId)
        .returningAll()
        .executeTakeFirst();
      if (!kept) return false;
      await takeOff(tx, accountId);
      const { secret_sealed, last_step, created_at, spare_codes } = kept;
      await tx
        .insertInto('authenticators')
        .values({ account_id: accountId, site, secret_sealed, last_step, created_at })
        .execute();
      const spareCodes = z.array(keptSpareCode).parse(JSON.parse(spare_codes));
      if (spareCodes.length > 0) await tx.insertInto('spare_codes').values(spareCodes).execute();
      return true;
    },

    dropSetUp: (tx, accountId) => setUpDropped.send(tx, { accountId }),

    async removeAddedAfter(tx, { accountId, after }) {
      const removed = await newerRemoved.executeTakeFirst(tx, { accountId, after });
      if (removed) await dropSpareCodes(tx, accountId);
      return removed !== undefined;
    },

    async dropSpareCodesAfter(tx, { accountId, after }) {
      await tx.deleteFrom('spare_codes').where('account_id', '=', accountId).where('created_at', '>', after).execute();
    },

    async forget({ setAside }) {
      const now = clock.now();
      await deleteOver(db, 'authenticator_set_ups', (row) => row('expires_at', '<=', now));
      await deleteOver(db, 'factors_set_aside', (row) => row('set_aside_at', '<', setAside));
    },
  };
}

const keptSpareCode = z.strictObject({
  id: z.string(),
  site: z.string(),
  account_id: z.string(),
  code_hash: z.string(),
  created_at: z.number(),
  spent_at: z.number().nullable(),
});

const setUpDropped = statement((tx, { accountId }: { accountId: Value<string> }) =>
  tx.deleteFrom('authenticator_set_ups').where('account_id', '=', accountId).returning('account_id'),
);

const newerRemoved = statement((tx, { accountId, after }: { accountId: Value<string>; after: Value<number> }) =>
  tx
    .deleteFrom('authenticators')
    .where('account_id', '=', accountId)
    .where('created_at', '>', after)
    .returning('account_id'),
);

const findAuthenticator = statement((reader, { accountId }: { accountId: Value<string> }) =>
  reader.selectFrom('authenticators').select('created_at').where('account_id', '=', accountId),
);
