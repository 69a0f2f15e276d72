// What a remembered device promises on both engines: it is the browser's own, for one account at a time, until it ends.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createOwnDirectory } from '../../src/accounts/own.ts';
import { systemRandom } from '../../src/base/random.ts';
import { createKeys } from '../../src/base/secret.ts';
import { createDevices, type Devices } from '../../src/sessions/devices.ts';
import { createSessions } from '../../src/sessions/sessions.ts';
import type { TestDatabase } from '../../src/testing/databases.ts';
import { atOnce, engines, few } from '../engines.ts';

const first = { id: 'k1', secret: Buffer.alloc(32, 1) };
const second = { id: 'k2', secret: Buffer.alloc(32, 2) };

describe.each(engines)('a remembered device on $engine', ({ createDatabase }) => {
  let test: TestDatabase;
  let devices: Devices;
  let now: number;
  let site = 'site-0';
  let sites = 0;
  let lucia: string;
  let mark: string;

  const clock = { now: () => now };
  const open = (keys = [first]) =>
    createDevices({ db: test.db, keys: createKeys(keys), clock, random: systemRandom, site });
  const remember = (accountId: string, token?: string, label = 'Firefox · Windows') =>
    test.db.write((tx) => devices.remember(tx, { accountId, token, label }));
  const rows = () => test.db.read.selectFrom('devices').selectAll().where('site', '=', site).execute();

  beforeAll(async () => {
    test = await createDatabase(few);
  });
  beforeEach(async () => {
    now = 1_000;
    site = `site-${++sites}`;
    devices = open();
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

  it('has a token of 128 bits, which is stored only as a keyed hash', async () => {
    const { id, token, isNew } = await remember(lucia);
    expect(isNew).toBe(true);
    expect(Buffer.from(token, 'base64url')).toHaveLength(16);
    expect(await devices.find(token, lucia)).toEqual({ id, createdAt: 1_000 });
    expect(JSON.stringify(await rows())).not.toContain(token);
  });

  it('is the same at the next sign-in, with its last use and what it calls itself now', async () => {
    const { id, token } = await remember(lucia);
    now = 2_000;
    expect(await remember(lucia, token, 'Firefox · Linux')).toEqual({ id, token, isNew: false });
    expect(await rows()).toMatchObject([{ id, label: 'Firefox · Linux', created_at: 1_000, last_used_at: 2_000 }]);
  });

  it('keeps its token when another account signs in there, and is known to both', async () => {
    const { id, token } = await remember(lucia);
    const other = await remember(mark, token);
    expect(other).toMatchObject({ token, isNew: true });
    expect(await devices.find(token, lucia)).toEqual({ id, createdAt: 1_000 });
    expect(await devices.find(token, mark)).toEqual({ id: other.id, createdAt: 1_000 });
  });

  it.each(['', 'planted', 'A'.repeat(22)])('never keeps a token that we did not give out: %j', async (token) => {
    const remembered = await remember(lucia, token);
    expect(remembered.token).not.toBe(token);
    expect(await devices.find(token, lucia)).toBeUndefined();
  });

  it('that was ended is not found, and its token does not come back to life', async () => {
    const { token } = await remember(lucia);
    const other = await remember(mark, token);
    await test.db.write((tx) => devices.endAll(tx, lucia));
    expect(await devices.find(token, lucia)).toBeUndefined();
    expect(await devices.find(token, mark)).toEqual({ id: other.id, createdAt: 1_000 });
    const again = await remember(lucia, token);
    expect(again.token).not.toBe(token);
    expect(await devices.find(token, lucia)).toBeUndefined();
    expect(await devices.find(again.token, lucia)).toEqual({ id: again.id, createdAt: 1_000 });
  });

  it('of a disabled account is none', async () => {
    const { id, token } = await remember(lucia);
    const setState = (state: string) =>
      test.db.write((tx) => tx.updateTable('accounts').set({ state }).where('id', '=', lucia).execute());
    await setState('disabled');
    expect(await devices.find(token, lucia)).toBeUndefined();
    await setState('active');
    expect(await devices.find(token, lucia)).toEqual({ id, createdAt: 1_000 });
  });

  it('is one row, however often it signs in at once', async () => {
    const { token } = await remember(lucia);
    const remembered = await atOnce(16, () => remember(lucia, token));
    expect(remembered.filter(({ isNew }) => isNew)).toEqual([]);
    expect(await rows()).toHaveLength(1);
  });

  it('at sixteen first sign-ins at once meets no fault, and every token given out is good', async () => {
    const { token } = await remember(mark);
    const remembered = await atOnce(16, () => remember(lucia, token));
    for (const { id, token: given } of remembered)
      expect(await devices.find(given, lucia)).toEqual({ id, createdAt: 1_000 });
  });

  it('outlives a rotation of keys', async () => {
    const { id, token } = await remember(lucia);
    devices = open([second, first]);
    expect(await devices.find(token, lucia)).toEqual({ id, createdAt: 1_000 });
    expect(await remember(lucia, token)).toMatchObject({ id, token });
  });

  it('of one site is none on another', async () => {
    const { token } = await remember(lucia);
    site = 'other';
    expect(await open().find(token, lucia)).toBeUndefined();
  });

  it('is deleted once it was ended or unused for long, and its session lives on', async () => {
    const keys = createKeys([first]);
    const sessions = createSessions({ db: test.db, keys, clock, random: systemRandom, site, sessionDays: 30 });
    const gone = await remember(lucia);
    const { token } = await test.db.write((tx) => sessions.begin(tx, { accountId: lucia, deviceId: gone.id }));
    await test.db.write((tx) => devices.endAll(tx, lucia));
    now = 5_000;
    const kept = await remember(mark);
    await devices.forget({ ended: 1_000, used: 1_000 });
    expect(await rows()).toHaveLength(2);
    await devices.forget({ ended: 1_001, used: 1_000 });
    expect(await rows()).toMatchObject([{ id: kept.id }]);
    expect(await sessions.find(token)).toBeDefined();
    await devices.forget({ ended: 1_000, used: 5_001 });
    expect(await rows()).toEqual([]);
  });
});
