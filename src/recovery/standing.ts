// Where a recovery stands, as far as whoever carries its handle may see it: pure, from the row and the clock alone, and the
// same for a decoy (D5). The pages and the API show this and nothing else.
import { maxTries, resendWaitMs } from '../proofs/email-code.ts';
import { isStep, type Step } from './flow.ts';
import { isLive, offerSupportAfterMs } from './policy.ts';
import type { Recovery } from './recovery-rows.ts';

export interface Standing {
  /** `over` also once its time has run out. */
  readonly step: Step;
  /** What remains of the recovery. */
  readonly lifeMs: number;
  /** How long the mailed code can still be typed. */
  readonly codeLifeMs: number;
  /** Until the mail may be asked for again. */
  readonly resendInMs: number;
  /** Until support is offered to everyone who still waits. */
  readonly offerSupportInMs: number;
  readonly triesLeft: number;
  /** What remains for choosing a new password. */
  readonly passwordLifeMs: number;
  /** Why it is over, as far as a visitor learns it. */
  readonly why: 'tries-used' | 'reset-elsewhere' | 'time';
}

/** `now`: UTC epoch ms. No time is below zero. */
export function standingOf(recovery: Recovery, now: number): Standing {
  const step = isStep(recovery.step) ? recovery.step : 'over';
  const isTimeOut = step !== 'done' && !isLive(recovery, now);
  const until = (at: number | null) => Math.max(0, (at ?? now) - now);
  const askedAt = recovery.mail_asked_at ?? now;
  const reason = recovery.end_reason;
  return {
    step: isTimeOut ? 'over' : step,
    lifeMs: until(recovery.expires_at),
    codeLifeMs: until(recovery.code_expires_at),
    resendInMs: until(askedAt + resendWaitMs),
    offerSupportInMs: until(askedAt + offerSupportAfterMs),
    triesLeft: maxTries - recovery.tries,
    passwordLifeMs: until(recovery.password_until),
    why: reason === 'tries-used' || reason === 'reset-elsewhere' ? reason : 'time',
  };
}
