// What every adapter of the port `Counter` promises (src/limits/counter.ts).
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { minuteMs } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { type Counter, createDatabaseCounter } from '../../src/limits/counter.ts';
import { openValkeyCounter } from '../../src/limits/valkey.ts';
import type { TestDatabase } from '../../src/testing/databases.ts';
import { askFor } from '../ask.ts';
import { atOnce, engines, few, warmUp } from '../engines.ts';

/** A counter, and how a test moves its time. */
interface Counting {
  readonly counter: Counter;
  advance(ms: number): Promise<unknown>;
  clear(): Promise<unknown>;
  close(): Promise<unknown>;
  /** What the rest of a window may be less than it should. */
  readonly slackMs: number;
  /** Of the database that it is in. */
  readonly test?: TestDatabase;
}

const start = 1_800_000_000_000;

async function inDatabase(createDatabase: (typeof engines)[0]['createDatabase']): Promise<Counting> {
  const test = await createDatabase(few);
  await warmUp(test.db, few);
  let now = start;
  return {
    counter: createDatabaseCounter({ db: test.db, clock: { now: () => now } }),
    advance: async (ms) => (now += ms),
    clear: () => test.db.write((tx) => tx.deleteFrom('counters').execute()),
    close: () => test.remove(),
    slackMs: 0,
    test,
  };
}

/** Its time is the server's own: what is left of each window is made shorter instead. */
async function inValkey(): Promise<Counting> {
  // A number of its own, should somebody use the server for something else.
  const url = `${await askFor('valkey')}/9`;
  const counter = await openValkeyCounter({ deployment: 'shop.example', url, log: createLog('silent') });
  const { Redis } = await import('iovalkey');
  const client = new Redis(url);
  const advance = `for _, key in ipairs(redis.call('KEYS', '*')) do
    local left = redis.call('PTTL', key) - tonumber(ARGV[1])
    if left > 0 then redis.call('PEXPIRE', key, left) else redis.call('DEL', key) end
  end`;
  return {
    counter,
    advance: (ms) => client.eval(advance, 0, ms),
    clear: () => client.flushdb(),
    close: async () => {
      await counter.close();
      client.disconnect();
    },
    slackMs: 20_000,
  };
}

const counters = [
  ...engines.map(({ engine, createDatabase }) => ({
    name: `in ${engine}`,
    open: () => inDatabase(createDatabase),
    why: '',
  })),
  {
    name: 'in Valkey',
    open: inValkey,
    why: (await askFor('valkey'))
      ? ''
      : ' (skipped: no valkey-server or redis-server here, and no REKEY_TEST_VALKEY_URL)',
  },
];

describe.each(counters)('the counter $name$why', ({ open, why }) => {
  let counting: Counting;
  let counter: Counter;
  const advance = (ms: number) => counting.advance(ms);
  beforeAll(async () => {
    if (why) return;
    counting = await open();
    counter = counting.counter;
  });
  beforeEach(async (context) => {
    if (why) context.skip(why);
    await counting.clear();
  });
  afterAll(async () => counting?.close());

  /** A real clock goes on while a test runs. */
  const endsIn = (ms: number): unknown =>
    expect.toSatisfy((left: number) => left <= ms && left >= ms - counting.slackMs);

  it('counts from one, in the window that the first hit opened', async () => {
    expect(await counter.hit('a', minuteMs)).toEqual({ count: 1, endsInMs: endsIn(minuteMs) });
    await advance(minuteMs / 2);
    expect(await counter.hit('a', minuteMs)).toEqual({ count: 2, endsInMs: endsIn(minuteMs / 2) });
  });

  it('opens a second window when the first is over, and a third', async () => {
    await counter.hit('a', minuteMs);
    await counter.hit('a', minuteMs);
    await advance(minuteMs);
    expect(await counter.hit('a', minuteMs)).toEqual({ count: 1, endsInMs: endsIn(minuteMs) });
    expect(await counter.hit('a', minuteMs)).toEqual({ count: 2, endsInMs: endsIn(minuteMs) });
    await advance(9 * minuteMs);
    expect(await counter.hit('a', minuteMs)).toEqual({ count: 1, endsInMs: endsIn(minuteMs) });
  });

  it('keeps keys apart', async () => {
    await counter.hit('a', minuteMs);
    expect((await counter.hit('b', minuteMs)).count).toBe(1);
    expect((await counter.peek('a')).count).toBe(1);
  });

  it('tells the count without counting, and 0 outside a window', async () => {
    expect(await counter.peek('a')).toEqual({ count: 0, endsInMs: 0 });
    await counter.hit('a', minuteMs);
    for (let times = 0; times < 2; times += 1)
      expect(await counter.peek('a')).toEqual({ count: 1, endsInMs: endsIn(minuteMs) });
    await advance(minuteMs);
    expect(await counter.peek('a')).toEqual({ count: 0, endsInMs: 0 });
  });

  it('counts several together, each in its own window, and takes several back', async () => {
    const counted = [
      { key: 'a', windowMs: minuteMs },
      { key: 'b', windowMs: 2 * minuteMs },
    ];
    await counter.hit('b', 3 * minuteMs);
    const hits = await counter.hitAll(counted);
    expect(hits).toEqual([
      { count: 1, endsInMs: endsIn(minuteMs) },
      { count: 2, endsInMs: endsIn(3 * minuteMs) },
    ]);
    await counter.giveBack('a', 'b');
    expect([(await counter.peek('a')).count, (await counter.peek('b')).count]).toEqual([0, 1]);
  });

  it('counts sixteen at once as sixteen, in the first window and in the second', async () => {
    const sixteen = Array.from({ length: 16 }, (_, index) => index + 1);
    for (const passed of [0, minuteMs]) {
      await advance(passed);
      const hits = await atOnce(16, () => counter.hit('a', minuteMs));
      expect(hits.map(({ count }) => count).toSorted((a, b) => a - b)).toEqual(sixteen);
      expect(hits.map(({ endsInMs }) => endsInMs)).toEqual(hits.map(() => endsIn(minuteMs)));
    }
  });

  it('counts in a transaction if and only if that commits, sixteen at once as sixteen', async () => {
    const { test } = counting;
    // Elsewhere it could not: that is refused, not left to hope.
    if (!test) return;
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
    await atOnce(16, () => test.db.write((tx) => counter.note('a', minuteMs, tx)));
    expect((await counter.peek('a')).count).toBe(32);
  });

  it('takes back what was counted, in the open window and never below zero', async () => {
    await counter.giveBack('a');
    await counter.hit('a', minuteMs);
    await counter.hit('a', minuteMs);
    await counter.giveBack('a');
    expect(await counter.peek('a')).toEqual({ count: 1, endsInMs: endsIn(minuteMs) });
    await atOnce(16, () => counter.giveBack('a'));
    expect((await counter.peek('a')).count).toBe(0);
    await counter.hit('a', minuteMs);
    await advance(minuteMs);
    await counter.giveBack('a');
    expect((await counter.hit('a', minuteMs)).count).toBe(1);
  });

  it('forgets the windows that are over, and only those', async () => {
    await counter.hit('old', minuteMs);
    await counter.hit('new', 2 * minuteMs);
    await advance(minuteMs);
    await counter.clear();
    const { test } = counting;
    if (test) expect(await test.db.read.selectFrom('counters').select('key').execute()).toEqual([{ key: 'new' }]);
    expect((await counter.peek('old')).count).toBe(0);
    expect((await counter.peek('new')).count).toBe(1);
  });
});
