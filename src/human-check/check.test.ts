import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayMs, minuteMs } from '../base/clock.ts';
import { type Random, systemRandom } from '../base/random.ts';
import { createKeys } from '../base/secret.ts';
import { createDatabaseCounter } from '../limits/counter.ts';
import { createLimits, limits as table } from '../limits/limits.ts';
import { handDrag } from '../testing/hand-drag.ts';
import { createTestSqlite, type TestDatabase } from '../testing/databases.ts';
import { challengeLifeMs, type Purpose } from './challenge.ts';
import { type Answer, createHumanCheck, type Judged, type Task } from './check.ts';
import { digitsOf } from './digits.ts';
import { lettersOf } from './letters.ts';
import { derive } from './proof-of-work.ts';
import { type Drag, slidePolicy } from './slider.ts';

let testing: TestDatabase;
beforeAll(async () => {
  testing = await createTestSqlite();
});
afterAll(() => testing.remove());

/** The counter of the work is drawn from four bytes: the second that is tried, so that the work is done, and soon. */
const random: Random = { bytes: (length) => (length === 4 ? Buffer.from([0, 0, 0, 1]) : systemRandom.bytes(length)) };

let browsers = 0;

const older = { id: 'a', secret: Buffer.alloc(32, 3) };
const newer = { id: 'b', secret: Buffer.alloc(32, 4) };

interface Manner {
  readonly mode?: 'on' | 'off' | 'full';
  readonly alwaysLetters?: boolean;
  readonly site?: string;
}

/** A check, and a browser with a handle and a network of its own. */
function setUp({ mode = 'on', alwaysLetters = false, site = 'default' }: Manner = {}) {
  const clock = {
    at: 1_800_000_000_000 + browsers * dayMs,
    now: () => clock.at,
    advance: (ms: number) => {
      clock.at += ms;
    },
  };
  browsers += 1;
  const { db } = testing;
  const keys = createKeys([older]);
  const limits = createLimits({ counter: createDatabaseCounter({ db, clock }) });
  const common = { db, clock, random, limits, site, mode, alwaysLetters };
  const check = createHumanCheck({ ...common, keys });
  /** The same after a change of keys. */
  const rekeyed = createHumanCheck({ ...common, keys: createKeys([newer, older]) });
  const asker = { handle: `handle-${browsers}`, purpose: 'recovery' as Purpose, source: `source-${browsers}` };

  const issue = async (kind: 'slide' | 'letters' | 'wait' = 'slide'): Promise<Task> => {
    const issued = await check.issue(asker, kind);
    if (!issued.ok) throw new Error(issued.reason);
    return issued.task;
  };
  const answer = async (given: Answer, as = asker): Promise<Judged> => {
    const answered = await check.answer(as, given);
    if (!answered.ok) throw new Error(answered.reason);
    return answered.judged;
  };
  /** Waits as long as the task asks, works, and answers. */
  const drag = async (task: Task, more: Partial<Drag> = {}) => {
    clock.advance(task.waitMs);
    return answer(dragAnswer(task, more));
  };
  /** A slide without its work: wrong, and quickly so. */
  const failSlide = async () => {
    const { challenge, waitMs } = await issue();
    clock.advance(waitMs);
    return answer({ challenge, mode: 'drag' });
  };
  const letters = async (task: Task, typed = rightLetters(task)) => {
    clock.advance(task.waitMs);
    return answer({ challenge: task.challenge, mode: 'letters', letters: typed });
  };
  const rightLetters = ({ challenge }: Task) =>
    lettersOf(keys.derive('letters') ?? Buffer.alloc(0), nonceOf(challenge));
  const spend = (level: 0 | 1 | 2 | 3 = 0, as = asker) => db.write((tx) => check.spend(tx, as, level));
  /** Takes so many of what its network has, without the work that each stands for. */
  const use = (limit: 'check-plain' | 'check-answer-plain', count: number) =>
    Promise.all(Array.from({ length: count }, () => limits.take(limit, asker.source)));
  return { check, rekeyed, clock, asker, db, issue, answer, drag, failSlide, letters, rightLetters, spend, use };
}

const nonceOf = (challenge: string): string => {
  const payload: unknown = JSON.parse(Buffer.from(challenge.split('.')[0] ?? '', 'base64url').toString());
  return typeof payload === 'object' && payload && 'nonce' in payload ? String(payload.nonce) : '';
};

function workOf({ work }: Task): string | undefined {
  if (!work) return undefined;
  for (let counter = 0; counter < work.upTo; counter += 1) {
    const found = derive(work.nonce, counter);
    if (found.startsWith(work.prefix)) return found;
  }
  return undefined;
}

function dragAnswer(task: Task, more: Partial<Drag> = {}): Answer {
  const drag = { ...handDrag(task.travelPx), ...more };
  return { challenge: task.challenge, mode: 'drag', work: workOf(task), drag };
}

const short = { trace: [10, 0, 100] };

describe('a right slide', () => {
  it('passes, and what it guards spends it once', async () => {
    const { issue, drag, spend } = setUp();
    expect(await drag(await issue())).toEqual({ outcome: 'passed' });
    expect((await spend()).ok).toBe(true);
    expect(await spend()).toEqual({ ok: false, reason: 'check-missing' });
  });

  it('is spent by one of sixteen at once', async () => {
    const { issue, drag, spend } = setUp();
    await drag(await issue());
    const spent = await Promise.all(Array.from({ length: 16 }, () => spend()));
    expect(spent.filter(({ ok }) => ok)).toHaveLength(1);
  });

  it('passes once when it is sent sixteen times at once', async () => {
    const { issue, answer, clock, spend } = setUp();
    const task = await issue();
    clock.advance(task.waitMs);
    const given = dragAnswer(task);
    const judged = await Promise.all(Array.from({ length: 16 }, () => answer(given)));
    expect(judged.filter(({ outcome }) => outcome === 'passed')).toHaveLength(1);
    expect([(await spend()).ok, (await spend()).ok]).toEqual([true, false]);
  });

  it('counts for a day, as a slow person fills the form in, and not longer', async () => {
    const { issue, drag, spend, clock } = setUp();
    await drag(await issue());
    clock.advance(dayMs);
    expect((await spend()).ok).toBe(false);
    await drag(await issue());
    clock.advance(dayMs - 1);
    expect((await spend()).ok).toBe(true);
  });

  it('counts for its own browser and its own purpose alone', async () => {
    const { issue, drag, spend, asker } = setUp();
    await drag(await issue());
    expect((await spend(0, { ...asker, handle: 'another' })).ok).toBe(false);
    expect((await spend(0, { ...asker, purpose: 'sign-up' })).ok).toBe(false);
    expect((await spend()).ok).toBe(true);
  });

  it('is not asked for again while it counts', async () => {
    const { issue, drag, check, asker } = setUp();
    expect((await check.view(asker)).state).toBe('slide');
    await drag(await issue());
    expect((await check.view(asker)).state).toBe('passed');
  });
});

describe('a challenge', () => {
  it('is refused before its time and may be answered later', async () => {
    const { issue, answer, clock } = setUp();
    const task = await issue();
    clock.advance(task.waitMs - 1);
    expect(await answer(dragAnswer(task))).toMatchObject({ outcome: 'again', why: 'early' });
    clock.advance(1);
    expect(await answer(dragAnswer(task))).toEqual({ outcome: 'passed' });
  });

  it('is replaced when it is too old, and no failure is counted', async () => {
    const { issue, drag, clock, answer } = setUp();
    const task = await issue();
    clock.advance(challengeLifeMs);
    expect(await answer(dragAnswer(task))).toMatchObject({ outcome: 'again', why: 'late' });
    expect(await drag(await issue(), short)).toMatchObject({ outcome: 'again', why: 'wrong' });
  });

  it('has one answer, wrong or right', async () => {
    const { issue, drag, answer, spend } = setUp();
    const task = await issue();
    expect(await drag(task, short)).toMatchObject({ outcome: 'again', why: 'wrong' });
    expect(await answer(dragAnswer(task))).toMatchObject({ outcome: 'again', why: 'late' });
    expect((await spend()).ok).toBe(false);
  });

  it('is refused from another browser and for another purpose', async () => {
    const { issue, answer, clock, asker } = setUp();
    const task = await issue();
    clock.advance(task.waitMs);
    expect(await answer(dragAnswer(task), { ...asker, handle: 'another' })).toMatchObject({ outcome: 'again' });
    expect(await answer(dragAnswer(task), { ...asker, purpose: 'case' })).toMatchObject({ outcome: 'again' });
    expect(await answer(dragAnswer(task))).toEqual({ outcome: 'passed' });
  });

  it('is not passed without its work', async () => {
    const { issue, answer, clock } = setUp();
    const task = await issue();
    clock.advance(task.waitMs);
    expect(await answer({ ...dragAnswer(task), work: '0'.repeat(64) })).toMatchObject({
      outcome: 'again',
      why: 'wrong',
    });
  });

  it('is answered in its own way: letters by letters, a wait by waiting', async () => {
    const { issue, answer, clock } = setUp();
    const task = await issue('letters');
    clock.advance(task.waitMs);
    await expect(answer({ challenge: task.challenge, mode: 'wait' })).rejects.toThrow('bad-request');
    await expect(answer(dragAnswer(task))).rejects.toThrow('bad-request');
  });
});

describe('a drag that was accepted', () => {
  /** Sent again under a challenge of another browser in another network, its end fitted to the track. */
  async function replay({ clock, asker, check }: ReturnType<typeof setUp>, drag: Drag, by = check) {
    const other = { ...asker, handle: `${asker.handle}/replay`, source: `${asker.source}/replay` };
    const issued = await by.issue(other, 'slide');
    if (!issued.ok) throw new Error(issued.reason);
    const { task } = issued;
    clock.advance(task.waitMs);
    const trace = [...drag.trace.slice(0, -3), task.travelPx ?? 0, ...drag.trace.slice(-2)];
    const given = { ...dragAnswer(task), drag: { ...drag, trace } };
    const answered = await by.answer(other, given);
    if (!answered.ok) throw new Error(answered.reason);
    return answered.judged;
  }
  const shift = (drag: Drag, by: readonly [number, number, number]): Drag => ({
    ...drag,
    trace: drag.trace.map((value, at) => value + (by[at % 3] ?? 0)),
  });

  it('leads to letters when it comes again, exact, moved or later, for a day, also after a change of keys', async () => {
    const the = setUp();
    const { issue, drag, clock, rekeyed, db } = the;
    const hand = handDrag();
    const slide = async () => {
      const task = await issue();
      return drag(task, { trace: [...hand.trace.slice(0, -3), task.travelPx ?? 0, ...hand.trace.slice(-2)] });
    };
    expect(await slide()).toEqual({ outcome: 'passed' });
    for (const copy of [hand, shift(hand, [2, 0, 0]), shift(hand, [0, -3.5, 0]), shift(hand, [0, 0, 812.34])])
      expect(await replay(the, copy)).toMatchObject({ outcome: 'letters' });
    clock.advance(dayMs - 10 * minuteMs);
    expect(await replay(the, hand, rekeyed)).toMatchObject({ outcome: 'letters' });
    const replayed = await db.read.selectFrom('human_checks').select('reasons').where('score', '=', 5).execute();
    expect(replayed).toContainEqual({ reasons: '["replayed"]' });
    // Its time is rounded up to the hour.
    clock.advance(70 * minuteMs);
    expect(await replay(the, hand)).toEqual({ outcome: 'passed' });
    expect(await replay(the, hand)).toMatchObject({ outcome: 'letters' });
  });

  it('is not known again when it was refused, and another hand never meets it', async () => {
    const the = setUp();
    const hand = handDrag();
    const { challenge, waitMs, travelPx = 0 } = await the.issue();
    the.clock.advance(waitMs);
    const trace = [...hand.trace.slice(0, -3), travelPx, ...hand.trace.slice(-2)];
    expect(await the.answer({ challenge, mode: 'drag', drag: { ...hand, trace } })).toMatchObject({ why: 'wrong' });
    expect(await replay(the, hand)).toEqual({ outcome: 'passed' });
    for (let times = 0; times < 20; times += 1) expect(await replay(the, handDrag())).toEqual({ outcome: 'passed' });
  });

  it('costs what a click does where it tells too little to know it again', async () => {
    const the = setUp();
    const way = [10, 60, 110, 160, 171, 172, 173, 175, 177, 179, 181, 183, 184];
    const trace = way.flatMap((x, at) => [x, (at * 7) % 5, 40 + 31 * at + ((at * 13) % 7)]);
    for (let times = 0; times < 2; times += 1)
      expect(await replay(the, { ...handDrag(), trace })).toMatchObject({ outcome: 'wait', task: { kind: 'wait' } });
  });

  it('is kept as a keyed hash and an hour, and that goes when the day is over', async () => {
    const { issue, drag, db, clock, check } = setUp();
    clock.advance(100 * dayMs);
    await check.forgetExpired();
    await drag(await issue());
    const rows = await db.read.selectFrom('slide_sketches').selectAll().execute();
    const expires_at = clock.now() + dayMs + 60 * minuteMs - (clock.now() % (60 * minuteMs));
    expect(rows).toEqual([{ sketch_hash: expect.stringMatching(/^a\.[\w-]{43}$/), site: 'default', expires_at }]);
    clock.advance(dayMs + 60 * minuteMs);
    await check.forgetExpired();
    expect(await db.read.selectFrom('slide_sketches').selectAll().execute()).toEqual([]);
  });
});

describe('the letters', () => {
  it('come after two failed slides, the other ways first; right ones stand for any level', async () => {
    const { failSlide, letters, spend } = setUp();
    expect(await failSlide()).toMatchObject({ outcome: 'again' });
    const judged = await failSlide();
    if (judged.outcome !== 'letters') throw new Error(judged.outcome);
    expect(judged.isStuck).toBe(true);
    expect(await letters(judged.task)).toEqual({ outcome: 'passed' });
    expect((await spend(3)).ok).toBe(true);
  });

  it('wrong, they bring a new picture; after two failures the other ways are offered first', async () => {
    const { issue, letters, check, asker } = setUp();
    let task = await issue('letters');
    for (const isStuck of [false, true, true]) {
      const judged = await letters(task, 'AAAAB');
      if (judged.outcome !== 'letters') throw new Error(judged.outcome);
      expect(judged.isStuck).toBe(isStuck);
      expect(judged.task.challenge).not.toBe(task.challenge);
      task = judged.task;
    }
    expect((await check.view(asker)).isStuck).toBe(true);
  });

  it('come after every slide with the switch, and not after keyboard or click', async () => {
    const { issue, drag, answer, clock } = setUp({ alwaysLetters: true });
    expect(await drag(await issue())).toMatchObject({ outcome: 'letters', isStuck: false });
    const task = await issue();
    clock.advance(task.waitMs);
    expect(await answer({ challenge: task.challenge, mode: 'click', work: workOf(task) })).toMatchObject({
      outcome: 'wait',
    });
  });

  it('are drawn for their own browser alone, until they are too old', async () => {
    const { issue, check, asker, clock } = setUp();
    const { challenge } = await issue('letters');
    const pngOf = async (as = asker, token = challenge) => {
      const drawn = await check.picture(as, token);
      return drawn.ok ? drawn.png?.subarray(1, 4).toString() : drawn.reason;
    };
    expect(await pngOf()).toBe('PNG');
    expect(await pngOf({ ...asker, handle: 'another' })).toBeUndefined();
    expect(await pngOf(asker, (await issue()).challenge)).toBeUndefined();
    clock.advance(challengeLifeMs);
    expect(await pngOf()).toBeUndefined();
  });

  it('can be answered by the digits that are read out, also in groups, and by no others', async () => {
    const { issue, letters, check, asker } = setUp();
    const heard = ({ challenge }: Task) =>
      digitsOf(
        createKeys([{ id: 'a', secret: Buffer.alloc(32, 3) }]).derive('digits') ?? Buffer.alloc(0),
        nonceOf(challenge),
      );
    const first = await issue('letters');
    const right = heard(first);
    const wrong = `${right.slice(0, 5)}${(Number(right.slice(5)) + 1) % 10}`;
    const judged = await letters(first, wrong);
    if (judged.outcome !== 'letters') throw new Error(judged.outcome);
    const spoken = await check.sound(asker, judged.task.challenge, 'es');
    expect(spoken.ok && spoken.wav?.toString('ascii', 0, 4)).toBe('RIFF');
    const digits = heard(judged.task);
    expect(await letters(judged.task, `${digits.slice(0, 3)} ${digits.slice(3)}`)).toEqual({ outcome: 'passed' });
  });

  it('are read out for their own browser alone, until they are too old, and bounded together with the picture', async () => {
    const { issue, check, asker, clock, use } = setUp();
    const { challenge } = await issue('letters');
    const hear = async (as = asker, token = challenge) => {
      const heard = await check.sound(as, token, 'en');
      return heard.ok ? heard.wav?.toString('ascii', 0, 4) : heard.reason;
    };
    expect(await hear()).toBe('RIFF');
    expect(await hear({ ...asker, handle: 'another' })).toBeUndefined();
    expect(await hear(asker, (await issue()).challenge)).toBeUndefined();
    await check.picture(asker, challenge);
    await use('check-plain', table['check-plain'].max - 3);
    expect([await hear(), await hear(), (await check.picture(asker, challenge)).ok]).toEqual([
      'RIFF',
      'too-many',
      false,
    ]);
    clock.advance(table['check-plain'].windowMs);
    expect(await hear()).toBe('RIFF');
    clock.advance(challengeLifeMs);
    expect(await hear()).toBeUndefined();
  });

  it('are drawn so often for one network and no more, and again in the next window', async () => {
    const { issue, check, asker, clock, use } = setUp();
    const { max, windowMs } = table['check-plain'];
    const draw = async (challenge: string) => (await check.picture(asker, challenge)).ok;
    const { challenge } = await issue('letters');
    expect([await draw(challenge), await draw(challenge)]).toEqual([true, true]);
    await use('check-plain', max - 3);
    expect([await draw(challenge), await draw(challenge)]).toEqual([true, false]);
    clock.advance(windowMs);
    expect(await draw((await issue('letters')).challenge)).toBe(true);
  });
});

describe('keyboard and click', () => {
  it.each(['key', 'click'] as const)('%s passes after more work, done without being asked anything', async (mode) => {
    const { issue, answer, clock, spend } = setUp();
    const task = await issue();
    clock.advance(task.waitMs);
    const judged = await answer({ challenge: task.challenge, mode, work: workOf(task) });
    if (judged.outcome !== 'wait') throw new Error(judged.outcome);
    clock.advance(judged.task.waitMs);
    const work = workOf(judged.task);
    expect(await answer({ challenge: judged.task.challenge, mode: 'wait', work })).toEqual({ outcome: 'passed' });
    expect(await spend(3)).toEqual({ ok: false, reason: 'check-wait' });
    expect((await spend(1)).ok).toBe(true);
  });
});

describe('when the form needs more than was proved', () => {
  it('a drag is sent to letters, and stays good for what it proved', async () => {
    const { issue, drag, letters, spend, check, asker } = setUp();
    await drag(await issue());
    expect(await spend(3)).toEqual({ ok: false, reason: 'check-letters' });
    expect((await check.view(asker, 'check-letters')).state).toBe('letters');
    await letters(await issue('letters'));
    expect((await spend(3)).ok).toBe(true);
  });

  it('without any check it says so', async () => {
    expect(await setUp().spend(3)).toEqual({ ok: false, reason: 'check-missing' });
  });
});

describe('without script', () => {
  const none = { challenge: '', letters: '', otherLetters: '' };

  it('right letters in the form pass', async () => {
    const { check, asker, clock, issue, rightLetters, spend } = setUp();
    const task = await issue('letters');
    clock.advance(task.waitMs);
    const form = { ...none, challenge: task.challenge, letters: ` ${rightLetters(task).toLowerCase()}` };
    expect((await check.judgeForm(asker, form)).ok).toBe(true);
    expect((await spend(3)).ok).toBe(true);
  });

  it('wrong, old, and other letters are told apart', async () => {
    const { check, asker, clock, issue } = setUp();
    const { challenge, waitMs } = await issue('letters');
    clock.advance(waitMs);
    const judge = (form: object) => check.judgeForm(asker, { ...none, ...form });
    expect(await judge({ challenge, letters: 'AAAAB' })).toEqual({ ok: false, reason: 'check-letters-wrong' });
    expect(await judge({ challenge, letters: 'AAAAB' })).toEqual({ ok: false, reason: 'check-late' });
    expect(await judge({ challenge, otherLetters: '1' })).toEqual({ ok: false, reason: 'check-again' });
    expect((await judge({ challenge })).ok).toBe(true);
  });

  it('the waiting check passes after its wait', async () => {
    const { check, asker, clock, answer, spend } = setUp();
    const begun = await check.issuePlainWait(asker);
    if (!begun.ok) throw new Error(begun.reason);
    const { challenge, waitMs } = begun.task;
    expect(check.waitLeftMs(asker, challenge)).toBe(waitMs);
    expect(check.waitLeftMs({ ...asker, handle: 'another' }, challenge)).toBeUndefined();
    clock.advance(waitMs);
    expect(check.waitLeftMs(asker, challenge)).toBe(0);
    expect(await answer({ challenge, mode: 'wait' })).toEqual({ outcome: 'passed' });
    expect((await spend(3)).ok).toBe(true);
  });
});

describe('the price', () => {
  it('rises for a browser that failed, and falls again after an hour', async () => {
    const { issue, failSlide, clock } = setUp();
    const quiet = await issue();
    await failSlide();
    expect((await issue()).work?.upTo).toBeGreaterThan(quiet.work?.upTo ?? 0);
    clock.advance(60 * minuteMs);
    expect((await issue()).work?.upTo).toBe(quiet.work?.upTo);
  });

  it('rises for a network in which many checks fail', async () => {
    const { check, asker, clock, issue } = setUp();
    const quiet = await issue();
    const { max } = table['check-failed'];
    for (let times = 0; times < max; times += 1) {
      const other = { ...asker, handle: `${asker.handle}/${times}` };
      const issued = await check.issue(other, 'letters');
      if (!issued.ok) throw new Error(issued.reason);
      clock.advance(issued.task.waitMs);
      await check.answer(other, { challenge: issued.task.challenge, mode: 'letters', letters: 'no' });
    }
    expect((await issue()).work?.upTo).toBeGreaterThan(quiet.work?.upTo ?? 0);
  });

  it('rises a little in a network that asks often, or where a few fail', async () => {
    const { check, issue, failSlide, asker, clock } = setUp();
    const upTo = async () => (await issue()).work?.upTo ?? 0;
    const quiet = await upTo();
    for (let times = 2; times < 12; times += 1) await check.issue(asker, 'letters');
    const busy = await upTo();
    expect(busy).toBe(4 * quiet);
    clock.advance(table['check-issue'].windowMs);
    expect(await upTo()).toBe(quiet);
    await failSlide();
    expect(await upTo()).toBe(4 * busy);
  });

  it('is the full one for everyone while more than 600 a minute are answered on the site, and falls again', async () => {
    const { check, issue, drag, answer, db, clock, spend, letters } = setUp({ site: 'besieged' });
    const { max, windowMs } = table['check-site'];
    const quiet = await issue();
    expect(await drag(quiet)).toEqual({ outcome: 'passed' });
    expect([await check.levelNeeded(0), await check.levelNeeded(2)]).toEqual([0, 2]);
    // This answer was counted; all but one of the others are made up.
    const key = 'check-site/besieged';
    await db.write((tx) =>
      tx
        .updateTable('counters')
        .set({ count: max - 1 })
        .where('key', '=', key)
        .execute(),
    );
    const before = await issue();
    await drag(before, short);
    expect([await check.levelNeeded(0), await check.levelNeeded(2)]).toEqual([3, 3]);
    expect(await spend(await check.levelNeeded(0))).toEqual({ ok: false, reason: 'check-letters' });

    const { check: other, asker, clock: later } = setUp({ site: 'besieged' });
    later.at = clock.now();
    const issued = await other.issue(asker, 'slide');
    if (!issued.ok) throw new Error(issued.reason);
    expect(issued.task).toMatchObject({ waitMs: 10_000, work: { upTo: 60_000 } });
    clock.advance(issued.task.waitMs);
    const clicked = await answer({ challenge: issued.task.challenge, mode: 'click', work: workOf(issued.task) }, asker);
    // Together with the slide before it, the waiting check of 20 s.
    expect(clicked).toMatchObject({ outcome: 'wait', task: { waitMs: 10_000, work: { upTo: 1_000 } } });
    const dragged = await drag(await issue());
    if (dragged.outcome !== 'letters') throw new Error(dragged.outcome);
    await letters(dragged.task);
    expect((await spend(3)).ok).toBe(true);
    const counted = await db.read.selectFrom('counters').select('count').where('key', '=', key).executeTakeFirst();
    expect(counted).toEqual({ count: max });

    clock.advance(windowMs);
    expect(await check.levelNeeded(0)).toBe(0);
    expect((await spend(0)).ok).toBe(true);
  });

  it('is the full one for everyone by a setting', async () => {
    const { check, issue, drag } = setUp({ mode: 'full' });
    expect(await check.levelNeeded(0)).toBe(3);
    const task = await issue();
    expect(task).toMatchObject({ waitMs: 10_000, work: { upTo: 60_000 } });
    expect(await drag(task)).toMatchObject({ outcome: 'letters', isStuck: false });
  });

  it('of answers without work is half as many of them in one network: the slide goes on', async () => {
    const { check, asker, clock, issue, drag, letters, use } = setUp();
    const { max, windowMs } = table['check-answer-plain'];
    expect(max).toBe(table['check-answer'].max / 2);
    const judge = async () => {
      const task = await issue('letters');
      clock.advance(task.waitMs);
      const given = await check.answer(asker, { challenge: task.challenge, mode: 'letters', letters: 'no' });
      return given.ok ? given.judged.outcome : given.reason;
    };
    expect([await judge(), await judge()]).toEqual(['letters', 'letters']);
    await use('check-answer-plain', max - 3);
    expect([await judge(), await judge()]).toEqual(['letters', 'too-many']);
    expect(await drag(await issue())).toMatchObject({ outcome: 'passed' });
    clock.advance(windowMs);
    expect(await letters(await issue('letters'))).toEqual({ outcome: 'passed' });
  });

  it('challenges are issued so often for one network and no more, and again in the next window', async () => {
    const { check, asker, clock } = setUp();
    const { max, windowMs } = table['check-issue'];
    const issued: boolean[] = [];
    for (let times = 0; times <= max; times += 1) issued.push((await check.issue(asker, 'letters')).ok);
    expect(issued.indexOf(false)).toBe(max);
    clock.advance(windowMs);
    expect((await check.issue(asker, 'letters')).ok).toBe(true);
  });
});

describe('what is kept', () => {
  it('is the verdict with its reasons and never the trace, and goes when it has expired', async () => {
    const { issue, drag, db, check, clock, asker } = setUp();
    await drag(await issue(), { isAutomated: true });
    const rows = await db.read.selectFrom('human_checks').selectAll().execute();
    expect(rows.map(({ reasons }) => reasons)).toContain('["automated"]');
    expect(JSON.stringify(rows)).not.toContain(asker.handle);
    clock.advance(100 * dayMs);
    await check.forgetExpired();
    expect(await db.read.selectFrom('human_checks').selectAll().execute()).toEqual([]);
    expect(await db.read.selectFrom('human_check_answers').selectAll().execute()).toEqual([]);
  });
});

describe('a spent check', () => {
  it('tells how it was passed, by which rules, and the most points of a slide in the hour before, of no other', async () => {
    const { check, clock, asker, answer, issue, drag, letters, spend } = setUp();
    const script = await drag(await issue(), { isTrusted: false });
    if (script.outcome !== 'letters') throw new Error(script.outcome);
    const elsewhere = { ...asker, handle: 'another' };
    const theirs = await check.issue(elsewhere, 'slide');
    if (!theirs.ok) throw new Error(theirs.reason);
    clock.advance(theirs.task.waitMs);
    const judged = await answer(dragAnswer(theirs.task, { isTrusted: false, isAutomated: true }), elsewhere);
    expect(judged.outcome).toBe('letters');
    await drag(await issue());
    await letters(script.task);
    expect(await spend(3)).toEqual({ ok: true, spent: { mode: 'letters', policy: slidePolicy, score: 5 } });
    expect(await spend(0)).toEqual({ ok: true, spent: { mode: 'drag', policy: slidePolicy, score: 5 } });
    clock.advance(60 * minuteMs);
    await letters(await issue('letters'));
    expect(await spend()).toEqual({ ok: true, spent: { mode: 'letters', policy: slidePolicy, score: null } });
  });
});

describe('the page', () => {
  it('shows what comes next, a challenge that works without script, and the other ways first after two failures', async () => {
    const { check, asker, failSlide } = setUp();
    const view = (refusal?: string) => check.view(asker, refusal);
    const isStuck = false;
    for (const [refusal, state] of [
      [undefined, 'slide'],
      ['check-letters', 'letters'],
      ['check-letters-wrong', 'letters'],
      ['check-wait', 'wait'],
      ['identifier-missing', 'slide'],
    ] as const) {
      const shown = await view(refusal);
      expect(shown).toEqual({ state, purpose: 'recovery', letters: shown.letters, isStuck });
      expect(await check.picture(asker, shown.letters)).toMatchObject({ png: expect.any(Buffer) });
    }
    await failSlide();
    expect((await view()).isStuck).toBe(false);
    await failSlide();
    expect(await view()).toMatchObject({ state: 'slide', isStuck: true });
  });
});

describe('switched off', () => {
  it('everything passes and the page has no check', async () => {
    const { check, asker, spend } = setUp({ mode: 'off' });
    expect(await check.view(asker)).toEqual({ state: 'off', purpose: 'recovery', letters: '', isStuck: false });
    const forged = { challenge: 'x', letters: 'x', otherLetters: 'x' };
    expect(await check.judgeForm(asker, forged)).toEqual({ ok: true });
    expect([await spend(3), await check.levelNeeded(1)]).toEqual([{ ok: true, spent: undefined }, 1]);
  });
});
