// The one-time things of the human check, sixteen at once: the answer to a challenge, a drag under many challenges, and the
// spending of a pass.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doubleSpend } from '../../bench/human-check/double-spend.ts';
import { secondMs } from '../../src/base/clock.ts';
import { type Random, systemRandom } from '../../src/base/random.ts';
import { createKeys } from '../../src/base/secret.ts';
import { createHumanCheck, type HumanCheck } from '../../src/human-check/check.ts';
import { derive } from '../../src/human-check/proof-of-work.ts';
import { createDatabaseCounter } from '../../src/limits/counter.ts';
import { createLimits } from '../../src/limits/limits.ts';
import { createFakeClock } from '../../src/testing/clock.ts';
import type { TestDatabase } from '../../src/testing/databases.ts';
import { handDrag } from '../../src/testing/hand-drag.ts';
import { atOnce, engines } from '../engines.ts';

/** The counter of the work is drawn from four bytes: always the first that is tried. */
const random: Random = { bytes: (length) => (length === 4 ? Buffer.alloc(4) : systemRandom.bytes(length)) };

describe.each(engines)('the human check on $engine', ({ createDatabase }) => {
  const clock = createFakeClock();
  let testing: TestDatabase;
  let check: HumanCheck;

  beforeAll(async () => {
    testing = await createDatabase();
    const { db } = testing;
    const keys = createKeys([{ id: 'a', secret: Buffer.alloc(32, 3) }]);
    const limits = createLimits({ counter: createDatabaseCounter({ db, clock }), clock });
    const common = { db, keys, clock, random, limits };
    check = createHumanCheck({ ...common, site: 'default', mode: 'on', alwaysLetters: false });
  });
  afterAll(() => testing.remove());

  it('one answer posted by fifty at once to two nodes passes once, and is spent once by fifty: in every round', async () => {
    const rounds = 4;
    expect(await doubleSpend(testing, rounds)).toEqual({ rounds, passedOnce: rounds, spentOnce: rounds });
    const rows = await testing.db.read
      .selectFrom('human_checks')
      .select('verdict')
      .where('site', '=', 'bench')
      .execute();
    expect(rows).toEqual(Array.from({ length: rounds }, () => ({ verdict: 'passed' })));
  });

  it('one drag sent sixteen times at once under sixteen challenges passes once', async () => {
    for (let round = 0; round < 3; round += 1) {
      const hand = handDrag();
      const asked = await atOnce(16, async (index) => {
        const asker = {
          handle: `slider-${round}-${index}`,
          purpose: 'recovery',
          source: `net-${round}-${index}`,
        } as const;
        const issued = await check.issue(asker, 'slide');
        if (!issued.ok) throw new Error(issued.reason);
        return { asker, ...issued.task };
      });
      clock.advance(secondMs);
      const answers = asked.map(async ({ asker, challenge, work, travelPx = 0 }) => {
        const trace = [...hand.trace.slice(0, -3), travelPx, ...hand.trace.slice(-2)];
        const done = work && derive(work.nonce, 0);
        const given = await check.answer(asker, { challenge, mode: 'drag', work: done, drag: { ...hand, trace } });
        return given.ok ? given.judged.outcome : given.reason;
      });
      expect((await Promise.all(answers)).toSorted()).toEqual([
        ...Array.from({ length: 15 }, () => 'letters'),
        'passed',
      ]);
    }
  });
});
