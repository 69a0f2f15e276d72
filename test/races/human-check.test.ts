// The one-time things of the human check, sixteen at once: the answer to a challenge, a drag or a provider's token under many
// challenges, and the spending of a pass.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doubleSpend } from '../../bench/human-check/double-spend.ts';
import { secondMs } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { type Random, systemRandom } from '../../src/base/random.ts';
import { createKeys } from '../../src/base/secret.ts';
import { createHumanCheck, type HumanCheck } from '../../src/human-check/check.ts';
import { createSiteverify } from '../../src/human-check/siteverify.ts';
import { derive } from '../../src/human-check/proof-of-work.ts';
import { createDatabaseCounter } from '../../src/limits/counter.ts';
import { createLimits } from '../../src/limits/limits.ts';
import { createFakeClock } from '../../src/testing/clock.ts';
import type { TestDatabase } from '../../src/testing/databases.ts';
import { handDrag } from '../../src/testing/hand-drag.ts';
import { type StandInProvider, startProvider } from '../../src/testing/provider.ts';
import { atOnce, engines } from '../engines.ts';

/** The counter of the work is drawn from four bytes: always the first that is tried. */
const random: Random = { bytes: (length) => (length === 4 ? Buffer.alloc(4) : systemRandom.bytes(length)) };

describe.each(engines)('the human check on $engine', ({ createDatabase }) => {
  const clock = createFakeClock();
  let testing: TestDatabase;
  let check: HumanCheck;
  let providedCheck: HumanCheck;
  let provider: StandInProvider;

  beforeAll(async () => {
    testing = await createDatabase();
    const { db } = testing;
    const keys = createKeys([{ id: 'a', secret: Buffer.alloc(32, 3) }]);
    const limits = createLimits({ counter: createDatabaseCounter({ db, clock }) });
    const common = { db, keys, clock, random, limits };
    provider = await startProvider(clock);
    const { secret, siteKey, url: standIn } = provider;
    const log = createLog('silent');
    const service = createSiteverify({ name: 'hcaptcha', siteKey, secret, hostname: 'a.example', clock, log, standIn });
    const rest = { site: 'default', mode: 'on', alwaysLetters: false } as const;
    check = createHumanCheck({ ...common, ...rest });
    providedCheck = createHumanCheck({ ...common, ...rest, provided: { provider: service, hasSlide: true } });
  });
  afterAll(async () => {
    await provider.close();
    await testing.remove();
  });

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
      // So many challenges of one network cost more than the first ones.
      clock.advance(2 * secondMs);
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

  it('one token sent sixteen times at once passes once, under one challenge or many, though the provider says yes to all', async () => {
    const answer = { success: true, hostname: 'a.example', challenge_ts: new Date(clock.now()).toISOString() };
    provider.misbehave((response) => void response.end(JSON.stringify(answer)));
    for (const browsers of [1, 16]) {
      const asked = await atOnce(browsers, async (index) => {
        const asker = { handle: `given-${browsers}-${index}`, purpose: 'case', source: `given-${browsers}` } as const;
        const issued = await providedCheck.issue(asker);
        if (!issued.ok) throw new Error(issued.reason);
        return { asker, challenge: issued.task.challenge };
      });
      const outcomes = await atOnce(16, async (index) => {
        const own = asked[index % browsers];
        if (!own) throw new Error('no challenge');
        const token = `token-${browsers}`;
        const given = await providedCheck.answer(own.asker, { challenge: own.challenge, mode: 'provider', token });
        return given.ok ? given.judged.outcome : given.reason;
      });
      expect(outcomes.filter((outcome) => outcome === 'passed')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'again')).toHaveLength(15);
    }
  });
});
