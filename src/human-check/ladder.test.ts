import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modes } from './challenge.ts';
import {
  type Answered,
  lettersNotBeforeMs,
  levelFor,
  levelForSignIn,
  plainWaitMs,
  rungs,
  stepAfter,
  waitingRest,
  waitingRung,
} from './ladder.ts';

const right: Answered = {
  mode: 'drag',
  level: 0,
  score: 0,
  isUnknown: false,
  isRight: true,
  failures: 0,
  alwaysLetters: false,
};

describe('the level asked for', () => {
  it.each([
    ['ofBrowser', [0, 0], [1, 2], [9, 2]],
    ['ofNetwork', [11, 0], [12, 1], [120, 1]],
    ['failedInNetwork', [4, 0], [5, 1], [19, 1], [20, 2], [500, 2]],
    ['ofIdentifier', [4, 0], [5, 3]],
    ['ofSite', [599, 0], [600, 3]],
    ['wrongCodesOnSite', [999, 0], [1_000, 3]],
  ] as const)('by %s rises at %j', (counter, ...steps) => {
    for (const [count, level] of steps) expect([count, levelFor({ [counter]: count })]).toEqual([count, level]);
  });
  it('is the lowest for the first try in a quiet network, and else the highest that any counter asks for', () => {
    expect(levelFor({})).toBe(0);
    expect(levelFor({ ofBrowser: 0, ofNetwork: 1, failedInNetwork: 0, ofSite: 30 })).toBe(0);
    expect(levelFor({ ofBrowser: 1, ofNetwork: 40, ofIdentifier: 5 })).toBe(3);
  });
});

describe('the level of a sign-in', () => {
  it.each([
    [2, undefined],
    [3, 0],
    [4, 0],
    [5, 1],
    [9, 1],
    [10, 2],
    [19, 2],
    [20, 3],
    [1_000, 3],
  ])('after %i wrong passwords for what was typed is %s', (ofIdentifier, level) =>
    expect(levelForSignIn({ ofIdentifier, ofSource: 0 })).toBe(level),
  );
  it.each([
    [9, undefined],
    [10, 0],
    [20, 1],
    [30, 2],
    [49, 2],
    [50, 3],
  ])('after %i in one network is %s', (ofSource, level) =>
    expect(levelForSignIn({ ofIdentifier: 0, ofSource })).toBe(level),
  );
  it('is the higher of the two', () => expect(levelForSignIn({ ofIdentifier: 3, ofSource: 50 })).toBe(3));
});

describe('what follows an answer', () => {
  it('a clean drag passes at the level of its challenge', () => {
    expect(stepAfter({ ...right, level: 2, score: 2 })).toEqual({ step: 'passed', level: 2 });
  });
  it('a doubtful drag does four times the work, and from level 2 on gets letters', () => {
    expect(stepAfter({ ...right, score: 3 })).toEqual({ step: 'more-work', level: 1, as: 'drag' });
    expect(stepAfter({ ...right, score: 4, level: 2 })).toEqual({ step: 'letters', isFailure: false });
  });
  it('a score of 5 leads to letters at any level', () => {
    for (const level of [0, 1, 2, 3])
      expect(stepAfter({ ...right, level, score: 5 })).toEqual({ step: 'letters', isFailure: true });
  });
  it('the first failed drag may be done again, the second leads to letters', () => {
    expect(stepAfter({ ...right, isRight: false })).toEqual({ step: 'again', isFailure: true });
    expect(stepAfter({ ...right, isRight: false, failures: 1 })).toEqual({ step: 'letters', isFailure: true });
  });
  it('a drag at level 3 leads to letters, keyboard and click to the waiting check', () => {
    expect(stepAfter({ ...right, level: 3 }).step).toBe('letters');
    expect(stepAfter({ ...right, level: 3, mode: 'key' }).step).toBe('waiting-check');
    expect(stepAfter({ ...right, level: 2, mode: 'click' }).step).toBe('waiting-check');
  });
  it('keyboard and click pay one level of work more', () => {
    expect(stepAfter({ ...right, mode: 'key' })).toEqual({ step: 'more-work', level: 1, as: 'key' });
    expect(stepAfter({ ...right, mode: 'click', level: 1 })).toEqual({ step: 'more-work', level: 2, as: 'click' });
  });
  it('a drag of too few samples costs what a click does, and passes by the work alone', () => {
    for (const level of [0, 1, 2, 3]) {
      const click = stepAfter({ ...right, mode: 'click', level });
      const same = 'as' in click ? { ...click, as: 'wait' } : click;
      expect(stepAfter({ ...right, isUnknown: true, level })).toEqual(same);
    }
  });
  it('the slide and what is left of the waiting check cost no more than the waiting check alone, by more than 500 derivations', () => {
    for (const level of [2, 3] as const) {
      const paid = stepAfter({ ...right, mode: 'key', level });
      if (paid.step !== 'waiting-check') throw new Error(paid.step);
      const [first, rest] = [rungs[level], waitingRest(paid.paid)];
      expect(first.notBeforeMs + rest.notBeforeMs).toBe(waitingRung.notBeforeMs);
      expect(first.derivations + rest.derivations).toBeLessThanOrEqual(waitingRung.derivations + 500);
      // In derivations of 0.4 ms, as on a slow phone, twice the mean each time: within the 45 s that anybody needs at most.
      const slowestMs = ({ derivations, notBeforeMs }: typeof rest) => Math.max(2 * 0.4 * derivations, notBeforeMs);
      expect(slowestMs(first) + slowestMs(rest)).toBeLessThan(45_000);
    }
  });
  it('the switch for letters acts on drags alone', () => {
    expect(stepAfter({ ...right, alwaysLetters: true })).toEqual({ step: 'letters', isFailure: false });
    expect(stepAfter({ ...right, alwaysLetters: true, mode: 'click' }).step).toBe('more-work');
  });
  it("a provider's pass counts at its level; a refused token is a failure, and the second leads to letters", () => {
    const token: Answered = { ...right, mode: 'provider', level: 1 };
    expect(stepAfter(token)).toEqual({ step: 'passed', level: 1 });
    expect(stepAfter({ ...token, isRight: false })).toEqual({ step: 'again', isFailure: true });
    expect(stepAfter({ ...token, isRight: false, failures: 1 })).toEqual({ step: 'letters', isFailure: true });
    expect(stepAfter({ ...token, isRight: false, failures: 2 })).toEqual({ step: 'letters', isFailure: true });
  });
  it('a wrong wait and wrong letters are failures; letters that the site wants, or that only cost more, are none', () => {
    expect(stepAfter({ ...right, mode: 'wait', isRight: false })).toEqual({ step: 'again', isFailure: true });
    expect(stepAfter({ ...right, mode: 'letters', isRight: false })).toEqual({ step: 'letters', isFailure: true });
    expect(stepAfter({ ...right, alwaysLetters: true })).toEqual({ step: 'letters', isFailure: false });
    expect(stepAfter({ ...right, score: 3, level: 2 })).toEqual({ step: 'letters', isFailure: false });
  });
  it('no answer counts before 0.8, 1.2, 3 and 10 s, letters before 2, a wait without script before 30', () => {
    const waits = [rungs[0], rungs[1], rungs[2], rungs[3], waitingRung].map(({ notBeforeMs }) => notBeforeMs);
    expect([...waits, lettersNotBeforeMs, plainWaitMs]).toEqual([800, 1_200, 3_000, 10_000, 20_000, 2_000, 30_000]);
    expect(waitingRest(0)).toEqual({ derivations: 29_500, notBeforeMs: 19_200 });
  });
  it('right letters stand for any level', () => {
    expect(stepAfter({ ...right, mode: 'letters', level: 3 })).toEqual({ step: 'passed', level: 3 });
  });
  it('keyboard, click and too few samples never get letters, and a wrong answer never passes', () => {
    const answered = fc.record({
      mode: fc.constantFrom(...modes),
      level: fc.integer({ min: 0, max: 3 }),
      score: fc.integer({ min: 0, max: 20 }),
      isUnknown: fc.boolean(),
      isRight: fc.boolean(),
      failures: fc.nat(9),
      alwaysLetters: fc.boolean(),
    });
    fc.assert(
      fc.property(answered, (given) => {
        const { step } = stepAfter(given);
        if (given.mode === 'key' || given.mode === 'click') expect(step).not.toBe('letters');
        const tellsLittle = given.mode === 'drag' && given.isUnknown && given.isRight && given.score < 5;
        if (tellsLittle && !given.alwaysLetters) expect(['more-work', 'waiting-check']).toContain(step);
        if (!given.isRight) expect(['again', 'letters']).toContain(step);
      }),
    );
  });
});
