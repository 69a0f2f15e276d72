// Wrong passwords in a row, on both engines: one number for each try, whoever it is for.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPasswordTries, type PasswordTries } from '../../src/accounts/password-tries.ts';
import { createKeys } from '../../src/base/secret.ts';
import type { TestDatabase } from '../../src/testing/databases.ts';
import { atOnce, engines, few, warmUp } from '../engines.ts';

const keys = createKeys([{ id: 'a', secret: Buffer.alloc(32, 1) }]);

describe.each(engines)('wrong passwords on $engine', ({ createDatabase }) => {
  let test: TestDatabase;
  let tries: PasswordTries;
  let now = 1_000;
  const open = (site: string) => createPasswordTries({ db: test.db, keys, clock: { now: () => now }, site });

  beforeAll(async () => {
    test = await createDatabase(few);
    await warmUp(test.db, few);
    tries = open('default');
  });
  beforeEach(async () => {
    now = 1_000;
    await test.db.write((tx) => tx.deleteFrom('password_tries').execute());
  });
  afterAll(() => test.remove());

  const clear = (accountId: string, typed: string) => test.db.write((tx) => tries.clear(tx, { accountId, typed }));
  const both = (count: number) => ({ ofAccount: count, ofName: count });

  it('belong to what was typed, and to the account whatever it was called by', () => {
    const tried = (typed: string | null, accountId?: string) => tries.tried({ accountId, typed });
    expect(tried('lucia', 'x').account).toBe(tried('lucia@shop.example', 'x').account);
    expect(tried('lucia', 'x').name).not.toBe(tried('lucia@shop.example', 'x').name);
    // A name is the same whether or not it opens an account.
    expect(tried('lucia', 'x').name).toBe(tried('lucia').name);
    expect(tried(null, 'x')).toEqual({ account: tried('lucia', 'x').account, name: null });
    expect(tried('nobody')).toEqual(tried(' NOBODY '));
    expect(tried('no, nothing').name).not.toBe(tried('no, nothing else').name);
    // Nobody can type an id, and thus count on an account that has another name.
    const { account, name } = tried('x');
    expect(new Set([account, name, tried('x', 'x').account]).size).toBe(3);
    expect(open('other').tried({ accountId: 'x', typed: 'lucia' })).not.toEqual(tried('lucia', 'x'));
  });

  it.each([['of an account', 'x'] as const, ['of an unknown name', undefined] as const])(
    '%s are counted one by one: 16 at once are 16',
    async (_, accountId) => {
      const tried = tries.tried({ accountId, typed: 'nobody' });
      expect(await tries.count(tried)).toEqual(both(0));
      const taken = await atOnce(16, () => tries.take(tried));
      const inOrder = taken.toSorted((a, b) => a.ofName - b.ofName);
      expect(inOrder).toEqual(Array.from({ length: 16 }, (_, index) => both(index + 1)));
      expect(await tries.count(tried)).toEqual(both(16));
    },
  );

  it('of two names at once are all counted for their account', async () => {
    const names = ['lucia', 'lucia@shop.example'].map((typed) => tries.tried({ accountId: 'x', typed }));
    const taken = await atOnce(16, (at) => tries.take(names[at % 2] ?? { account: '', name: null }));
    expect(Math.max(...taken.map(({ ofAccount }) => ofAccount))).toBe(16);
    expect(Math.max(...taken.map(({ ofName }) => ofName))).toBe(8);
  });

  it('start at zero once they are cleared, for that account and that name alone', async () => {
    const [lucia, email, other] = (
      [
        ['x', 'lucia'],
        ['x', 'lucia@shop.example'],
        ['y', 'mark'],
      ] as const
    ).map(([accountId, typed]) => tries.tried({ accountId, typed }));
    if (!lucia || !email || !other) throw new Error('three who are tried');
    for (const tried of [lucia, email, other]) await tries.take(tried);
    await clear('x', 'lucia');
    expect(await tries.count(lucia)).toEqual(both(0));
    expect(await tries.count(email)).toEqual({ ofAccount: 0, ofName: 1 });
    expect(await tries.count(other)).toEqual(both(1));
    expect(await tries.take(lucia)).toEqual(both(1));
  });

  it('taken back count for nothing, and never below zero', async () => {
    const tried = tries.tried({ accountId: 'x', typed: 'lucia' });
    await tries.giveBack(tried);
    await tries.take(tried);
    await tries.take(tried);
    await tries.giveBack(tried);
    expect(await tries.count(tried)).toEqual(both(1));
    await atOnce(16, () => tries.giveBack(tried));
    expect(await tries.count(tried)).toEqual(both(0));
  });

  it('are forgotten only where nobody has tried for long', async () => {
    const [old, tried] = ['old', 'tried'].map((typed) => tries.tried({ accountId: undefined, typed }));
    if (!old || !tried) throw new Error('two who are tried');
    await tries.take(old);
    await tries.take(tried);
    now = 2_000;
    await tries.take(tried);
    await tries.forget(1_001);
    expect([await tries.count(old), await tries.count(tried)]).toEqual([both(0), both(2)]);
  });
});
