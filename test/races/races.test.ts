// The three primitives that all one-time and counting semantics rest on, sixteen at once on both engines: a *hit* counts
// sixteen, a *spend* and a *move* have one winner. SQLite, with its one writer, would hide a read before the write.
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hourMs } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { createKeys } from '../../src/base/secret.ts';
import { createHumanCheck } from '../../src/human-check/check.ts';
import { createDatabaseCounter } from '../../src/limits/counter.ts';
import { createLimits, limits as table } from '../../src/limits/limits.ts';
import { maxTries } from '../../src/proofs/email-code.ts';
import type { Transaction } from '../../src/database/database.ts';
import {
  countCode,
  endOtherRecoveries,
  holdForMail,
  insertMailedCode,
  insertRecovery,
  moveRecovery,
  type Recovery,
  silence,
  takeTry,
} from '../../src/recovery/recovery-rows.ts';
import { createTestPostgres, type TestDatabase } from '../../src/testing/databases.ts';
import { askFor } from '../ask.ts';
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
  password_until: null,
  end_reason: null,
  check_mode: null,
  check_score: null,
  check_policy: null,
  release_id: null,
  created_at: now,
  expires_at: now + hourMs,
  ended_at: null,
};

const mailedFor = (id: string) => ({
  id,
  site: 'default',
  recovery_id: id,
  generation: 1,
  mailbox_hash: id,
  code_hash: '',
  key_id: 'a',
  continue_hash: `continue ${id}`,
  stop_hash: `stop ${id}`,
  link_tries: 0,
  link_expires_at: now + hourMs,
  created_at: now,
  typing_ended_at: null,
  ended_at: null,
});

const mailboxOf = (hash: string) => ({
  mailbox_hash: hash,
  site: 'default',
  version: 0,
  sent_at: '[]',
  silent_until: 0,
  wrong_in_a_row: 0,
  used_at: 0,
});

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
    const limits = createLimits({ counter: createDatabaseCounter({ db: test.db, clock }) });
    const { max } = table['case-open'];
    const outcomes = await atOnce(16, () => limits.take('case-open', 'network'));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(max);
  });

  it('spend: a passed human check lets one of them through', async () => {
    const limits = createLimits({ counter: createDatabaseCounter({ db: test.db, clock }) });
    const check = createHumanCheck({
      db: test.db,
      keys,
      clock,
      random: systemRandom,
      limits,
      site: 'default',
      mode: 'on',
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
    const from = { ...recovery, id: 'moved', handle_hash: 'moved' };
    await test.db.write((tx) => insertRecovery(tx, from));
    const moved = await atOnce(16, (index) =>
      test.db.write((tx) => moveRecovery(tx, from, { step: 'password', account_id: String(index) })),
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
    const read = { ...recovery, id: 'tried', handle_hash: 'tried' };
    await test.db.write((tx) => insertRecovery(tx, read));
    const taken = await atOnce(16, () => test.db.write((tx) => takeTry(tx, read)));
    const gotOne = taken.filter((row) => row !== undefined).toSorted((a, b) => a.tries - b.tries);
    // Whoever comes after another sees the recovery as that one left it.
    expect(gotOne).toEqual(Array.from({ length: maxTries }, (_, at) => ({ ...read, tries: at + 1, version: at + 2 })));
  });

  it('count: none of the codes of one mailbox that come at once passes the ceiling', async () => {
    await test.db.write(async (tx) => {
      await insertRecovery(tx, { ...recovery, id: 'counted', handle_hash: 'counted', mailbox_hash: 'counted' });
      await insertMailedCode(tx, mailedFor('counted'));
      await tx.insertInto('mailboxes').values(mailboxOf('counted')).execute();
    });
    const from = { ...recovery, id: 'counted', mailbox_hash: 'counted' };
    const wrongInARow = () =>
      test.db.read.selectFrom('mailboxes').select('wrong_in_a_row').where('mailbox_hash', '=', 'counted').execute();
    const enter = (code: 'mailed' | 'other') => test.db.write((tx) => countCode(tx, from, code));
    for (let round = 1; round <= 6; round += 1) expect(await atOnce(16, () => enter('other'))).not.toContain(true);
    expect(await wrongInARow()).toEqual([{ wrong_in_a_row: 96 }]);
    // The last four below it may be right, and the first of those begins the count anew.
    expect(await atOnce(3, () => enter('other'))).not.toContain(true);
    expect(await enter('mailed')).toBe(true);
    expect(await wrongInARow()).toEqual([{ wrong_in_a_row: 0 }]);
    for (let round = 1; round <= 6; round += 1) await atOnce(16, () => enter('other'));
    await atOnce(4, () => enter('other'));
    expect(await atOnce(16, () => enter('mailed'))).not.toContain(true);
    expect(await wrongInARow()).toEqual([{ wrong_in_a_row: 116 }]);
  });
});

// Nothing of this can happen with SQLite's one writer. The first transaction stays open until the second waits for it.
describe('on PostgreSQL, what began before the end of everything older', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestPostgres(await askFor('postgres'));
  });
  afterAll(() => test.remove());

  const isSomeoneWaiting = async (): Promise<boolean> => {
    const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(test.db.read);
    return (rows[0]?.count ?? 0) > 0;
  };

  /** `first` has made its statements when `second` begins, and commits as soon as that one waits, or is through. */
  async function meet(first: (tx: Transaction) => Promise<unknown>, second: (tx: Transaction) => Promise<unknown>) {
    let begun = () => {};
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const other = { isThrough: false };
    const one = test.db.write(async (tx) => {
      await first(tx);
      begun();
      while (!other.isThrough && !(await isSomeoneWaiting()));
    });
    await hasBegun;
    await test.db.write(second);
    other.isThrough = true;
    await one;
  }

  const owned = (id: string): Recovery => ({ ...recovery, id, handle_hash: id, account_id: id, address_id: id });
  const endAll = (tx: Transaction, accountId: string) =>
    endOtherRecoveries(tx, { accountId, mailboxHashes: [accountId], keptId: 'the one kept' }, now);
  const mailedCode = (id: string) =>
    test.db.read.selectFrom('mailed_codes').selectAll().where('id', '=', id).executeTakeFirst();

  it('a code being proven does not outlive a reset', async () => {
    await test.db.write((tx) => insertRecovery(tx, owned('proven')));
    await meet(
      async (tx) => {
        const tried = await takeTry(tx, owned('proven'));
        if (tried) await moveRecovery(tx, tried, { step: 'password' });
      },
      async (tx) => {
        for (const proven of await endAll(tx, 'proven')) await moveRecovery(tx, proven, { step: 'over' });
      },
    );
    const { step } = await test.db.read
      .selectFrom('recoveries')
      .select('step')
      .where('id', '=', 'proven')
      .executeTakeFirstOrThrow();
    expect(step).toBe('over');
  });

  it('a mail being made does not outlive a reset', async () => {
    await test.db.write((tx) => insertRecovery(tx, owned('mailed')));
    await meet(
      async (tx) => {
        if (await holdForMail(tx, owned('mailed'))) await insertMailedCode(tx, mailedFor('mailed'));
      },
      (tx) => endAll(tx, 'mailed'),
    );
    expect(await mailedCode('mailed')).toMatchObject({ ended_at: now });
  });

  it('a mail is not made while a reset runs', async () => {
    await test.db.write((tx) => insertRecovery(tx, owned('reset')));
    await meet(
      (tx) => endAll(tx, 'reset'),
      async (tx) => {
        if (await holdForMail(tx, owned('reset'))) await insertMailedCode(tx, mailedFor('reset'));
      },
    );
    expect(await mailedCode('reset')).toBeUndefined();
  });

  it('a mail being made can no longer be typed once its mailbox is silent', async () => {
    await test.db.write(async (tx) => {
      await insertRecovery(tx, owned('box'));
      await tx.insertInto('mailboxes').values(mailboxOf('box')).execute();
    });
    await meet(
      async (tx) => {
        await tx.updateTable('mailboxes').set({ version: 1 }).where('mailbox_hash', '=', 'box').execute();
        await insertMailedCode(tx, mailedFor('box'));
      },
      (tx) => silence(tx, { mailboxHash: 'box', accountId: null }, { now, until: now + hourMs }),
    );
    expect(await mailedCode('box')).toMatchObject({ typing_ended_at: now });
  });
});
