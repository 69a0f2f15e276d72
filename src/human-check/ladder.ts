// Which check, and how hard: pure rules. Suspicion costs seconds and never access: every rung can be climbed by anyone.
import { secondMs } from '../base/clock.ts';
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

/** The same without script: a page that loads itself again after 30 s. */
export const plainWaitMs = 30 * secondMs;

/** Nobody reads and types five letters faster. */
export const lettersNotBeforeMs = 2 * secondMs;

/** After so many failed slides the letters come; after so many failures of any kind the waiting check is offered first. */
export const slidesBeforeLetters = 2;
export const failuresBeforeHelp = 3;

export interface Pressure {
  /** Failed checks of this browser for this purpose. */
  readonly failures?: number;
  /** Many checks failed in this network. */
  readonly isSourceBusy?: boolean;
  /** Many asked for the typed identifier: it raises the price and never refuses (D4). */
  readonly isIdentifierBusy?: boolean;
  /** Many wrong codes on the whole site. */
  readonly isSiteBusy?: boolean;
}

/** The level that a check has to prove. */
export function levelFor({
  failures = 0,
  isSourceBusy = false,
  isIdentifierBusy = false,
  isSiteBusy = false,
}: Pressure): Level {
  if (isIdentifierBusy || isSiteBusy) return 3;
  return failures > 0 || isSourceBusy ? 2 : 0;
}

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
  const rung = (name: keyof WrongPasswords) => signInRungs[name].filter((from) => wrong[name] >= from).length - 1;
  const highest = Math.max(rung('ofIdentifier'), rung('ofSource'));
  return highest < 0 ? undefined : asLevel(highest);
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
  | { readonly step: 'waiting-check'; readonly isFailure: false }
  /** The same answer counts, once more work is done. */
  | { readonly step: 'more-work'; readonly level: Level };

/**
 * What follows an answer. Keyboard and click never lead to letters: they pay one level of work more, and so does a drag
 * that tells too little, or it would be the cheapest way.
 */
export function stepAfter({ mode, level, score, isUnknown, isRight, failures, alwaysLetters }: Answered): Step {
  if (mode === 'letters') return isRight ? { step: 'passed', level: 3 } : { step: 'letters', isFailure: true };
  if (mode === 'wait') return isRight ? { step: 'passed', level: asLevel(level) } : { step: 'again', isFailure: true };
  if (mode === 'drag') {
    const tooMany = failures + 1 >= slidesBeforeLetters;
    if (!isRight) return tooMany ? { step: 'letters', isFailure: true } : { step: 'again', isFailure: true };
    if (score >= stepUpScore) return { step: 'letters', isFailure: true };
    if (alwaysLetters || level >= 3) return { step: 'letters', isFailure: false };
    if (score < doubtScore && !isUnknown) return { step: 'passed', level: asLevel(level) };
  } else if (!isRight) {
    return { step: 'again', isFailure: true };
  }
  const raised = asLevel(level + 1);
  if (raised < 3) return { step: 'more-work', level: raised };
  return mode === 'drag' ? { step: 'letters', isFailure: false } : { step: 'waiting-check', isFailure: false };
}

function asLevel(level: number): Level {
  return level <= 0 ? 0 : level === 1 ? 1 : level === 2 ? 2 : 3;
}
