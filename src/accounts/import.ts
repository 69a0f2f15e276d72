// Many accounts at once, all of them or none. Rows are staged where nobody looks, a batch at a time, so that a file of any
// size needs little memory and holds up nobody; then one transaction makes accounts of all. A crash before that leaves rows
// that count for nothing, and the clean-up of the next day removes them.
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../base/clock.ts';
import { Problem } from '../base/problem.ts';
import { type Random, randomToken } from '../base/random.ts';
import type { Database, Transaction } from '../database/database.ts';
import { allowLongWork } from '../database/long.ts';
import type { GivenState } from './directory.ts';
import { deleteOver } from '../database/batches.ts';

export interface ImportedAccount {
  /** Where it stands in the file: unique. */
  readonly line: number;
  readonly userId: string;
  readonly userIdKey: string;
  /** Confirmed. */
  readonly addresses: readonly { readonly address: string; readonly key: string }[];
  readonly state: GivenState;
  readonly locale: string;
  readonly provider: string | null;
}

/** `line`: in the file. `firstLine`: of the same user ID before it; `null` where an account has it already. */
export interface Conflict {
  readonly line: number;
  readonly userId: string;
  readonly firstLine: number | null;
}

export interface AccountImport {
  stage(accounts: readonly ImportedAccount[]): Promise<void>;
  /** User IDs that stand there twice or are taken: how many, and the first of them. */
  conflicts(first: number): Promise<{ readonly count: number; readonly first: readonly Conflict[] }>;
  /** Makes accounts of all that was staged and tells how many. Throws `accounts-file` when one was taken meanwhile. */
  finish(): Promise<number>;
  /** Forgets what was staged. */
  drop(): Promise<void>;
}

export interface AccountImportNeeds {
  readonly db: Database;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly random: Random;
  readonly site: string;
}

/** So many parameters fit into one statement on both engines, and it leaves little behind when it is done. */
const rowsAtOnce = 200;

export function createAccountImport({ db, audit, clock, random, site }: AccountImportNeeds): AccountImport {
  const importId = randomToken(random);

  const forget = async (tx: Transaction) => {
    await tx.deleteFrom('import_addresses').where('import_id', '=', importId).execute();
    await tx.deleteFrom('import_rows').where('import_id', '=', importId).execute();
  };

  return {
    async stage(accounts) {
      const staged_at = clock.now();
      const withIds = accounts.map((account) => ({ ...account, accountId: randomToken(random) }));
      const rows = withIds.map(({ line, accountId, userId, userIdKey, state, locale, provider }) => ({
        import_id: importId,
        line,
        site,
        staged_at,
        account_id: accountId,
        user_id: userId,
        user_id_key: userIdKey,
        state,
        locale,
        provider,
      }));
      const addresses = withIds.flatMap(({ line, accountId, addresses }) =>
        addresses.map(({ address, key }, place) => ({
          import_id: importId,
          line,
          place,
          staged_at,
          id: randomToken(random),
          account_id: accountId,
          address,
          address_key: key,
        })),
      );
      await db.write(async (tx) => {
        await allowLongWork(tx, db.engine);
        for (let at = 0; at < rows.length; at += rowsAtOnce)
          await tx
            .insertInto('import_rows')
            .values(rows.slice(at, at + rowsAtOnce))
            .execute();
        for (let at = 0; at < addresses.length; at += rowsAtOnce)
          await tx
            .insertInto('import_addresses')
            .values(addresses.slice(at, at + rowsAtOnce))
            .execute();
      });
    },

    async conflicts(first) {
      const twice = db.read
        .selectFrom('import_rows')
        .select((row) => ['user_id_key', row.fn.min('line').as('first_line'), row.fn.countAll<number>().as('rows')])
        .where('import_id', '=', importId)
        .groupBy('user_id_key')
        .having((row) => row.fn.countAll(), '>', 1);
      const inFile = db.read
        .selectFrom('import_rows as row')
        .innerJoin(twice.as('twice'), 'twice.user_id_key', 'row.user_id_key')
        .where('row.import_id', '=', importId)
        .whereRef('row.line', '>', 'twice.first_line');
      const taken = db.read
        .selectFrom('import_rows as row')
        .innerJoin('accounts', 'accounts.user_id_key', 'row.user_id_key')
        .where('row.import_id', '=', importId)
        .where('accounts.site', '=', site);
      const [doubles, known, doubleCount, knownCount] = await Promise.all([
        inFile
          .select(['row.line', 'row.user_id', 'twice.first_line as firstLine'])
          .orderBy('row.line')
          .limit(first)
          .execute(),
        taken.select(['row.line', 'row.user_id']).orderBy('row.line').limit(first).execute(),
        inFile.select((row) => row.fn.countAll<number>().as('count')).executeTakeFirstOrThrow(),
        taken.select((row) => row.fn.countAll<number>().as('count')).executeTakeFirstOrThrow(),
      ]);
      return {
        count: doubleCount.count + knownCount.count,
        first: [...doubles, ...known.map((row) => ({ ...row, firstLine: null }))]
          .map(({ line, user_id: userId, firstLine }) => ({ line, userId, firstLine }))
          .toSorted((one, other) => one.line - other.line)
          .slice(0, first),
      };
    },

    finish: () =>
      db.write(async (tx) => {
        await allowLongWork(tx, db.engine);
        const now = clock.now();
        const staged = await tx
          .selectFrom('import_rows')
          .select((row) => row.fn.countAll<number>().as('count'))
          .where('import_id', '=', importId)
          .executeTakeFirstOrThrow();
        const made = await tx
          .insertInto('accounts')
          .columns(['id', 'site', 'user_id', 'user_id_key', 'state', 'locale', 'provider', 'created_at'])
          .expression((query) =>
            query
              .selectFrom('import_rows')
              .select(['account_id', 'site', 'user_id', 'user_id_key', 'state', 'locale', 'provider'])
              .select((row) => row.lit(now).as('created_at'))
              .where('import_id', '=', importId)
              .orderBy('user_id_key'),
          )
          // The unique index decides what was taken since the check; then none of them is made.
          .onConflict((conflict) => conflict.columns(['site', 'user_id_key']).doNothing())
          .executeTakeFirst();
        const { count } = staged;
        if (Number(made.numInsertedOrUpdatedRows ?? 0) !== count) {
          throw new Problem('accounts-file', 'An account was made meanwhile with a user ID of the file. Start again.');
        }
        // The address confirmed first is the one that counts, so each is confirmed a millisecond after the one before it.
        await tx
          .insertInto('addresses')
          .columns(['id', 'site', 'account_id', 'address', 'address_key', 'confirmed_at', 'created_at'])
          .expression((query) =>
            query
              .selectFrom('import_addresses')
              .select((row) => ['id', row.val(site).as('site'), 'account_id', 'address', 'address_key'])
              .select((row) => [
                row(row.lit(now), '+', row.ref('place')).as('confirmed_at'),
                row.lit(now).as('created_at'),
              ])
              .where('import_id', '=', importId)
              .orderBy('address_key'),
          )
          .execute();
        await audit.append(tx, { event: 'accounts_added', facts: { count } });
        await forget(tx);
        return count;
      }),

    drop: () =>
      db.write(async (tx) => {
        await allowLongWork(tx, db.engine);
        await forget(tx);
      }),
  };
}

/** Deletes what an import left behind that was staged before `before` (UTC epoch ms). */
export async function forgetImports(db: Database, before: number): Promise<void> {
  await deleteOver(db, 'import_addresses', (row) => row('staged_at', '<', before));
  await deleteOver(db, 'import_rows', (row) => row('staged_at', '<', before));
}
