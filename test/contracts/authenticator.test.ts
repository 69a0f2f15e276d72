// What an authenticator app and a waiting second step promise on both engines: spent once, by whom they belong to.
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createOwnDirectory } from '../../src/accounts/own.ts';
import { systemRandom } from '../../src/base/random.ts';
import { createKeys } from '../../src/base/secret.ts';
import { createDevices } from '../../src/sessions/devices.ts';
import {
  createSecondSteps,
  maxSecondTries,
  type SecondSteps,
  secondStepLifeMs,
} from '../../src/sessions/second-steps.ts';
import { createSessions } from '../../src/sessions/sessions.ts';
import {
  type Authenticator,
  createAuthenticator,
  setUpLifeMs,
  spareCodesInAll,
} from '../../src/proofs/authenticator.ts';
import { stepMs } from '../../src/proofs/totp.ts';
import type { TestDatabase } from '../../src/testing/databases.ts';
import { atOnce, engines, few, warmUp } from '../engines.ts';

const first = { id: 'k1', secret: Buffer.alloc(32, 1) };
const second = { id: 'k2', secret: Buffer.alloc(32, 2) };
const site = 'default';

describe.each(engines)('on $engine', ({ createDatabase }) => {
  let test: TestDatabase;
  let authenticator: Authenticator;
  let secondSteps: SecondSteps;
  let now: number;
  let people = 0;
  let lucia: string;
  let mark: string;

  const clock = { now: () => now };
  const needs = (keys = [first]) => ({ db: test.db, keys: createKeys(keys), clock, random: systemRandom, site });
  const who = (accountId: string, sessionId = 'session') => ({ accountId, sessionId });
  const begin = (accountId = lucia, sessionId = 'session') =>
    test.db.write((tx) => authenticator.beginSetUp(tx, who(accountId, sessionId)));
  const secretOf = async (accountId = lucia) => {
    const secret = await authenticator.setUpOf(who(accountId));
    if (secret === undefined) throw new Error('nothing is being set up');
    return secret;
  };
  const codeAt = (secret: string, at = now) =>
    new TOTP({ secret: Secret.fromBase32(secret), algorithm: 'SHA1', digits: 6, period: 30 }).generate({
      timestamp: at,
    });
  const finish = (code: string, accountId = lucia, sessionId = 'session') =>
    test.db.write((tx) => authenticator.finishSetUp(tx, { ...who(accountId, sessionId), code }));
  const prove = async (kind: 'app' | 'spare', code: string, accountId = lucia) =>
    (await test.db.write((tx) => authenticator.prove(tx, { accountId, code: { kind, code } }))) !== undefined;

  /** Switched on a step ago, so that the code of now is good. */
  const add = async (accountId = lucia) => {
    await begin(accountId);
    const secret = await secretOf(accountId);
    const spareCodes = await finish(codeAt(secret), accountId);
    if (!spareCodes) throw new Error('not switched on');
    now += stepMs;
    return { secret, spareCodes };
  };

  beforeAll(async () => {
    test = await createDatabase(few);
    await warmUp(test.db, few);
  });
  beforeEach(async () => {
    now = 1_800_000_000_000;
    authenticator = createAuthenticator(needs());
    secondSteps = createSecondSteps(needs());
    const directory = createOwnDirectory({ db: test.db, clock, random: systemRandom, site });
    const make = async () => {
      const userId = `person${++people}`;
      const made = await test.db.write((tx) =>
        directory.create(tx, { userId, locale: 'en', password: null, addresses: [] }),
      );
      if (!made.ok) throw new Error(made.reason);
      return made.accountId;
    };
    lucia = await make();
    mark = await make();
  });
  afterAll(() => test.remove());

  describe('an authenticator app', () => {
    it('is on once a code of it was typed, with ten spare codes', async () => {
      expect(await authenticator.statusOf(lucia)).toEqual({ isOn: false, addedAt: null, spareCodesLeft: 0 });
      const at = now;
      const { spareCodes } = await add();
      expect(new Set(spareCodes).size).toBe(spareCodesInAll);
      expect(await authenticator.statusOf(lucia)).toEqual({ isOn: true, addedAt: at, spareCodesLeft: spareCodesInAll });
      expect(await test.db.write((tx) => authenticator.isOn(tx, lucia))).toBe(true);
      expect(await authenticator.statusOf(mark)).toMatchObject({ isOn: false });
    });

    it('proves with two codes in a row, once of sixteen at once, and with none of them alone afterwards', async () => {
      const { secret } = await add();
      const pair = codeAt(secret) + codeAt(secret, now + stepMs);
      const provePair = (code: string) =>
        test.db.write((tx) => authenticator.prove(tx, { accountId: lucia, code: { kind: 'pair', code } }));
      expect(await provePair(pair.slice(6) + pair.slice(0, 6))).toBeUndefined();
      const proved = await atOnce(16, () => provePair(pair));
      expect(proved.filter((id) => id === lucia)).toHaveLength(1);
      now += stepMs;
      expect(await prove('app', pair.slice(6))).toBe(false);
      now += stepMs;
      expect(await prove('app', codeAt(secret))).toBe(true);
    });

    it('that is set aside is off with its spare codes, and comes back as it was in the place of another one', async () => {
      const by = 'release';
      const setAside = (accountId = lucia) =>
        test.db.write((tx) => authenticator.setAside(tx, { accountId, by: `${by} ${accountId}` }));
      const reinstate = (accountId = lucia) =>
        test.db.write((tx) => authenticator.reinstate(tx, { accountId, by: `${by} ${lucia}` }));
      const first = await add();
      expect(await prove('spare', first.spareCodes[0] ?? '')).toBe(true);
      expect([await setAside(), await setAside(mark)]).toEqual([true, false]);
      expect(await authenticator.statusOf(lucia)).toMatchObject({ isOn: false, spareCodesLeft: 0 });
      expect(await prove('spare', first.spareCodes[1] ?? '')).toBe(false);
      const other = await add();
      expect(await reinstate(mark)).toBe(false);
      expect([await reinstate(), await reinstate()]).toEqual([true, false]);
      expect(await prove('app', codeAt(other.secret))).toBe(false);
      expect(await prove('spare', other.spareCodes[0] ?? '')).toBe(false);
      expect(await prove('app', codeAt(first.secret))).toBe(true);
      expect(await prove('spare', first.spareCodes[0] ?? '')).toBe(false);
      expect(await prove('spare', first.spareCodes[1] ?? '')).toBe(true);
      await setAside();
      await authenticator.forget({ setAside: now + 1 });
      expect(await reinstate()).toBe(false);
    });

    it('keeps its secret sealed and its spare codes as keyed hashes', async () => {
      const { secret, spareCodes } = await add();
      await begin(mark);
      const rows = JSON.stringify([
        await test.db.read.selectFrom('authenticators').selectAll().execute(),
        await test.db.read.selectFrom('authenticator_set_ups').selectAll().execute(),
        await test.db.read.selectFrom('spare_codes').selectAll().execute(),
      ]);
      for (const clear of [secret, await secretOf(mark), ...spareCodes]) expect(rows).not.toContain(clear);
    });

    it('is set up in the session that asked for it, within its time, with a right code', async () => {
      await begin();
      const secret = await secretOf();
      expect(await authenticator.setUpOf(who(lucia, 'other'))).toBeUndefined();
      expect(await authenticator.setUpOf(who(mark))).toBeUndefined();
      expect(await finish(codeAt(secret), lucia, 'other')).toBeUndefined();
      expect(await finish(codeAt(secret), mark)).toBeUndefined();
      expect(await finish('000000' === codeAt(secret) ? '000001' : '000000')).toBeUndefined();
      now += setUpLifeMs - 1;
      expect(await authenticator.setUpOf(who(lucia))).toBe(secret);
      now += 1;
      expect(await authenticator.setUpOf(who(lucia))).toBeUndefined();
      expect(await finish(codeAt(secret))).toBeUndefined();
      await authenticator.forget({ setAside: 0 });
      expect(
        await test.db.read.selectFrom('authenticator_set_ups').selectAll().where('account_id', '=', lucia).execute(),
      ).toEqual([]);
    });

    it('begun anew has another secret, and the first is worth nothing', async () => {
      await begin();
      const before = await secretOf();
      await begin();
      expect(await secretOf()).not.toBe(before);
      expect(await finish(codeAt(before))).toBeUndefined();
    });

    it('is switched on once of sixteen at once, and not over one that is on', async () => {
      await begin();
      const secret = await secretOf();
      const finished = await atOnce(16, () => finish(codeAt(secret)));
      expect(finished.filter((codes) => codes !== undefined)).toHaveLength(1);
      await begin();
      expect(await finish(codeAt(await secretOf()))).toBeUndefined();
      expect((await authenticator.statusOf(lucia)).spareCodesLeft).toBe(spareCodesInAll);
      now += stepMs;
      expect(await prove('app', codeAt(secret))).toBe(true);
    });

    it('proves with the code of now, once; the one that switched it on is spent', async () => {
      const { secret } = await add();
      expect(await prove('app', codeAt(secret, now - stepMs))).toBe(false);
      expect(await prove('app', codeAt(secret), mark)).toBe(false);
      expect(await prove('app', codeAt(secret))).toBe(true);
      expect(await prove('app', codeAt(secret))).toBe(false);
      expect(await prove('app', codeAt(secret, now - stepMs))).toBe(false);
      expect(await prove('app', codeAt(secret, now + stepMs))).toBe(true);
      now += 10 * stepMs;
      expect(await prove('app', codeAt(secret, now - 2 * stepMs))).toBe(false);
      expect(await prove('app', codeAt(secret, now + 2 * stepMs))).toBe(false);
      expect(await prove('app', codeAt(secret, now - stepMs))).toBe(true);
    });

    it('proves once of sixteen at once', async () => {
      const { secret } = await add();
      const proved = await atOnce(16, () => prove('app', codeAt(secret)));
      expect(proved.filter(Boolean)).toHaveLength(1);
    });

    it('outlives a rotation of keys, until its key is gone', async () => {
      const { secret, spareCodes } = await add();
      authenticator = createAuthenticator(needs([second, first]));
      expect(await prove('app', codeAt(secret))).toBe(true);
      expect(await prove('spare', spareCodes[0] ?? '')).toBe(true);
      authenticator = createAuthenticator(needs([second]));
      now += stepMs;
      expect(await prove('app', codeAt(secret))).toBe(false);
      expect(await prove('spare', spareCodes[1] ?? '')).toBe(false);
    });

    it('taken away leaves nothing behind, and can be set up again', async () => {
      const { secret, spareCodes } = await add();
      await test.db.write((tx) => authenticator.remove(tx, lucia));
      expect(await authenticator.statusOf(lucia)).toEqual({ isOn: false, addedAt: null, spareCodesLeft: 0 });
      expect(await prove('app', codeAt(secret))).toBe(false);
      expect(await prove('spare', spareCodes[0] ?? '')).toBe(false);
      expect((await add()).secret).not.toBe(secret);
    });
  });

  describe('a spare code', () => {
    it('proves once, for its account alone', async () => {
      const { spareCodes } = await add();
      const [code = '', other = ''] = spareCodes;
      expect(await prove('spare', code, mark)).toBe(false);
      expect(await prove('spare', code)).toBe(true);
      expect(await prove('spare', code)).toBe(false);
      expect(await prove('spare', other)).toBe(true);
      expect((await authenticator.statusOf(lucia)).spareCodesLeft).toBe(spareCodesInAll - 2);
    });

    it('proves once of sixteen at once', async () => {
      const { spareCodes } = await add();
      const proved = await atOnce(16, () => prove('spare', spareCodes[3] ?? ''));
      expect(proved.filter(Boolean)).toHaveLength(1);
    });

    it('no longer works once there are new ones', async () => {
      const { spareCodes } = await add();
      const renewed = await test.db.write((tx) => authenticator.renewSpareCodes(tx, lucia));
      expect(await prove('spare', spareCodes[0] ?? '')).toBe(false);
      expect(await prove('spare', renewed[0] ?? '')).toBe(true);
      expect((await authenticator.statusOf(lucia)).spareCodesLeft).toBe(spareCodesInAll - 1);
    });
  });

  describe('a waiting second step', () => {
    const wait = (accountId = lucia) =>
      test.db.write((tx) => secondSteps.begin(tx, { accountId, returnTo: '/orders/1' }));
    const find = async (handle: string) => {
      const found = await secondSteps.find(handle);
      if (!found) throw new Error('none waits');
      return found;
    };

    it('is found by its handle, which is stored only as a keyed hash, for ten minutes', async () => {
      const { handle, expiresAt } = await wait();
      expect(expiresAt).toBe(now + secondStepLifeMs);
      const found = await find(handle);
      expect(found).toMatchObject({ account_id: lucia, return_to: '/orders/1' });
      expect(JSON.stringify(found)).not.toContain(handle);
      for (const other of ['', 'x', found.id, found.handle_hash]) expect(await secondSteps.find(other)).toBeUndefined();
      now = expiresAt - 1;
      expect(await secondSteps.find(handle)).toBeDefined();
      now = expiresAt;
      expect(await secondSteps.find(handle)).toBeUndefined();
      expect(await test.db.write((tx) => secondSteps.takeTry(tx, found.id))).toBeUndefined();
    });

    it('gives out its tries and no more: sixteen at once get five', async () => {
      const { id } = await find((await wait()).handle);
      const taken = await atOnce(16, () => test.db.write((tx) => secondSteps.takeTry(tx, id)));
      expect(taken.filter((row) => row !== undefined)).toHaveLength(maxSecondTries);
    });

    it('ends once of sixteen at once', async () => {
      const { handle } = await wait();
      const { id } = await find(handle);
      const ended = await atOnce(16, () => test.db.write((tx) => secondSteps.end(tx, id)));
      expect(ended.filter(Boolean)).toHaveLength(1);
      expect(await secondSteps.find(handle)).toBeUndefined();
    });

    it('ends with the sessions of its account, and not with those of another', async () => {
      const sessions = createSessions({ ...needs(), sessionDays: 30 });
      const [mine, other] = [await wait(), await wait(mark)];
      await test.db.write((tx) => sessions.endAll(tx, lucia));
      expect(await secondSteps.find(mine.handle)).toBeUndefined();
      expect(await secondSteps.find(other.handle)).toBeDefined();
    });

    it('that becomes a session while all of them end leaves neither alive', async () => {
      const sessions = createSessions({ ...needs(), sessionDays: 30 });
      const devices = createDevices(needs());
      for (let round = 0; round < 2; round += 1) {
        const steps = await atOnce(16, async () => (await find((await wait()).handle)).id);
        const begun = await atOnce(17, (index) =>
          test.db.write(async (tx) => {
            if (index === 8) {
              await sessions.endAll(tx, lucia);
              await devices.endAll(tx, lucia);
              return undefined;
            }
            if (!(await secondSteps.end(tx, steps[index > 8 ? index - 1 : index] ?? ''))) return undefined;
            const device = await devices.remember(tx, { accountId: lucia, token: undefined, label: '' });
            const session = await sessions.begin(tx, { accountId: lucia, deviceId: device.id });
            return { session: session.token, device: device.token };
          }),
        );
        const alive = await Promise.all(begun.map(async (each) => each && sessions.find(each.session)));
        const remembered = await Promise.all(begun.map(async (each) => each && devices.find(each.device, lucia)));
        expect(alive.filter((session) => session !== undefined)).toEqual([]);
        expect(remembered.filter((device) => device !== undefined)).toEqual([]);
      }
    });

    it('is deleted once it is over for long', async () => {
      const { expiresAt } = await wait();
      await secondSteps.forget(expiresAt);
      const count = async () =>
        (await test.db.read.selectFrom('second_steps').selectAll().where('account_id', '=', lucia).execute()).length;
      expect(await count()).toBe(1);
      await secondSteps.forget(expiresAt + 1);
      expect(await count()).toBe(0);
    });
  });
});
