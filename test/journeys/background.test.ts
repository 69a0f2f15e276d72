// What happens by timer goes on: past one case that cannot be worked on, and after the database's clock was set back.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOwnDirectory } from '../../src/accounts/own.ts';
import { type App, createApp } from '../../src/app.ts';
import { dayMs, hourMs, minuteMs } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { createKeys } from '../../src/base/secret.ts';
import { readSettings } from '../../src/config/read-settings.ts';
import { pileCases } from '../../src/testing/cases.ts';
import { createTestDatabase, type TestDatabase } from '../../src/testing/databases.ts';

let test: TestDatabase;
let app: App;
let now = 1_800_000_000_000;
const clock = { now: () => now };
const logged: { readonly facts: object; readonly words: string }[] = [];
const write = (facts: object, words: string) => void logged.push({ facts, words });
const settings = readSettings({
  mode: 'development',
  origin: 'http://127.0.0.1:1',
  smtp: 'smtp://127.0.0.1:1',
  keys: `test:${Buffer.alloc(32, 7).toString('base64')}`,
  siteName: 'Corner Shop',
  senderAddress: 'help@shop.example',
});
const keys = createKeys(settings.keys);

beforeAll(async () => {
  test = await createTestDatabase();
  await pileCases({ db: test.db, keys, clock }, { open: 2, decided: 0, agentId: 'elena', userId: 'cursed' });
  app = await createApp({
    settings,
    db: test.db,
    log: { info: write, warn: write, error: write },
    clock,
    random: systemRandom,
    makers: {
      directory(needs) {
        const own = createOwnDirectory(needs);
        return {
          ...own,
          async findNamed(identifier) {
            if (identifier.key === 'cursed') throw new Error('this one cannot be read');
            return own.findNamed(identifier);
          },
        };
      },
    },
  });
});
afterAll(async () => {
  await app.close();
  await test.remove();
});

const runJobs = async () => {
  for (const job of app.jobs) await job();
};
/** The first of the two is the cursed one, and the last that somebody wrote in. */
const touch = (id: string, more: object = {}) =>
  test.db.write((tx) =>
    tx
      .updateTable('cases')
      .set({ last_at: now, ...more })
      .where('id', '=', id)
      .execute(),
  );
const names = (userId: string) => ({
  identifier_sealed: keys.seal(userId),
  identifier_hash: keys.hash('identifier', 'default', 'user-id', userId),
});
const signsOf = async (subjectId: string) =>
  (
    await test.db.read
      .selectFrom('audit_events')
      .select('facts')
      .where('event', '=', 'case.signal')
      .where('subject_id', '=', subjectId)
      .execute()
  ).length;
const pressing = { words_sealed: keys.seal('Urgent! My lawyer is in a hurry.') };
const [cursed, other] = ['case-00000000', 'case-00000001'];

it('one case that cannot be looked at holds up none behind it, and is logged and counted', async () => {
  await touch(cursed);
  now += 1;
  await touch(other, { ...pressing, ...names('lucia') });
  now += 1;
  await runJobs();
  expect(await signsOf(other)).toBe(1);
  const failures = logged.filter(({ words }) => words.includes('went on with the next'));
  // Of the watch, and of those who tell whoever has the account.
  expect(failures.map(({ facts }) => facts)).toEqual(
    ['openings', 'watch'].map((job) => expect.objectContaining({ job, case: cursed, err: expect.any(Error) })),
  );
  expect(logged).toContainEqual({
    facts: { job: 'watch', failed: 1, due: 2 },
    words: expect.stringContaining('not through'),
  });
  const told = test.db.read.selectFrom('case_contacts').select('case_id').where('owners_told_at', 'is not', null);
  expect(await told.execute()).toEqual([{ case_id: other }]);
});

it('what failed is not tried each second: after a minute, and then after two', async () => {
  const failuresIn = async (ms: number) => {
    now += ms;
    logged.length = 0;
    await runJobs();
    return logged.filter(({ facts }) => 'job' in facts && facts.job === 'openings').length;
  };
  const tried = [];
  for (const ms of [1_000, 1_000, minuteMs, 1_000, minuteMs, minuteMs]) tried.push((await failuresIn(ms)) > 0);
  expect(tried).toEqual([false, false, true, false, false, true]);
});

it('after the clock was set back by a day, signs ring and what is over is deleted, at once', async () => {
  now -= dayMs - hourMs;
  await test.db.write((tx) => tx.deleteFrom('counters').execute());
  await test.db.write((tx) =>
    tx
      .insertInto('counters')
      .values({ key: 'over', count: 1, expires_at: now - minuteMs })
      .execute(),
  );
  await touch(other);
  await runJobs();
  expect(await signsOf(other)).toBe(2);
  const left = await test.db.read.selectFrom('counters').select('key').execute();
  expect(left.map(({ key }) => key)).not.toContain('over');
});
