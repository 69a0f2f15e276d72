// What every adapter of the port `AccountDirectory` promises (src/accounts/directory.ts), here of our own tables.
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AccountDirectory, maxNamed, type NewAccount } from '../../src/accounts/directory.ts';
import { addressKey, readIdentifier } from '../../src/accounts/identifiers.ts';
import { createOwnDirectory } from '../../src/accounts/own.ts';
import { systemRandom } from '../../src/base/random.ts';
import { createKeys } from '../../src/base/secret.ts';
import { createSessions } from '../../src/sessions/sessions.ts';
import type { TestDatabase } from '../../src/testing/databases.ts';
import { atOnce, engines, few } from '../engines.ts';

const old = { hash: 'old-hash', keyId: 'k1' };
const fresh = { hash: 'new-hash', keyId: 'k2' };

const confirmed = (address: string) => ({ address, key: addressKey(address) ?? '', isConfirmed: true });
const claimed = (address: string) => ({ ...confirmed(address), isConfirmed: false });

describe.each(engines)('the account directory on $engine', ({ createDatabase }) => {
  let test: TestDatabase;
  let directory: AccountDirectory;
  let now: number;
  // A site of its own for every test: quicker than a database.
  let site = 'site-0';
  let sites = 0;

  const clock = { now: () => now };
  const openDirectory = () => createOwnDirectory({ db: test.db, clock, random: systemRandom, site });

  beforeAll(async () => {
    test = await createDatabase(few);
  });
  beforeEach(() => {
    now = 1_000;
    site = `site-${++sites}`;
    directory = openDirectory();
  });
  afterAll(() => test.remove());

  const create = (userId: string, rest: Partial<NewAccount> = {}, into = directory) =>
    test.db.write((tx) =>
      into.create(tx, {
        userId,
        locale: 'es',
        password: old,
        addresses: [confirmed(`${userId}@shop.example`)],
        ...rest,
      }),
    );
  const make = async (userId: string, rest: Partial<NewAccount> = {}, into = directory) => {
    const made = await create(userId, rest, into);
    if (!made.ok) throw new Error(made.reason);
    now += 1;
    return made.accountId;
  };
  const identifier = (typed: string) => {
    const read = readIdentifier(typed);
    if (!read.ok) throw new Error(read.reason);
    return read;
  };
  const recoverable = async (typed: string, from = directory) =>
    (await from.findForRecovery(identifier(typed))).accounts.map(
      ({ userId, address }) => `${userId} ${address.address}`,
    );
  const signsIn = async (typed: string, from = directory) => (await from.findForSignIn(identifier(typed)))?.userId;

  it('finds every account of a name, whatever can recover it', async () => {
    const shared = confirmed('shared@shop.example');
    await make('mailless', { addresses: [claimed('mailless@shop.example')] });
    await make('closed', { state: 'disabled', addresses: [shared] });
    await make('provided', { password: null, provider: 'Elsewhere', addresses: [shared] });
    const named = async (typed: string) => (await directory.findNamed(identifier(typed))).map(({ userId }) => userId);
    expect(await named('MAILLESS')).toEqual(['mailless']);
    expect(await named('mailless@shop.example')).toEqual([]);
    expect(await named('shared@shop.example')).toEqual(['closed', 'provided']);
    expect(await named('nobody')).toEqual([]);
    const family = { addresses: [confirmed('family@shop.example')] };
    for (let at = 0; at <= maxNamed + 1; at += 1) await make(`member${at}`, family);
    // One beyond, which says that there are more.
    const first = Array.from({ length: maxNamed + 1 }, (_, at) => `member${at}`);
    expect(await named('family@shop.example')).toEqual(first);
  });

  describe('for a recovery', () => {
    it('finds an account by user ID and by email, in any case of A-Z', async () => {
      const id = await make('Lucia', { addresses: [confirmed('Lucia@Shop.example')] });
      for (const typed of ['lucia', 'LUCIA', 'lucia@shop.example', 'LUCIA@SHOP.EXAMPLE']) {
        const { accounts } = await directory.findForRecovery(identifier(typed));
        expect(accounts).toEqual([
          {
            id,
            userId: 'Lucia',
            locale: 'es',
            address: {
              id: expect.any(String),
              accountId: id,
              address: 'Lucia@Shop.example',
              key: 'lucia@shop.example',
              confirmedAt: expect.any(Number),
              noticesOnlySince: null,
            },
          },
        ]);
      }
    });

    it('finds by user ID that account alone, with the address that was confirmed first', async () => {
      await make('lucia', { addresses: [claimed('a@shop.example'), confirmed('b@shop.example')] });
      await make('mark', { addresses: [confirmed('b@shop.example')] });
      expect(await recoverable('lucia')).toEqual(['lucia b@shop.example']);
    });

    it('finds by user ID the first of several that were confirmed in one moment', async () => {
      const addresses = ['d', 'b', 'c', 'a'].map((name) => confirmed(`${name}@shop.example`));
      for (let times = 0; times < 8; times += 1) {
        const id = await make(`lucia${times}`, { addresses });
        expect(await recoverable(`lucia${times}`)).toEqual([`lucia${times} d@shop.example`]);
        expect(await directory.addressesOf(id)).toMatchObject(addresses.map(({ address }) => ({ address })));
      }
    });

    it('finds by email all accounts that confirmed it, the oldest first, each once, with that address', async () => {
      await make('zoe', { addresses: [confirmed('other@shop.example'), confirmed('family@shop.example')] });
      await make('adam', { addresses: [confirmed('family@shop.example'), confirmed('family@shop.example')] });
      await make('eve', { addresses: [claimed('family@shop.example')] });
      expect(await recoverable('family@shop.example')).toEqual(['zoe family@shop.example', 'adam family@shop.example']);
    });

    it('finds nothing for an unknown, disabled or unconfirmed account, nor for one that only a provider opens', async () => {
      await make('disabled', { state: 'disabled' });
      await make('unconfirmed', { addresses: [claimed('unconfirmed@shop.example')] });
      await make('provided', { password: null, provider: 'Example' });
      await make('bare', { addresses: [] });
      for (const userId of ['unknown', 'disabled', 'unconfirmed', 'provided', 'bare']) {
        expect(await recoverable(userId)).toEqual([]);
        expect(await recoverable(`${userId}@shop.example`)).toEqual([]);
      }
    });

    it('finds an account that was brought in without a password, and one that has both a password and a provider', async () => {
      await make('imported', { password: null });
      await make('both', { provider: 'Example' });
      expect(await recoverable('imported@shop.example')).toEqual(['imported imported@shop.example']);
      expect(await recoverable('both')).toEqual(['both both@shop.example']);
    });

    it('names beside them the others on the address: who signs them in, or that they are disabled', async () => {
      const address = 'family@shop.example';
      const addresses = [confirmed(address)];
      await make('zoe', {
        addresses: [claimed('zoe@shop.example'), ...addresses],
        password: null,
        provider: 'Example',
      });
      await make('adam', { addresses });
      await make('eve', { addresses, state: 'disabled', provider: 'Example', password: null });
      await make('mallory', { addresses: [claimed(address)], password: null, provider: 'Example' });
      const { accounts, others } = await directory.findForRecovery(identifier(address));
      expect(accounts.map(({ userId }) => userId)).toEqual(['adam']);
      expect(others.map(({ userId, provider, address: to }) => [userId, provider, to.address])).toEqual([
        ['zoe', 'Example', address],
        ['eve', null, address],
      ]);
      expect(await directory.findForRecovery(identifier('zoe'))).toMatchObject({
        accounts: [],
        others: [{ userId: 'zoe', provider: 'Example' }],
      });
    });

    it('knows an address that any account has confirmed, in whatever state', async () => {
      await make('disabled', { state: 'disabled' });
      await make('provided', { password: null, provider: 'Example' });
      await make('unconfirmed', { addresses: [claimed('unconfirmed@shop.example')] });
      const isKnown = async (typed: string) => (await directory.findForRecovery(identifier(typed))).isKnown;
      for (const userId of ['disabled', 'provided']) expect(await isKnown(`${userId}@shop.example`)).toBe(true);
      for (const userId of ['unknown', 'unconfirmed']) expect(await isKnown(`${userId}@shop.example`)).toBe(false);
    });

    it('takes a look-alike for another', async () => {
      await make('mike');
      for (const typed of ['mıke', 'm\u0131ke@shop.example', 'mi\u212ae', 'ｍike', 'mi%e', 'm_ke', 'mike%']) {
        const read = readIdentifier(typed);
        if (read.ok) expect((await directory.findForRecovery(read)).accounts).toEqual([]);
      }
    });
  });

  describe('for a sign-in', () => {
    it('finds the account with its password', async () => {
      const id = await make('lucia');
      const account = { id, userId: 'lucia', locale: 'es', password: old };
      expect(await directory.findForSignIn(identifier('LUCIA'))).toEqual(account);
      expect(await directory.findForSignIn(identifier('Lucia@shop.example'))).toEqual(account);
    });

    it('finds none for a shared address, and each by its user ID', async () => {
      await make('zoe', { addresses: [confirmed('family@shop.example')] });
      expect(await signsIn('family@shop.example')).toBe('zoe');
      await make('adam', { addresses: [confirmed('family@shop.example')] });
      expect(await signsIn('family@shop.example')).toBeUndefined();
      expect([await signsIn('zoe'), await signsIn('adam')]).toEqual(['zoe', 'adam']);
    });

    it('is not disturbed by who merely claims the address, or has it twice', async () => {
      await make('zoe', { addresses: [confirmed('zoe@shop.example'), confirmed('zoe@shop.example')] });
      await make('eve', { addresses: [claimed('zoe@shop.example')] });
      await make('gone', { addresses: [confirmed('zoe@shop.example')], state: 'disabled' });
      expect(await signsIn('zoe@shop.example')).toBe('zoe');
    });

    it('finds nothing for an unknown, disabled or password-less account, nor by an unconfirmed address', async () => {
      await make('disabled', { state: 'disabled' });
      await make('provided', { password: null, provider: 'Example' });
      await make('unconfirmed', { addresses: [claimed('unconfirmed@shop.example')] });
      for (const typed of ['unknown', 'disabled', 'disabled@shop.example', 'provided', 'unconfirmed@shop.example']) {
        expect(await signsIn(typed)).toBeUndefined();
      }
    });
  });

  describe('a new account', () => {
    it('is refused where the user ID is taken, in whatever case, and leaves no address behind', async () => {
      await make('lucia');
      const refused = { ok: false, reason: 'user-id-taken' };
      expect(await create('LUCIA', { addresses: [confirmed('eve@shop.example')] })).toEqual(refused);
      expect(await recoverable('eve@shop.example')).toEqual([]);
    });

    it('may be refused while the rest of its transaction goes on', async () => {
      const lucia = await make('lucia');
      await test.db.write(async (tx) => {
        await directory.create(tx, { userId: 'lucia', locale: 'en', password: old, addresses: [] });
        await directory.setPassword(tx, { accountId: lucia, ...fresh, changeId: 'c2', by: 'owner' });
      });
      expect((await directory.findForSignIn(identifier('lucia')))?.password).toEqual(fresh);
    });

    it('is made once of 16 at once with one user ID', async () => {
      const made = await atOnce(16, (index) => create(index % 2 === 0 ? 'Lucia' : 'lucia'));
      expect(made.filter(({ ok }) => ok).length).toBe(1);
      expect(await recoverable('lucia@shop.example')).toHaveLength(1);
    });

    it('never has a user ID with an @', async () => {
      await expect(create('lucia@shop.example')).rejects.toThrow('@');
    });

    it('may have an address that others have', async () => {
      await make('zoe', { addresses: [confirmed('family@shop.example')] });
      expect(await create('adam', { addresses: [confirmed('family@shop.example')] })).toMatchObject({ ok: true });
    });
  });

  it('finds accounts and confirmed addresses by id', async () => {
    const id = await make('lucia', {
      state: 'disabled',
      addresses: [confirmed('b@shop.example'), claimed('c@shop.example')],
    });
    expect(await directory.find(id)).toEqual({
      id,
      userId: 'lucia',
      state: 'disabled',
      locale: 'es',
      provider: null,
      createdAt: 1_000,
      hasPassword: true,
      passwordChangedAt: null,
      resetAt: null,
    });
    expect(await directory.find('unknown')).toBeUndefined();
    const addresses = await directory.addressesOf(id);
    expect(addresses.map(({ address }) => address)).toEqual(['b@shop.example']);
    for (const address of addresses) expect(await directory.findAddress(address.id)).toEqual(address);
    expect(await directory.findAddress('unknown')).toBeUndefined();
    expect(await directory.addressesOf('unknown')).toEqual([]);
  });

  it('never sends mail to an address that was only claimed', async () => {
    const id = await make('lucia', { addresses: [claimed('c@shop.example')] });
    const row = await test.db.read
      .selectFrom('addresses')
      .select('id')
      .where('site', '=', site)
      .executeTakeFirstOrThrow();
    expect(await directory.findAddress(row.id)).toBeUndefined();
    expect(await directory.addressesOf(id)).toEqual([]);
  });

  it('drops the unconfirmed addresses of one account', async () => {
    const lucia = await make('lucia', { addresses: [confirmed('b@shop.example'), claimed('c@shop.example')] });
    await make('mark', { addresses: [claimed('d@shop.example')] });
    await test.db.write((tx) => directory.dropNewcomers(tx, { accountId: lucia, after: Number.MAX_SAFE_INTEGER }));
    const rows = await test.db.read
      .selectFrom('addresses')
      .select('address')
      .where('site', '=', site)
      .orderBy('address')
      .execute();
    expect(rows.map(({ address }) => address)).toEqual(['b@shop.example', 'd@shop.example']);
  });

  it('drops the addresses of one account that were confirmed after a moment or not at all, and returns the former', async () => {
    const lucia = await make('lucia');
    const mark = await make('mark');
    const add = (id: string, accountId: string, confirmed_at: number | null) =>
      test.db.write((tx) =>
        tx
          .insertInto('addresses')
          .values({
            id: `${site}-${id}`,
            site,
            account_id: accountId,
            address: `${id}@shop.example`,
            address_key: `${id}@shop.example`,
            confirmed_at,
            created_at: 1,
          })
          .execute(),
      );
    await add('before', lucia, 5_000);
    await add('after', lucia, 5_001);
    await add('pending', lucia, null);
    await add('theirs', mark, 5_001);
    const dropped = await test.db.write((tx) => directory.dropNewcomers(tx, { accountId: lucia, after: 5_000 }));
    expect(dropped.map(({ address, confirmedAt }) => [address, confirmedAt])).toEqual([['after@shop.example', 5_001]]);
    const rows = await test.db.read
      .selectFrom('addresses')
      .select('address')
      .where('site', '=', site)
      .orderBy('address')
      .execute();
    expect(rows.map(({ address }) => address.split('@')[0])).toEqual(['before', 'lucia', 'mark', 'theirs']);
  });

  describe('the addresses of an account', () => {
    const add = (accountId: string, address: string) =>
      test.db.write(async (tx) => {
        await directory.hold(tx, accountId);
        return directory.addAddress(tx, { accountId, address, key: addressKey(address) ?? '' });
      });
    const remove = (accountId: string, addressId: string) =>
      test.db.write(async (tx) => {
        await directory.hold(tx, accountId);
        return directory.removeAddress(tx, { accountId, addressId });
      });
    const listOf = async (id: string) => (await directory.addressesOf(id)).map(({ address }) => address);

    it('are added confirmed, after those that were there, and three at most', async () => {
      const id = await make('lucia', { addresses: [confirmed('a@shop.example'), claimed('b@shop.example')] });
      expect(await add(id, 'A@shop.example')).toEqual({ ok: false, reason: 'address-own' });
      for (const address of ['B@shop.example', 'c@shop.example']) {
        expect(await add(id, address)).toMatchObject({ ok: true });
        now += 1;
      }
      expect(await add(id, 'd@shop.example')).toEqual({ ok: false, reason: 'addresses-full' });
      expect(await listOf(id)).toEqual(['a@shop.example', 'B@shop.example', 'c@shop.example']);
      await test.db.write((tx) => directory.dropNewcomers(tx, { accountId: id, after: now }));
      expect(await listOf(id)).toHaveLength(3);
    });

    it('are as many as allowed of 16 added at once, and one of 16 that are the same', async () => {
      const lucia = await make('lucia');
      const many = await atOnce(16, (index) => add(lucia, `${index}@shop.example`));
      expect(many.filter(({ ok }) => ok)).toHaveLength(2);
      const mark = await make('mark');
      const same = await atOnce(16, () => add(mark, 'same@shop.example'));
      expect(same.filter(({ ok }) => ok)).toHaveLength(1);
    });

    it('are removed but for the last, of 16 at once too', async () => {
      const id = await make('lucia', {
        addresses: [confirmed('a@shop.example'), confirmed('b@shop.example'), confirmed('c@shop.example')],
      });
      const all = await directory.addressesOf(id);
      const removed = await atOnce(16, (index) => remove(id, all[index % 3]?.id ?? ''));
      expect(removed.filter(({ ok }) => ok)).toHaveLength(2);
      const [left] = await directory.addressesOf(id);
      expect(await remove(id, left?.id ?? '')).toEqual({ ok: false, reason: 'address-last' });
      expect(removed.flatMap((each) => (each.ok ? [] : [each.reason]))).toEqual(
        expect.arrayContaining(['address-gone']),
      );
    });

    it('of another account, or only claimed, are not there to be removed', async () => {
      const lucia = await make('lucia', { addresses: [confirmed('a@shop.example'), confirmed('b@shop.example')] });
      const mark = await make('mark');
      const [own] = await directory.addressesOf(mark);
      expect(await remove(lucia, own?.id ?? '')).toEqual({ ok: false, reason: 'address-gone' });
      expect(await listOf(mark)).toHaveLength(1);
    });
  });

  describe('a password', () => {
    it('that is set replaces the old one and names its change', async () => {
      const id = await make('lucia');
      now = 5_000;
      await test.db.write((tx) => directory.setPassword(tx, { accountId: id, ...fresh, changeId: 'c1', by: 'reset' }));
      expect(await directory.findForSignIn(identifier('lucia'))).toMatchObject({ password: fresh });
      const row = await test.db.read
        .selectFrom('accounts')
        .selectAll()
        .where('site', '=', site)
        .executeTakeFirstOrThrow();
      expect(row).toMatchObject({ password_changed_at: 5_000, password_change_id: 'c1' });
    });

    it('that a recovery set is remembered with its time, which a later change by the owner leaves as it is', async () => {
      const id = await make('lucia');
      now = 5_000;
      await test.db.write((tx) => directory.setPassword(tx, { accountId: id, ...fresh, changeId: 'c1', by: 'reset' }));
      expect((await directory.find(id))?.resetAt).toBe(5_000);
      now = 6_000;
      await test.db.write((tx) => directory.setPassword(tx, { accountId: id, ...old, changeId: 'c2', by: 'owner' }));
      expect((await directory.find(id))?.resetAt).toBe(5_000);
    });

    it('is told apart from none at all, and its changes from the one that came with the account', async () => {
      const provided = await make('provided', { password: null, provider: 'Example' });
      expect(await directory.find(provided)).toMatchObject({ hasPassword: false, provider: 'Example' });
      const id = await make('lucia');
      expect(await directory.find(id)).toMatchObject({ hasPassword: true, passwordChangedAt: null });
      now = 6_000;
      await test.db.write((tx) => directory.setPassword(tx, { accountId: id, ...old, changeId: 'c2', by: 'owner' }));
      expect((await directory.find(id))?.passwordChangedAt).toBe(6_000);
    });

    it('that was suspended signs nobody in, can be recovered, and is lifted by the next one', async () => {
      const id = await make('lucia');
      await test.db.write((tx) => directory.setPassword(tx, { accountId: id, ...fresh, changeId: 'c1', by: 'reset' }));
      const suspend = (changeId: string) =>
        test.db.write((tx) => directory.suspendPassword(tx, { accountId: id, changeId }));
      expect([await suspend('c1'), await suspend('c1')]).toEqual([true, true]);
      expect(await signsIn('lucia')).toBeUndefined();
      expect(await signsIn('lucia@shop.example')).toBeUndefined();
      const accept = () => test.db.write((tx) => directory.acceptPassword(tx, { accountId: id, password: fresh }));
      expect(await accept()).toBe(false);
      expect(await recoverable('lucia')).toEqual(['lucia lucia@shop.example']);
      expect((await directory.find(id))?.hasPassword).toBe(true);
      await test.db.write((tx) => directory.setPassword(tx, { accountId: id, ...old, changeId: 'c2', by: 'reset' }));
      expect(await signsIn('lucia')).toBe('lucia');
    });

    it('is never suspended for a change that did not set it', async () => {
      const id = await make('lucia');
      const suspend = (changeId: string) =>
        test.db.write((tx) => directory.suspendPassword(tx, { accountId: id, changeId }));
      expect(await suspend('c1')).toBe(false);
      await test.db.write((tx) => directory.setPassword(tx, { accountId: id, ...fresh, changeId: 'c2', by: 'owner' }));
      expect(await suspend('c1')).toBe(false);
      expect(await signsIn('lucia')).toBe('lucia');
    });

    it('is suspended whatever change set it, where it was set since a moment', async () => {
      const id = await make('lucia');
      now = 6_000;
      await test.db.write((tx) => directory.setPassword(tx, { accountId: id, ...fresh, changeId: 'c2', by: 'owner' }));
      const suspend = (setSince: number) =>
        test.db.write((tx) => directory.suspendPassword(tx, { accountId: id, setSince }));
      expect([await suspend(6_001), await suspend(6_000)]).toEqual([false, true]);
      expect(await signsIn('lucia')).toBeUndefined();
    });

    it('cannot be set for an account that is not there', async () => {
      const set = test.db.write((tx) =>
        directory.setPassword(tx, { accountId: 'unknown', ...fresh, changeId: 'c2', by: 'owner' }),
      );
      await expect(set).rejects.toThrow();
    });

    it('that was right is accepted and stays as it is', async () => {
      const id = await make('lucia');
      expect(await test.db.write((tx) => directory.acceptPassword(tx, { accountId: id, password: old }))).toBe(true);
      expect((await directory.findForSignIn(identifier('lucia')))?.password).toEqual(old);
    });

    it('that was changed or whose account was disabled meanwhile is not accepted', async () => {
      const id = await make('lucia');
      await test.db.write((tx) => directory.setPassword(tx, { accountId: id, ...fresh, changeId: 'c2', by: 'owner' }));
      const accept = () => test.db.write((tx) => directory.acceptPassword(tx, { accountId: id, password: old }));
      expect(await accept()).toBe(false);
      await test.db.write((tx) =>
        sql`UPDATE accounts SET state = 'disabled', password_hash = ${old.hash} WHERE site = ${site}`.execute(tx),
      );
      expect(await accept()).toBe(false);
    });

    it('changed while 16 sign in with the old one leaves no session of it alive', async () => {
      const keys = createKeys([{ id: 'k1', secret: Buffer.alloc(32, 1) }]);
      const sessions = createSessions({
        db: test.db,
        keys,
        clock,
        random: systemRandom,
        site,
        sessionDays: 30,
      });
      const id = await make('lucia');
      const tokens = await atOnce(17, (index) =>
        test.db.write(async (tx) => {
          if (index === 8) {
            await directory.setPassword(tx, { accountId: id, ...fresh, changeId: 'c1', by: 'reset' });
            await sessions.endAll(tx, id);
            return undefined;
          }
          const isAccepted = await directory.acceptPassword(tx, { accountId: id, password: old });
          return isAccepted ? (await sessions.begin(tx, { accountId: id, deviceId: null })).token : undefined;
        }),
      );
      for (const token of tokens) if (token) expect(await sessions.find(token)).toBeUndefined();
    });

    it('is hashed again only where it is still the same', async () => {
      const id = await make('lucia');
      const renew = () => test.db.write((tx) => directory.renewHash(tx, { accountId: id, from: old, to: fresh }));
      await renew();
      expect((await directory.findForSignIn(identifier('lucia')))?.password).toEqual(fresh);
      const chosen = { hash: 'chosen', keyId: 'k1' };
      await test.db.write((tx) => directory.setPassword(tx, { accountId: id, ...chosen, changeId: 'c2', by: 'owner' }));
      await renew();
      expect((await directory.findForSignIn(identifier('lucia')))?.password).toEqual(chosen);
    });
  });

  describe('at start', () => {
    it('is content with user IDs without an @', async () => {
      await make('lucia');
      await expect(directory.checkAtStart()).resolves.toBeUndefined();
    });

    it('refuses user IDs with an @ and lists the rows', async () => {
      const ids = [await make('lucia'), await make('mark'), await make('zoe')];
      await test.db.write(async (tx) => {
        await sql`UPDATE accounts SET user_id = 'lucia@shop.example' WHERE id = ${ids[0]}`.execute(tx);
        await sql`UPDATE accounts SET user_id_key = 'mark@shop.example' WHERE id = ${ids[1]}`.execute(tx);
      });
      const refused = directory.checkAtStart();
      await expect(refused).rejects.toMatchObject({ problem: 'directory-unusable' });
      await expect(refused).rejects.toThrow(`${ids[0]}  lucia@shop.example`);
      await expect(refused).rejects.toThrow(`${ids[1]}  mark`);
      await expect(refused).rejects.not.toThrow(`${ids[2]}`);
    });
  });

  it('of one site never meets the accounts of another', async () => {
    const id = await make('lucia');
    site = 'other';
    const other = openDirectory();
    await make('lucia', {}, other);
    expect(await recoverable('lucia@shop.example')).toHaveLength(1);
    expect(await signsIn('lucia@shop.example', other)).toBe('lucia');
    expect(await other.find(id)).toBeUndefined();
    expect(await other.addressesOf(id)).toEqual([]);
    expect(await test.db.write((tx) => other.acceptPassword(tx, { accountId: id, password: old }))).toBe(false);
  });
});
