// What a session promises on both engines: opaque, ended by the server, and never alive under two truths.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createOwnDirectory } from '../../src/accounts/own.ts';
import { dayMs, hourMs } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { createKeys } from '../../src/base/secret.ts';
import { createDevices } from '../../src/sessions/devices.ts';
import { createSessions, type EndedSessions, type Sessions } from '../../src/sessions/sessions.ts';
import type { TestDatabase } from '../../src/testing/databases.ts';
import { atOnce, engines, few } from '../engines.ts';

const first = { id: 'k1', secret: Buffer.alloc(32, 1) };
const second = { id: 'k2', secret: Buffer.alloc(32, 2) };

describe.each(engines)('a session on $engine', ({ createDatabase }) => {
  let test: TestDatabase;
  let sessions: Sessions;
  let now: number;
  // A site of its own for every test: quicker than a database.
  let site = 'site-0';
  let sites = 0;
  let lucia: string;
  let mark: string;

  const clock = { now: () => now };
  const open = (keys = [first]) =>
    createSessions({ db: test.db, keys: createKeys(keys), clock, random: systemRandom, site, sessionDays: 30 });
  const begin = (accountId = lucia) => test.db.write((tx) => sessions.begin(tx, { accountId, deviceId: null }));
  const end = (token: string) => test.db.write((tx) => sessions.end(tx, token));

  beforeAll(async () => {
    test = await createDatabase(few);
  });
  beforeEach(async () => {
    now = 1_000;
    site = `site-${++sites}`;
    sessions = open();
    const directory = createOwnDirectory({ db: test.db, clock, random: systemRandom, site });
    const make = async (userId: string) => {
      const made = await test.db.write((tx) =>
        directory.create(tx, { userId, locale: 'en', password: null, addresses: [] }),
      );
      if (!made.ok) throw new Error(made.reason);
      return made.accountId;
    };
    lucia = await make('lucia');
    mark = await make('mark');
  });
  afterAll(() => test.remove());

  it('is found by its token of 128 bits, which is stored only as a keyed hash', async () => {
    const { id, token } = await begin();
    expect(Buffer.from(token, 'base64url')).toHaveLength(16);
    expect(await sessions.find(token)).toEqual({ id, accountId: lucia, createdAt: 1_000 });
    const rows = JSON.stringify(
      await test.db.read.selectFrom('sessions').selectAll().where('site', '=', site).execute(),
    );
    expect(rows).not.toContain(token);
    expect(rows).toContain('"k1.');
  });

  it('is new at every sign-in', async () => {
    const [one, two] = [await begin(), await begin()];
    expect(one.token).not.toBe(two.token);
    expect(one.id).not.toBe(two.id);
  });

  it.each(['', 'x', 'k1.', "' OR 1=1", 'A'.repeat(22)])('is not found by %j', async (token) => {
    await begin();
    expect(await sessions.find(token)).toBeUndefined();
  });

  it('is not found by its id or its hash', async () => {
    const { id } = await begin();
    const { token_hash } = await test.db.read
      .selectFrom('sessions')
      .select('token_hash')
      .where('site', '=', site)
      .executeTakeFirstOrThrow();
    expect(await sessions.find(id)).toBeUndefined();
    expect(await sessions.find(token_hash)).toBeUndefined();
  });

  it('lives to its last millisecond, by the clock of the server', async () => {
    const { token, expiresAt } = await begin();
    expect(expiresAt).toBe(1_000 + 30 * dayMs);
    now = expiresAt - 1;
    expect(await sessions.find(token)).toBeDefined();
    now = expiresAt;
    expect(await sessions.find(token)).toBeUndefined();
    expect(await end(token)).toBeUndefined();
  });

  it('that was ended stays ended, and no other with it', async () => {
    const { id, token } = await begin();
    const other = await begin();
    expect(await end(token)).toEqual({ id, accountId: lucia, deviceId: null });
    expect(await sessions.find(token)).toBeUndefined();
    expect(await end(token)).toBeUndefined();
    expect(await sessions.find(other.token)).toBeDefined();
  });

  it('is ended once of 16 at once', async () => {
    const { token } = await begin();
    const ended = await atOnce(16, () => end(token));
    expect(ended.filter((session) => session !== undefined)).toHaveLength(1);
  });

  it('ends with all of the account, but not with those of another', async () => {
    const mine = [await begin(), await begin(), await begin()];
    const other = await begin(mark);
    expect(await test.db.write((tx) => sessions.endAll(tx, lucia))).toBe(3);
    for (const { token } of mine) expect(await sessions.find(token)).toBeUndefined();
    expect(await sessions.find(other.token)).toBeDefined();
    expect(await test.db.write((tx) => sessions.endAll(tx, lucia))).toBe(0);
  });

  const labelled = (label: string, accountId = lucia) =>
    test.db.write(async (tx) => {
      const device = await createDevices({
        db: test.db,
        keys: createKeys([first]),
        clock,
        random: systemRandom,
        site,
      }).remember(tx, { token: undefined, label, accountId });
      return sessions.begin(tx, { accountId, deviceId: device.id });
    });

  it('is listed with its device while it lives, the one used last at the head', async () => {
    const one = await labelled('Firefox · Windows');
    now += 10;
    const two = await begin();
    const ended = await begin();
    await end(ended.token);
    await begin(mark);
    expect(await sessions.listOf(lucia)).toEqual([
      { id: two.id, label: '', createdAt: 1_010, lastUsedAt: 1_010 },
      { id: one.id, label: 'Firefox · Windows', createdAt: 1_000, lastUsedAt: 1_000 },
    ]);
    now = one.expiresAt;
    expect((await sessions.listOf(lucia)).map(({ id }) => id)).toEqual([two.id]);
  });

  it('is noted as used by the timer, once an hour at most, and by no request', async () => {
    const { token } = await begin();
    const lastUsed = async () => (await sessions.listOf(lucia))[0]?.lastUsedAt;
    now += hourMs - 1;
    await sessions.find(token);
    await sessions.noteUsed();
    expect(await lastUsed()).toBe(1_000);
    now += 1;
    await sessions.find(token);
    expect(await lastUsed()).toBe(1_000);
    await sessions.noteUsed();
    expect(await lastUsed()).toBe(1_000 + hourMs);
    now += hourMs - 1;
    await sessions.find(token);
    await sessions.noteUsed();
    expect(await lastUsed()).toBe(1_000 + hourMs);
  });

  it('that ended before it was noted stays as it was', async () => {
    const { id, token } = await begin();
    now += hourMs;
    await sessions.find(token);
    await end(token);
    await sessions.noteUsed();
    const row = await test.db.read.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    expect(row.last_used_at).toBeNull();
  });

  it('is ended from another one: this one alone, or all but that one, and never those of another account', async () => {
    const [own, two, three] = [await begin(), await begin(), await begin()];
    const other = await begin(mark);
    const endSome = (which: EndedSessions) => test.db.write((tx) => sessions.endSome(tx, which));
    expect(await endSome({ accountId: lucia, only: other.id })).toEqual([]);
    expect(await endSome({ accountId: lucia, only: two.id })).toEqual([{ id: two.id, deviceId: null }]);
    expect(await endSome({ accountId: lucia, only: two.id })).toEqual([]);
    expect(await endSome({ accountId: lucia, allBut: own.id })).toEqual([{ id: three.id, deviceId: null }]);
    expect(await sessions.find(own.token)).toBeDefined();
    expect(await sessions.find(other.token)).toBeDefined();
    for (const { token } of [two, three]) expect(await sessions.find(token)).toBeUndefined();
  });

  it('ends once of 16 that end all others at once', async () => {
    const own = await begin();
    await begin();
    const ended = await atOnce(16, () =>
      test.db.write((tx) => sessions.endSome(tx, { accountId: lucia, allBut: own.id })),
    );
    expect(ended.flat()).toHaveLength(1);
  });

  it('is not found, nor held, while its account is disabled', async () => {
    const { id, token } = await begin();
    const other = await begin(mark);
    const hold = () => test.db.write((tx) => sessions.hold(tx, id));
    const setState = (state: string) =>
      test.db.write((tx) => tx.updateTable('accounts').set({ state }).where('id', '=', lucia).execute());
    await setState('disabled');
    expect([await sessions.find(token), await hold()]).toEqual([undefined, false]);
    expect(await sessions.find(other.token)).toBeDefined();
    await setState('active');
    expect([await sessions.find(token), await hold()]).toEqual([{ id, accountId: lucia, createdAt: 1_000 }, true]);
    // Signed out is signed out, whatever becomes of the account.
    await setState('disabled');
    await end(token);
    await setState('active');
    expect(await sessions.find(token)).toBeUndefined();
  });

  it('can be held while it lives', async () => {
    const { id, token } = await begin();
    const hold = () => test.db.write((tx) => sessions.hold(tx, id));
    expect(await hold()).toBe(true);
    await end(token);
    expect(await hold()).toBe(false);
  });

  it('begun in a transaction that failed is none', async () => {
    let token = '';
    const failed = test.db.write(async (tx) => {
      ({ token } = await sessions.begin(tx, { accountId: lucia, deviceId: null }));
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await sessions.find(token)).toBeUndefined();
  });

  it('outlives a rotation of keys, until its key is gone', async () => {
    const { token } = await begin();
    expect(await open([second, first]).find(token)).toBeDefined();
    expect(await open([second]).find(token)).toBeUndefined();
  });

  it('of one site is none on another', async () => {
    const { token } = await begin();
    site = 'other';
    const other = open();
    expect(await other.find(token)).toBeUndefined();
    expect(await test.db.write((tx) => other.endAll(tx, lucia))).toBe(0);
  });
});
