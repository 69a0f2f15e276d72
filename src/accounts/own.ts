// The account directory over our own tables, for a site that has no other.
import { sql } from 'kysely';
import { accept, refuse } from '../base/outcome.ts';
import type { Clock } from '../base/clock.ts';
import { Problem } from '../base/problem.ts';
import { type Random, randomToken } from '../base/random.ts';
import type { Database, Transaction } from '../database/database.ts';
import { statement, type Value, type Values } from '../database/statement.ts';
import type { AccountsTable } from '../database/tables.ts';
import {
  type AccountDirectory,
  type AccountState,
  type DirectoryAddress,
  maxAddresses,
  maxNamed,
} from './directory.ts';
import { userIdKey } from './identifiers.ts';

export interface OwnDirectoryNeeds {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly site: string;
}

const rowsListed = 20;

const addressColumns = [
  'id',
  'account_id as accountId',
  'address',
  'address_key as key',
  'confirmed_at as confirmedAt',
  'notices_only_since as noticesOnlySince',
] as const;

/** `site`: the id, or the place where it is bound. */
const confirmedOf = (reader: Transaction, site: string | Value<string>) =>
  reader
    .selectFrom('addresses')
    .select(addressColumns)
    .$narrowType<{ confirmedAt: number }>()
    .where('site', '=', site)
    .where('confirmed_at', 'is not', null);

const recoverableBy = (column: 'addresses.address_key' | 'accounts.user_id_key') =>
  statement((reader, { site, key }: { site: Value<string>; key: Value<string> }) =>
    reader
      .selectFrom('accounts')
      .innerJoin('addresses', 'addresses.account_id', 'accounts.id')
      .select(['accounts.id', 'accounts.user_id', 'accounts.locale', 'accounts.state'])
      .select(['accounts.password_hash', 'accounts.provider'])
      .select(['addresses.id as address_id', 'addresses.address', 'addresses.address_key'])
      .select('addresses.confirmed_at')
      .$narrowType<{ confirmed_at: number }>()
      .where('accounts.site', '=', site)
      .where(column, '=', key)
      .where('addresses.site', '=', site)
      .where('addresses.confirmed_at', 'is not', null)
      .where('addresses.notices_only_since', 'is', null)
      .orderBy('accounts.created_at')
      .orderBy('accounts.id')
      .orderBy('addresses.confirmed_at')
      .orderBy('addresses.id'),
  );

const forRecovery = {
  email: recoverableBy('addresses.address_key'),
  'user-id': recoverableBy('accounts.user_id_key'),
};

const passwordOf = (reader: Transaction, site: Value<string>) =>
  reader
    .selectFrom('accounts')
    .select(['id', 'user_id', 'locale', 'password_hash', 'password_key_id'])
    .where('site', '=', site)
    .where('state', '=', 'active')
    .where('password_hash', 'is not', null)
    .where('password_suspended_at', 'is', null)
    .limit(2);

const forSignIn = {
  email: statement((reader, { site, key }: { site: Value<string>; key: Value<string> }) =>
    passwordOf(reader, site).where(
      'id',
      'in',
      confirmedOf(reader, site).clearSelect().select('account_id').where('address_key', '=', key),
    ),
  ),
  'user-id': statement((reader, { site, key }: { site: Value<string>; key: Value<string> }) =>
    passwordOf(reader, site).where('user_id_key', '=', key),
  ),
};

interface OfAccount {
  readonly site: Value<string>;
  readonly accountId: Value<string>;
}

const addressesOfAccount = statement((reader, { site, accountId }: OfAccount) =>
  confirmedOf(reader, site).where('account_id', '=', accountId).orderBy('confirmed_at').orderBy('id'),
);

const deleteNewcomers = statement((tx, { site, accountId, after }: OfAccount & { readonly after: Value<number> }) =>
  tx
    .deleteFrom('addresses')
    .where('site', '=', site)
    .where('account_id', '=', accountId)
    .where((address) => address.or([address('confirmed_at', 'is', null), address('confirmed_at', '>', after)]))
    .returning(addressColumns),
);

/** As an update would hold it, without a new version of the row for the next one to replace. */
const holdAccount = statement((tx, { site, accountId }: OfAccount) =>
  tx.selectFrom('accounts').select('id').where('site', '=', site).where('id', '=', accountId).forNoKeyUpdate(),
);

/** Leaves the password as it is: what counts is that the row is held until the session has begun. */
const holdPassword = statement((tx, { site, accountId, hash }: OfAccount & { readonly hash: Value<string> }) =>
  tx
    .updateTable('accounts')
    .set({ password_hash: hash })
    .where('site', '=', site)
    .where('id', '=', accountId)
    .where('state', '=', 'active')
    .where('password_hash', '=', hash)
    .where('password_suspended_at', 'is', null)
    .returning('id'),
);

const changeAccount = statement(
  (tx, { site, accountId, changes }: OfAccount & { readonly changes: Values<Partial<AccountsTable>> }) =>
    tx.updateTable('accounts').set(changes).where('site', '=', site).where('id', '=', accountId).returning('id'),
);

export function createOwnDirectory({ db, clock, random, site }: OwnDirectoryNeeds): AccountDirectory {
  const confirmedAddresses = (reader: Transaction) => confirmedOf(reader, site);

  /** False: it was not in that state. */
  async function turn(
    tx: Transaction,
    accountId: string,
    { from, to }: { readonly from: AccountState; readonly to: AccountState },
  ): Promise<boolean> {
    const turned = await tx
      .updateTable('accounts')
      .set({ state: to })
      .where('site', '=', site)
      .where('id', '=', accountId)
      .where('state', '=', from)
      .returning('id')
      .executeTakeFirst();
    return turned !== undefined;
  }

  return {
    async checkAtStart() {
      const rows = await db.read
        .selectFrom('accounts')
        .select(['id', 'user_id'])
        .where('site', '=', site)
        // In the words of its index, accounts_with_at: a value that is bound would be another condition.
        .where(sql<boolean>`(user_id LIKE '%@%' OR user_id_key LIKE '%@%')`)
        .orderBy('id')
        .limit(rowsListed + 1)
        .execute();
      if (rows.length === 0) return;
      const listed = rows.slice(0, rowsListed).map(({ id, user_id }) => `  ${id}  ${user_id}`);
      if (rows.length > rowsListed) listed.push('  and more');
      throw new Problem(
        'directory-unusable',
        `A user ID cannot hold an @. Rename these accounts:\n${listed.join('\n')}`,
      );
    },

    async findForRecovery({ kind, key }) {
      const rows = await forRecovery[kind].execute(db.read, { site, key });
      const firstOfEach = rows
        .filter(({ id }, at) => rows[at - 1]?.id !== id)
        .map(({ id, user_id: userId, locale, state, password_hash, provider, ...at }) => ({
          id,
          userId,
          locale,
          isActive: readState(state) === 'active',
          provider: password_hash === null ? provider : null,
          address: {
            id: at.address_id,
            accountId: id,
            address: at.address,
            key: at.address_key,
            confirmedAt: at.confirmed_at,
            noticesOnlySince: null,
          },
        }));
      const [recoverable = [], rest = []] = [true, false].map((wanted) =>
        firstOfEach.filter(({ isActive, provider }) => (isActive && provider === null) === wanted),
      );
      return {
        isKnown: rows.length > 0,
        accounts: recoverable.map(({ id, userId, locale, address }) => ({ id, userId, locale, address })),
        others: rest.map(({ userId, address, isActive, provider }) => ({
          userId,
          address,
          provider: isActive ? provider : null,
        })),
      };
    },

    findNamed: ({ kind, key }) =>
      db.read
        .selectFrom('accounts')
        .select(['id', 'user_id as userId'])
        .where((where) =>
          kind === 'user-id'
            ? where.and([where('site', '=', site), where('user_id_key', '=', key)])
            : // By these ids alone: beside the site, SQLite would look through all accounts of the site.
              where(
                'id',
                'in',
                confirmedAddresses(db.read).clearSelect().select('account_id').where('address_key', '=', key),
              ),
        )
        .orderBy('created_at')
        .orderBy('id')
        .limit(maxNamed + 1)
        .execute(),

    async findForSignIn({ kind, key }) {
      const rows = await forSignIn[kind].execute(db.read, { site, key });
      const [row] = rows;
      if (rows.length !== 1 || !row || row.password_hash === null || row.password_key_id === null) return undefined;
      return {
        id: row.id,
        userId: row.user_id,
        locale: row.locale,
        password: { hash: row.password_hash, keyId: row.password_key_id },
      };
    },

    async find(accountId) {
      const row = await db.read
        .selectFrom('accounts')
        .select(['id', 'user_id as userId', 'state', 'locale', 'provider', 'created_at as createdAt'])
        .select(['password_hash', 'password_changed_at', 'password_change_id', 'reset_at as resetAt'])
        .where('site', '=', site)
        .where('id', '=', accountId)
        .executeTakeFirst();
      if (!row) return undefined;
      const { password_hash, password_changed_at, password_change_id, ...account } = row;
      return {
        ...account,
        state: readState(account.state),
        hasPassword: password_hash !== null,
        passwordChangedAt: password_change_id === null ? null : password_changed_at,
      };
    },

    findAddress: (addressId): Promise<DirectoryAddress | undefined> =>
      confirmedAddresses(db.read).where('id', '=', addressId).executeTakeFirst(),

    async isSetAside(key) {
      const found = await confirmedAddresses(db.read).where('address_key', '=', key).execute();
      return found.length > 0 && found.every(({ noticesOnlySince }) => noticesOnlySince !== null);
    },

    addressesOf: (accountId) => addressesOfAccount.execute(db.read, { site, accountId }),

    async create(tx, { userId, locale, password, addresses, state = 'active', provider = null }) {
      if (userId.includes('@')) throw new Error('a user ID cannot hold an @');
      const now = clock.now();
      const made = await tx
        .insertInto('accounts')
        .values({
          id: randomToken(random),
          site,
          user_id: userId,
          user_id_key: userIdKey(userId),
          state,
          locale,
          provider,
          password_hash: password?.hash ?? null,
          password_key_id: password?.keyId ?? null,
          password_changed_at: password && now,
          password_change_id: null,
          created_at: now,
          reset_at: null,
          password_suspended_at: null,
        })
        // The unique index decides. An error instead of nothing would end the caller's whole transaction on PostgreSQL.
        .onConflict((conflict) => conflict.columns(['site', 'user_id_key']).doNothing())
        .returning('id')
        .executeTakeFirst();
      if (!made) return refuse('user-id-taken');
      // Sorted: those confirmed in one moment are told apart by their ids, and the first stays the first.
      const ids = addresses.map(() => randomToken(random)).toSorted();
      for (const [at, { address, key, isConfirmed }] of addresses.entries()) {
        await tx
          .insertInto('addresses')
          .values({
            id: ids[at] ?? '',
            site,
            account_id: made.id,
            address,
            address_key: key,
            confirmed_at: isConfirmed ? now : null,
            created_at: now,
          })
          .execute();
      }
      return accept({ accountId: made.id });
    },

    async hold(tx, accountId) {
      // SQLite has one writer: it holds everything already.
      if (db.engine === 'postgres') await holdAccount.send(tx, { site, accountId });
    },

    async close(tx, accountId) {
      await turn(tx, accountId, { from: 'active', to: 'closed' });
    },

    reopen: (tx, accountId) => turn(tx, accountId, { from: 'closed', to: 'active' }),

    async setPassword(tx, { accountId, hash, keyId, changeId, by }) {
      const now = clock.now();
      const changes = {
        password_hash: hash,
        password_key_id: keyId,
        password_changed_at: now,
        password_change_id: changeId,
        password_suspended_at: null,
        ...(by === 'reset' && { reset_at: now }),
      };
      if (!(await changeAccount.executeTakeFirst(tx, { site, accountId, changes }))) throw new Error('no such account');
    },

    async suspendPassword(tx, { accountId, ...which }) {
      const ofAccount = tx
        .updateTable('accounts')
        .set((current) => ({
          password_suspended_at: current.fn.coalesce('password_suspended_at', current.val(clock.now())),
        }))
        .where('site', '=', site)
        .where('id', '=', accountId);
      const suspended =
        'changeId' in which
          ? ofAccount.where('password_change_id', '=', which.changeId)
          : ofAccount.where('password_changed_at', '>=', which.setSince);
      return (await suspended.returning('id').executeTakeFirst()) !== undefined;
    },

    async renewHash(tx, { accountId, from, to }) {
      await tx
        .updateTable('accounts')
        .set({ password_hash: to.hash, password_key_id: to.keyId })
        .where('site', '=', site)
        .where('id', '=', accountId)
        .where('password_hash', '=', from.hash)
        .execute();
    },

    async acceptPassword(tx, { accountId, password }) {
      return (await holdPassword.executeTakeFirst(tx, { site, accountId, hash: password.hash })) !== undefined;
    },

    async addAddress(tx, { accountId, address, key }) {
      const confirmed = await confirmedAddresses(tx).where('account_id', '=', accountId).execute();
      const counting = confirmed.filter(({ noticesOnlySince }) => noticesOnlySince === null);
      if (counting.some((each) => each.key === key)) return refuse('address-own');
      if (counting.length >= maxAddresses) return refuse('addresses-full');
      const aside = confirmed.find((each) => each.key === key);
      if (aside) {
        const again = { notices_only_since: null };
        await tx.updateTable('addresses').set(again).where('site', '=', site).where('id', '=', aside.id).execute();
        return accept({ addressId: aside.id });
      }
      // What was claimed and never confirmed, when the account was brought in, is confirmed now.
      await tx
        .deleteFrom('addresses')
        .where('site', '=', site)
        .where('account_id', '=', accountId)
        .where('address_key', '=', key)
        .execute();
      const id = randomToken(random);
      const now = clock.now();
      await tx
        .insertInto('addresses')
        .values({ id, site, account_id: accountId, address, address_key: key, confirmed_at: now, created_at: now })
        .execute();
      return accept({ addressId: id });
    },

    async removeAddress(tx, { accountId, addressId }) {
      const confirmed = await confirmedAddresses(tx).where('account_id', '=', accountId).execute();
      const address = confirmed.find(({ id }) => id === addressId);
      if (!address) return refuse('address-gone');
      const others = confirmed.filter(({ id, noticesOnlySince }) => id !== addressId && noticesOnlySince === null);
      if (others.length === 0) return refuse('address-last');
      await tx.deleteFrom('addresses').where('site', '=', site).where('id', '=', addressId).execute();
      return accept({ address });
    },

    async setAside(tx, { accountId, now }) {
      await tx
        .updateTable('addresses')
        .set({ notices_only_since: now })
        .where('site', '=', site)
        .where('account_id', '=', accountId)
        .where('confirmed_at', 'is not', null)
        .where('notices_only_since', 'is', null)
        .execute();
    },

    async reinstate(tx, { accountId, since }) {
      await tx
        .updateTable('addresses')
        .set({ notices_only_since: null })
        .where('site', '=', site)
        .where('account_id', '=', accountId)
        .where('notices_only_since', '>=', since)
        .execute();
    },

    async dropNewcomers(tx, { accountId, after }) {
      const dropped = await deleteNewcomers.execute(tx, { site, accountId, after });
      return dropped.flatMap(({ confirmedAt, ...address }) =>
        confirmedAt === null ? [] : { ...address, confirmedAt },
      );
    },
  };
}

/** Whatever is not known to be active is not. */
const readState = (state: string): AccountState => (state === 'active' || state === 'closed' ? state : 'disabled');
