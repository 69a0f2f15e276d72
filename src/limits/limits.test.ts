import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeClock } from '../testing/clock.ts';
import { createTestSqlite, type TestDatabase } from '../testing/databases.ts';
import { createDatabaseCounter } from './counter.ts';
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
    for (let times = 1; times < Math.min(max, 100); times += 1) expect((await limits.take(name, 'd')).ok).toBe(true);
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
