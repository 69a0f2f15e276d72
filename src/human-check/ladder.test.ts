import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modes } from './challenge.ts';
import { type Answered, levelFor, levelForSignIn, stepAfter } from './ladder.ts';

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
  it('is the lowest on a quiet network and a first try', () => expect(levelFor({})).toBe(0));
  it('rises after a failure', () => expect(levelFor({ failures: 1 })).toBe(2));
  it('rises in a network where many checks fail', () => expect(levelFor({ isSourceBusy: true })).toBe(2));
  it('is the highest for an identifier that many ask for', () => expect(levelFor({ isIdentifierBusy: true })).toBe(3));
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
    expect(stepAfter({ ...right, score: 3 })).toEqual({ step: 'more-work', level: 1 });
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
    expect(stepAfter({ ...right, mode: 'key' })).toEqual({ step: 'more-work', level: 1 });
    expect(stepAfter({ ...right, mode: 'click', level: 1 })).toEqual({ step: 'more-work', level: 2 });
  });
  it('a drag of too few samples costs what a click does, and is never asked for letters on its own account', () => {
    for (const level of [0, 1])
      expect(stepAfter({ ...right, isUnknown: true, level })).toEqual(stepAfter({ ...right, mode: 'click', level }));
  });
  it('the switch for letters acts on drags alone', () => {
    expect(stepAfter({ ...right, alwaysLetters: true })).toEqual({ step: 'letters', isFailure: false });
    expect(stepAfter({ ...right, alwaysLetters: true, mode: 'click' }).step).toBe('more-work');
  });
  it('right letters stand for any level', () => {
    expect(stepAfter({ ...right, mode: 'letters', level: 3 })).toEqual({ step: 'passed', level: 3 });
  });
  it('keyboard and click never get letters, and a wrong answer never passes', () => {
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
        if (!given.isRight) expect(['again', 'letters']).toContain(step);
      }),
    );
  });
});
