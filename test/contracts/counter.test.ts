// What every adapter of the port `Counter` promises (src/limits/counter.ts).
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { minuteMs } from '../../src/base/clock.ts';
import { type Counter, createDatabaseCounter } from '../../src/limits/counter.ts';
import type { TestDatabase } from '../../src/testing/databases.ts';
import { atOnce, engines, warmUp } from '../engines.ts';

describe.each(engines)('the database counter on $engine', ({ createDatabase }) => {
  const start = 1_800_000_000_000;
  let now = start;
  let test: TestDatabase;
  let counter: Counter;
  beforeAll(async () => {
    test = await createDatabase();
    await warmUp(test.db);
    counter = createDatabaseCounter({ db: test.db, clock: { now: () => now } });
  });
  beforeEach(async () => {
    now = start;
    await test.db.write((tx) => tx.deleteFrom('counters').execute());
  });
  afterAll(() => test.remove());

  it('counts from one, in the window that the first hit opened', async () => {
    expect(await counter.hit('a', minuteMs)).toEqual({ count: 1, expiresAt: start + minuteMs });
    now = start + minuteMs - 1;
    expect(await counter.hit('a', minuteMs)).toEqual({ count: 2, expiresAt: start + minuteMs });
  });

  it('opens a second window when the first is over, and a third', async () => {
    await counter.hit('a', minuteMs);
    await counter.hit('a', minuteMs);
    now = start + minuteMs;
    expect(await counter.hit('a', minuteMs)).toEqual({ count: 1, expiresAt: start + 2 * minuteMs });
    expect(await counter.hit('a', minuteMs)).toEqual({ count: 2, expiresAt: start + 2 * minuteMs });
    now = start + 10 * minuteMs;
    expect(await counter.hit('a', minuteMs)).toEqual({ count: 1, expiresAt: start + 11 * minuteMs });
  });

  it('keeps keys apart', async () => {
    await counter.hit('a', minuteMs);
    expect((await counter.hit('b', minuteMs)).count).toBe(1);
    expect((await counter.peek('a')).count).toBe(1);
  });

  it('tells the count without counting, and 0 outside a window', async () => {
    expect((await counter.peek('a')).count).toBe(0);
    await counter.hit('a', minuteMs);
    expect((await counter.peek('a')).count).toBe(1);
    expect((await counter.peek('a')).count).toBe(1);
    now = start + minuteMs;
    expect((await counter.peek('a')).count).toBe(0);
  });

  it('counts sixteen at once as sixteen, in the first window and in the second', async () => {
    const sixteen = Array.from({ length: 16 }, (_, index) => index + 1);
    for (const time of [start, start + minuteMs]) {
      now = time;
      const hits = await atOnce(16, () => counter.hit('a', minuteMs));
      expect(hits.map(({ count }) => count).toSorted((a, b) => a - b)).toEqual(sixteen);
      expect(new Set(hits.map(({ expiresAt }) => expiresAt))).toEqual(new Set([time + minuteMs]));
    }
  });

  it('counts in a transaction if and only if that commits, sixteen at once as sixteen', async () => {
    const hits = await atOnce(16, (index) =>
      test.db.write(async (tx) => {
        await tx
          .insertInto('leases')
          .values({ name: `lease-${index}`, holder: 'one', expires_at: 1 })
          .execute();
        return counter.hit('a', minuteMs, tx);
      }),
    );
    expect(hits.map(({ count }) => count).toSorted((a, b) => a - b)).toEqual(hits.map((_, index) => index + 1));
    const undone = test.db.write(async (tx) => {
      await counter.hit('a', minuteMs, tx);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect((await counter.peek('a')).count).toBe(16);
  });

  it('takes back what was counted, in the open window and never below zero', async () => {
    await counter.giveBack('a');
    await counter.hit('a', minuteMs);
    await counter.hit('a', minuteMs);
    await counter.giveBack('a');
    expect(await counter.peek('a')).toEqual({ count: 1, expiresAt: start + minuteMs });
    await atOnce(16, () => counter.giveBack('a'));
    expect((await counter.peek('a')).count).toBe(0);
    await counter.hit('a', minuteMs);
    now = start + minuteMs;
    await counter.giveBack('a');
    expect((await counter.hit('a', minuteMs)).count).toBe(1);
  });

  it('forgets the windows that are over, and only those', async () => {
    await counter.hit('old', minuteMs);
    await counter.hit('new', 2 * minuteMs);
    now = start + minuteMs;
    await counter.clear();
    expect(await test.db.read.selectFrom('counters').select('key').execute()).toEqual([{ key: 'new' }]);
    expect((await counter.peek('new')).count).toBe(1);
  });
});
