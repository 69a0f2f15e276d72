// Wrong passwords in a row, on both engines: one number for each try, whoever it is for.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPasswordTries, type PasswordTries } from '../../src/accounts/password-tries.ts';
import { createKeys } from '../../src/base/secret.ts';
import type { TestDatabase } from '../../src/testing/databases.ts';
import { atOnce, engines, warmUp } from '../engines.ts';

const keys = createKeys([{ id: 'a', secret: Buffer.alloc(32, 1) }]);

describe.each(engines)('wrong passwords on $engine', ({ createDatabase }) => {
  let test: TestDatabase;
  let tries: PasswordTries;
  let now = 1_000;
  const open = (site: string) => createPasswordTries({ db: test.db, keys, clock: { now: () => now }, site });

  beforeAll(async () => {
    test = await createDatabase();
    await warmUp(test.db);
    tries = open('default');
  });
  beforeEach(async () => {
    now = 1_000;
    await test.db.write((tx) => tx.deleteFrom('password_tries').execute());
  });
  afterAll(() => test.remove());

  const clear = (accountId: string) => test.db.write((tx) => tries.clear(tx, accountId));

  it('belong to the account, whatever it was called by, and else to what was typed', () => {
    const subjectOf = (typed: string, accountId?: string) => tries.subjectOf({ accountId, typed });
    expect(subjectOf('lucia', 'x')).toBe(subjectOf('lucia@shop.example', 'x'));
    expect(subjectOf('nobody')).toBe(subjectOf(' NOBODY '));
    expect(subjectOf('nobody')).not.toBe(subjectOf('nobody@shop.example'));
    expect(subjectOf('no, nothing')).not.toBe(subjectOf('no, nothing else'));
    // Nobody can type an id, and thus count on an account that has another name.
    expect(subjectOf('x')).not.toBe(subjectOf('x', 'x'));
    expect(subjectOf('lucia', 'x')).not.toContain('x/');
    expect(open('other').subjectOf({ accountId: 'x', typed: '' })).not.toBe(subjectOf('', 'x'));
  });

  it.each([['of an account', 'x'] as const, ['of an unknown name', undefined] as const])(
    '%s are counted one by one: 16 at once are 16',
    async (_, accountId) => {
      const subject = tries.subjectOf({ accountId, typed: 'nobody' });
      expect(await tries.count(subject)).toBe(0);
      const taken = await atOnce(16, () => tries.take(subject));
      expect(taken.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
      expect(await tries.count(subject)).toBe(16);
    },
  );

  it('start at zero once they are cleared, for that account alone', async () => {
    const [x, y] = ['x', 'y'].map((accountId) => tries.subjectOf({ accountId, typed: '' }));
    if (x === undefined || y === undefined) throw new Error('two subjects');
    await tries.take(x);
    await tries.take(y);
    await clear('x');
    expect([await tries.count(x), await tries.count(y)]).toEqual([0, 1]);
    expect(await tries.take(x)).toBe(1);
  });

  it('taken back count for nothing, and never below zero', async () => {
    const subject = tries.subjectOf({ accountId: 'x', typed: '' });
    await tries.giveBack(subject);
    await tries.take(subject);
    await tries.take(subject);
    await tries.giveBack(subject);
    expect(await tries.count(subject)).toBe(1);
    await atOnce(16, () => tries.giveBack(subject));
    expect(await tries.count(subject)).toBe(0);
  });

  it('are forgotten only where nobody has tried for long', async () => {
    const [old, tried] = ['old', 'tried'].map((typed) => tries.subjectOf({ accountId: undefined, typed }));
    if (old === undefined || tried === undefined) throw new Error('two subjects');
    await tries.take(old);
    await tries.take(tried);
    now = 2_000;
    await tries.take(tried);
    await tries.forget(1_001);
    expect([await tries.count(old), await tries.count(tried)]).toEqual([0, 2]);
  });
});
