// The two one-time things of the human check, sixteen at once: the answer to a challenge, and the spending of a pass.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/base/random.ts';
import { createKeys } from '../../src/base/secret.ts';
import { createHumanCheck, type HumanCheck } from '../../src/human-check/check.ts';
import { plainWaitMs } from '../../src/human-check/ladder.ts';
import { createDatabaseCounter } from '../../src/limits/counter.ts';
import { createLimits } from '../../src/limits/limits.ts';
import { createFakeClock } from '../../src/testing/clock.ts';
import type { TestDatabase } from '../../src/testing/databases.ts';
import { atOnce, engines } from '../engines.ts';

describe.each(engines)('the human check on $engine', ({ createDatabase }) => {
  const clock = createFakeClock();
  let testing: TestDatabase;
  let check: HumanCheck;

  beforeAll(async () => {
    testing = await createDatabase();
    const { db } = testing;
    const keys = createKeys([{ id: 'a', secret: Buffer.alloc(32, 3) }]);
    const limits = createLimits({ counter: createDatabaseCounter({ db, clock }), clock });
    const common = { db, keys, clock, random: systemRandom, limits };
    check = createHumanCheck({ ...common, site: 'default', isOff: false, alwaysLetters: false });
  });
  afterAll(() => testing.remove());

  it('one challenge answered sixteen times at once passes once, and is spent once by sixteen at once', async () => {
    for (let round = 0; round < 10; round += 1) {
      const asker = { handle: `handle-${round}`, purpose: 'recovery', source: `source-${round}` } as const;
      const begun = await check.issuePlainWait(asker);
      if (!begun.ok) throw new Error(begun.reason);
      clock.advance(plainWaitMs);
      const { challenge } = begun.task;

      const answered = await atOnce(16, () => check.answer(asker, { challenge, mode: 'wait' }));
      expect(answered.filter((each) => each.ok && each.judged.outcome === 'passed')).toHaveLength(1);
      const spent = await atOnce(16, () => testing.db.write((tx) => check.spend(tx, asker, 0)));
      expect(spent.filter(({ ok }) => ok)).toHaveLength(1);
      const rows = await testing.db.read
        .selectFrom('human_checks')
        .select('verdict')
        .where('created_at', '=', clock.now())
        .execute();
      expect(rows).toEqual([{ verdict: 'passed' }]);
    }
  });
});
