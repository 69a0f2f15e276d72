// Which check, and how hard: pure rules of what was counted and how it was answered, never of an account. Suspicion costs
// seconds and never access: every rung can be climbed by anyone.
import { secondMs } from '../base/clock.ts';
import { limits } from '../limits/limits.ts';
import type { Mode } from './challenge.ts';

export type Level = 0 | 1 | 2 | 3;

export interface Rung {
  /** Mean number of derivations; 0.15 ms each on a desk, 0.4 ms on a slow phone. */
  readonly derivations: number;
  /** An answer before this is refused: the half of the price that no hardware shortens. */
  readonly notBeforeMs: number;
}

export const rungs: Record<Level, Rung> = {
  0: { derivations: 500, notBeforeMs: 800 },
  1: { derivations: 2_000, notBeforeMs: 1_200 },
  2: { derivations: 8_000, notBeforeMs: 3 * secondMs },
  3: { derivations: 30_000, notBeforeMs: 10 * secondMs },
};

/** The waiting check: nothing to type and nothing to move. It stands for any level. */
export const waitingRung: Rung = { derivations: 30_000, notBeforeMs: 20 * secondMs };

/**
 * What is left of it for a keyboard, a click or too few samples: the slide before it was paid for. Together they cost no more
 * than the waiting check alone, so that nobody needs longer for having tried the slide.
 */
export const waitingRest = (level: Level): Rung => ({
  derivations: Math.max(rungs[0].derivations, waitingRung.derivations - rungs[level].derivations),
  notBeforeMs: waitingRung.notBeforeMs - rungs[level].notBeforeMs,
});

/** The same without script: a page that loads itself again after 30 s. */
export const plainWaitMs = 30 * secondMs;

/** Nobody reads and types five letters faster. */
export const lettersNotBeforeMs = 2 * secondMs;

/** Where another company's check stands in its place, the slide is the way for those who cannot load that: it costs this at least. */
export const besideProvider: Level = 2;

/** After so many failed slides, or refused tokens of a provider, the letters come; after so many failures of any kind the waiting check is offered first. */
export const slidesBeforeLetters = 2;
export const failuresBeforeHelp = 2;

/** What was counted before a check is asked for or spent. Each raises the price, and none refuses (D4). */
export interface Pressure {
  /** Failed checks of this browser for this purpose. */
  readonly ofBrowser: number;
  /** Checks that its network asked for, this one included. */
  readonly ofNetwork: number;
  readonly failedInNetwork: number;
  /** Recoveries begun for what was typed, whether or not it is an account. */
  readonly ofIdentifier: number;
  /** Answers on the whole site, right or wrong. */
  readonly ofSite: number;
  readonly wrongCodesOnSite: number;
}

const never = Number.POSITIVE_INFINITY;
const site = limits['check-site'].max;
const failed = limits['check-failed'].max;
const identifier = limits['recovery-identifier'].max;
const wrongCodes = limits['code-wrong-site'].max;

/** From how many on the level is 1, 2 and 3. A few people behind one address are a quiet network. */
const rises: Readonly<Record<keyof Pressure, readonly [number, number, number]>> = {
  ofBrowser: [1, 1, never],
  ofNetwork: [limits['check-issue'].max / 10, never, never],
  failedInNetwork: [failed / 4, failed, never],
  ofIdentifier: [identifier, identifier, identifier],
  ofSite: [site, site, site],
  wrongCodesOnSite: [wrongCodes, wrongCodes, wrongCodes],
};

const climb = (steps: readonly number[], count: number): number => steps.filter((from) => count >= from).length;

const isCounted = (name: string): name is keyof Pressure => Object.hasOwn(rises, name);

/** The level that a check has to prove; what is not counted where it is asked for raises nothing. */
export const levelFor = (counted: Partial<Pressure>): Level =>
  asLevel(
    Math.max(
      0,
      ...Object.keys(counted)
        .filter(isCounted)
        .map((name) => climb(rises[name], counted[name] ?? 0)),
    ),
  );

/** Wrong passwords from which on a sign-in needs a check of level 0, 1, 2 and 3. A network is shared by many people. */
const signInRungs = { ofIdentifier: [3, 5, 10, 20], ofSource: [10, 20, 30, 50] } as const;

export interface WrongPasswords {
  /** For what was typed, whether or not it is an account. */
  readonly ofIdentifier: number;
  /** In this network. */
  readonly ofSource: number;
}

/** The level that a sign-in has to prove; `undefined`: none, as after a mistake or two (D4). */
export function levelForSignIn(wrong: WrongPasswords): Level | undefined {
  const climbed = (name: keyof WrongPasswords) => climb(signInRungs[name], wrong[name]);
  const highest = Math.max(climbed('ofIdentifier'), climbed('ofSource'));
  return highest === 0 ? undefined : asLevel(highest - 1);
}

/** Score from which a slide is stepped up, and from which it costs more work. */
const stepUpScore = 5;
const doubtScore = 3;

export interface Answered {
  readonly mode: Mode;
  readonly level: number;
  /** Of the drag; 0 for everything else. */
  readonly score: number;
  /** A drag of too few samples to tell anything: neither a hand nor a script. */
  readonly isUnknown: boolean;
  /** Whether the answer was right: the work, the end of the slide, the letters. */
  readonly isRight: boolean;
  /** Failures before this one. */
  readonly failures: number;
  readonly alwaysLetters: boolean;
}

export type Step =
  | { readonly step: 'passed'; readonly level: Level }
  | { readonly step: 'again'; readonly isFailure: true }
  | { readonly step: 'letters'; readonly isFailure: boolean }
  /** What is left of it after a slide of this level. */
  | { readonly step: 'waiting-check'; readonly isFailure: false; readonly paid: Level }
  /** The same answer counts, once more work is done; too few samples say nothing, so that it is the work which counts. */
  | { readonly step: 'more-work'; readonly level: Level; readonly as: Mode };

/**
 * What follows an answer. Keyboard, click and a drag that tells too little never lead to letters: they pay one level of
 * work more, or they would be the cheapest way.
 */
export function stepAfter({ mode, level, score, isUnknown, isRight, failures, alwaysLetters }: Answered): Step {
  if (mode === 'letters') return isRight ? { step: 'passed', level: 3 } : { step: 'letters', isFailure: true };
  if (mode === 'wait') return isRight ? { step: 'passed', level: asLevel(level) } : { step: 'again', isFailure: true };
  if (mode === 'provider' && isRight) return { step: 'passed', level: asLevel(level) };
  if (mode === 'provider') return { step: failures + 1 >= slidesBeforeLetters ? 'letters' : 'again', isFailure: true };
  if (mode === 'drag') {
    const tooMany = failures + 1 >= slidesBeforeLetters;
    if (!isRight) return tooMany ? { step: 'letters', isFailure: true } : { step: 'again', isFailure: true };
    if (score >= stepUpScore) return { step: 'letters', isFailure: true };
    if (alwaysLetters || (level >= 3 && !isUnknown)) return { step: 'letters', isFailure: false };
    if (score < doubtScore && !isUnknown) return { step: 'passed', level: asLevel(level) };
  } else if (!isRight) {
    return { step: 'again', isFailure: true };
  }
  const raised = asLevel(level + 1);
  if (raised < 3) return { step: 'more-work', level: raised, as: mode === 'drag' && isUnknown ? 'wait' : mode };
  if (mode === 'drag' && !isUnknown) return { step: 'letters', isFailure: false };
  return { step: 'waiting-check', isFailure: false, paid: asLevel(level) };
}

export function asLevel(level: number): Level {
  return level <= 0 ? 0 : level === 1 ? 1 : level === 2 ? 2 : 3;
}
