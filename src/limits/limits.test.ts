import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeClock } from '../testing/clock.ts';
import { createTestSqlite, type TestDatabase } from '../testing/databases.ts';
import { Problem } from '../base/problem.ts';
import { type Counter, createDatabaseCounter } from './counter.ts';
import { createLimits, type LimitName, type Limits, limits as table } from './limits.ts';
import { takeTypedMail } from './typed-mail.ts';

let testing: TestDatabase;
let limits: Limits;
const clock = createFakeClock();
beforeAll(async () => {
  testing = await createTestSqlite();
  limits = createLimits({ counter: createDatabaseCounter({ db: testing.db, clock }) });
});
afterAll(() => testing.remove());

const names = Object.keys(table).filter((name): name is LimitName => Object.hasOwn(table, name));

/** As if so many had been taken just now. */
const use = (name: LimitName, who: string, count: number) =>
  testing.db.write((tx) =>
    tx
      .insertInto('counters')
      .values({ key: `${name}/${who}`, count, expires_at: clock.now() + table[name].windowMs })
      .execute(),
  );

describe.each(names)('%s', (name) => {
  const { max, windowMs } = table[name];

  it('allows the last and refuses the next, telling how long', async () => {
    await use(name, 'a', max - 1);
    clock.advance(1_000);
    expect((await limits.look(name, 'a')).ok).toBe(true);
    expect((await limits.take(name, 'a')).ok).toBe(true);
    expect((await limits.look(name, 'a')).ok).toBe(false);
    expect(await limits.take(name, 'a')).toEqual({ ok: false, reason: 'too-many', retryAfterMs: windowMs - 1_000 });
  });

  it('counts for each by itself', async () => {
    await use(name, 'b', max);
    expect((await limits.take(name, 'c')).ok).toBe(true);
  });

  it('allows as many in the second window, and not one more', async () => {
    await use(name, 'd', max);
    expect((await limits.take(name, 'd')).ok).toBe(false);
    clock.advance(windowMs);
    expect((await limits.look(name, 'd')).ok).toBe(true);
    expect((await limits.take(name, 'd')).ok).toBe(true);
    const more = Array.from({ length: Math.min(max, 100) - 1 }, () => limits.take(name, 'd'));
    expect((await Promise.all(more)).filter(({ ok }) => !ok)).toEqual([]);
    if (max <= 100) expect((await limits.take(name, 'd')).ok).toBe(false);
  });
});

describe('what is never refused', () => {
  it('is counted, told, and given back', async () => {
    expect(await limits.hit('sign-in-source', 'e')).toBe(1);
    expect(await limits.hit('sign-in-source', 'e')).toBe(2);
    expect(await limits.count('sign-in-source', 'e')).toBe(2);
    expect(await limits.take('sign-in-source', 'e')).toEqual({ ok: true, count: 3 });
    await limits.giveBack('sign-in-source', 'e');
    expect(await limits.count('sign-in-source', 'e')).toBe(2);
    expect(await limits.count('sign-in-identifier', 'e')).toBe(0);
    expect(await limits.look('sign-in-source', 'nobody')).toEqual({ ok: true });
  });
});

describe('a counter store beside the database', () => {
  /** One that counts, until it is away. */
  function storeOf() {
    const counts = new Map<string, number>();
    let failure: Error | undefined;
    const orAway = (key: string, by: number) => {
      if (failure) throw failure;
      counts.set(key, Math.max(0, (counts.get(key) ?? 0) + by));
      return { count: counts.get(key) ?? 0, endsInMs: 5 };
    };
    const store: Counter = {
      hit: async (key) => orAway(key, 1),
      note: async (key) => void orAway(key, 1),
      peek: async (key) => orAway(key, 0),
      hitAll: async (counted) => counted.map(({ key }) => orAway(key, 1)),
      giveBack: async (...keys) => keys.forEach((key) => orAway(key, -1)),
      clear: async () => {},
    };
    return { store, counts, fail: (error: Error) => void (failure = error) };
  }
  const inDatabase = names.filter((name) => !('valkey' in table[name]));
  const away = new Problem('busy', 'away');

  it('counts what only tells how much comes from where, and nothing that bounds guesses, mail or starts', async () => {
    const { store, counts } = storeOf();
    const both = createLimits({ counter: createDatabaseCounter({ db: testing.db, clock }), valkey: store });
    for (const name of names) {
      expect((await both.take(name, 'both')).ok).toBe(true);
      expect(await both.count(name, 'both')).toBe(1);
    }
    expect(inDatabase).toEqual(expect.arrayContaining(['recovery-start', 'code-try', 'code-wrong-site', 'mail-typed']));
    expect([...counts.keys()].toSorted()).toEqual(
      names
        .filter((name) => !inDatabase.includes(name))
        .map((name) => `${name}/both`)
        .toSorted(),
    );
    expect(await both.hit('sign-in-source', 'both')).toBe(2);
    await both.giveBack('sign-in-source', 'both');
    expect(counts.get('sign-in-source/both')).toBe(1);
  });

  it('that is away lets pages through at the price of a used-up limit, and no guess', async () => {
    const { store, fail } = storeOf();
    const both = createLimits({ counter: createDatabaseCounter({ db: testing.db, clock }), valkey: store });
    fail(away);
    for (const name of ['check-issue', 'check-plain'] as const)
      expect(await both.take(name, 'h')).toEqual({ ok: true, count: table[name].max });
    for (const name of [
      'check-answer',
      'check-answer-plain',
      'sign-in-source',
      'sign-up-start',
      'case-open',
    ] as const) {
      await expect(both.take(name, 'h')).rejects.toBe(away);
      await expect(both.hit(name, 'h')).rejects.toBe(away);
      await expect(both.look(name, 'h')).rejects.toBe(away);
      expect(await both.count(name, 'h')).toBe(table[name].max);
    }
    expect(await both.take('code-try', 'h')).toEqual({ ok: true, count: 1 });
  });

  it('with a fault hides it as little as the database hides that it is busy', async () => {
    const { store, fail } = storeOf();
    const fault = new Error('a fault of ours');
    fail(fault);
    const alone = createLimits({ counter: store });
    const both = createLimits({ counter: createDatabaseCounter({ db: testing.db, clock }), valkey: store });
    for (const counting of [both.take('check-issue', 'i'), both.count('sign-in-source', 'i')])
      await expect(counting).rejects.toBe(fault);
    fail(away);
    await expect(alone.take('check-issue', 'i')).rejects.toBe(away);
    await expect(alone.count('code-wrong-site', 'i')).rejects.toBe(away);
  });
});

describe('a mail to a typed address', () => {
  it('is one of three a day of its mailbox, and of what the site has for all', async () => {
    const take = (mailbox: string, site: string) => takeTypedMail(limits, { mailbox, site });
    for (let times = 1; times <= 3; times += 1) expect(await take('f', 'shop')).toBe(true);
    expect(await take('f', 'shop')).toBe(false);
    expect(await limits.count('mail-typed-site', 'shop')).toBe(3);
    await use('mail-typed-site', 'full', table['mail-typed-site'].max);
    expect(await take('g', 'full')).toBe(false);
  });
});
