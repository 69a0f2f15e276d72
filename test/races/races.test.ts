// The three primitives that all one-time and counting semantics rest on, sixteen at once on both engines: a *hit* counts
// sixteen, a *spend* and a *move* have one winner. SQLite, with its one writer, would hide a read before the write.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hourMs } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { createKeys } from '../../src/base/secret.ts';
import { createHumanCheck } from '../../src/human-check/check.ts';
import { createDatabaseCounter } from '../../src/limits/counter.ts';
import { createLimits, limits as table } from '../../src/limits/limits.ts';
import { maxTries } from '../../src/recovery/policy.ts';
import { insertRecovery, moveRecovery, type Recovery, takeTry } from '../../src/recovery/recovery-rows.ts';
import type { TestDatabase } from '../../src/testing/databases.ts';
import { atOnce, engines, warmUp } from '../engines.ts';

const now = 1_800_000_000_000;
const clock = { now: () => now };
const keys = createKeys([{ id: 'a', secret: Buffer.alloc(32, 1) }]);

const recovery: Recovery = {
  id: 'recovery',
  site: 'default',
  handle_hash: 'handle',
  step: 'code',
  version: 1,
  identifier_sealed: '',
  identifier_hash: '',
  mailbox_hash: '',
  address_id: null,
  account_id: null,
  locale: 'en',
  return_to: null,
  tries: 0,
  mails_asked: 0,
  mails_asked_since: now,
  mail_asked_at: null,
  code_generation: 1,
  code_digits: 8,
  code_random: null,
  code_key_id: null,
  code_expires_at: null,
  proven_at: null,
  proof: null,
  password_until: null,
  end_reason: null,
  created_at: now,
  expires_at: now + hourMs,
  ended_at: null,
};

describe.each(engines)('sixteen at once on $engine', ({ createDatabase }) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createDatabase();
    await warmUp(test.db);
  });
  afterAll(() => test.remove());

  it('a read before the write has several winners on PostgreSQL: these tests can see it', async () => {
    await test.db.write((tx) => tx.insertInto('leases').values({ name: 'a', holder: '', expires_at: 0 }).execute());
    const won = await atOnce(16, () =>
      test.db.write(async (tx) => {
        const row = await tx.selectFrom('leases').select('holder').where('name', '=', 'a').executeTakeFirst();
        await tx.updateTable('leases').set({ holder: 'taken' }).where('name', '=', 'a').execute();
        return row?.holder === '';
      }),
    );
    const winners = won.filter(Boolean).length;
    if (test.db.engine === 'postgres') expect(winners).toBeGreaterThan(1);
    else expect(winners).toBe(1);
  });

  it('hit: exactly as many pass a limit as it allows', async () => {
    const limits = createLimits({ counter: createDatabaseCounter({ db: test.db, clock }), clock });
    const { max } = table['case-open'];
    const outcomes = await atOnce(16, () => limits.take('case-open', 'network'));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(max);
  });

  it('spend: a passed human check lets one of them through', async () => {
    const limits = createLimits({ counter: createDatabaseCounter({ db: test.db, clock }), clock });
    const check = createHumanCheck({
      db: test.db,
      keys,
      clock,
      random: systemRandom,
      limits,
      site: 'default',
      isOff: false,
      alwaysLetters: false,
    });
    await test.db.write((tx) =>
      tx
        .insertInto('human_checks')
        .values({
          id: 'check',
          site: 'default',
          handle_hash: keys.hash('check-handle', 'browser'),
          purpose: 'recovery',
          verdict: 'passed',
          level: 1,
          mode: 'drag',
          score: 0,
          reasons: '[]',
          policy: '1',
          created_at: now,
          expires_at: now + hourMs,
          spent_at: null,
        })
        .execute(),
    );
    const outcomes = await atOnce(16, () =>
      test.db.write((tx) => check.spend(tx, { handle: 'browser', purpose: 'recovery' }, 1)),
    );
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(outcomes.filter((outcome) => !outcome.ok && outcome.reason === 'check-missing')).toHaveLength(15);
  });

  it('move: one of them takes a recovery to its next step', async () => {
    await test.db.write((tx) => insertRecovery(tx, { ...recovery, id: 'moved', handle_hash: 'moved' }));
    const from = { ...recovery, id: 'moved' };
    const moved = await atOnce(16, (index) =>
      test.db.write((tx) => moveRecovery(tx, from, { step: 'password', proof: String(index) })),
    );
    const winners = moved.filter((row) => row !== undefined);
    expect(winners).toHaveLength(1);
    const stored = await test.db.read
      .selectFrom('recoveries')
      .selectAll()
      .where('id', '=', 'moved')
      .executeTakeFirstOrThrow();
    expect(stored).toEqual(winners[0]);
    expect(stored.version).toBe(2);
  });

  it('take: a recovery gives out its tries and no more', async () => {
    await test.db.write((tx) => insertRecovery(tx, { ...recovery, id: 'tried', handle_hash: 'tried' }));
    const taken = await atOnce(16, () => test.db.write((tx) => takeTry(tx, 'tried')));
    expect(taken.filter((row) => row !== undefined)).toHaveLength(maxTries);
  });
});
