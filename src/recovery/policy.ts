// The rules of a recovery, pure: how long, how many, how hard. The numbers are D2 and D3 of docs/rules.md.
import { dayMs, hourMs, minuteMs } from '../base/clock.ts';
import { type Refused, refuse } from '../base/outcome.ts';
import { resendWaitMs } from '../proofs/email-code.ts';

export const recoveryLifeMs = dayMs;
/** What remains for the new password after a right code. */
export const proofLifeMs = hourMs;
/** How long "This was not me" keeps recovery mail away from a mailbox. */
export const silenceMs = dayMs;
export const maxLinkTries = 20;
export const maxMailsAskedPerHour = 3;
/** When the code page offers support to everyone who still waits. */
export const offerSupportAfterMs = 2 * minuteMs;

const longCodeAfterWrong = 10;
/** NIST SP 800-63B-4 §3.2.2: no more than 100 failures in a row. Then only links and support remain. */
export const typingRestsAfterWrong = 100;

export const codeDigits = (wrongInARow: number): 8 | 12 => (wrongInARow >= longCodeAfterWrong ? 12 : 8);

/** What the guards look at: columns of a recovery. Times in UTC epoch ms. */
export interface RecoveryFacts {
  readonly expires_at: number;
  readonly password_until: number | null;
  readonly mails_asked: number;
  readonly mails_asked_since: number;
  readonly mail_asked_at: number | null;
  readonly release_id: string | null;
}

type GuardRefusal = Refused<'recovery-over' | 'resend-soon' | 'resend-capped'>;

export const isLive = (recovery: RecoveryFacts, now: number): boolean => now < recovery.expires_at;

const isProofFresh = (recovery: RecoveryFacts, now: number): boolean =>
  isLive(recovery, now) && now < (recovery.password_until ?? 0);

/** The grant of a release opened it: nobody else comes to a password without a code. */
const isOfGrant = (recovery: RecoveryFacts, now: number): boolean =>
  isLive(recovery, now) && recovery.release_id !== null;

/** Depends on this recovery alone: what its mailbox has been through is weighed unseen, in the outbox (D5). */
function refuseMail(recovery: RecoveryFacts, now: number): GuardRefusal | undefined {
  const nextAt = (recovery.mail_asked_at ?? 0) + resendWaitMs;
  const windowEndsAt = recovery.mails_asked_since + hourMs;
  if (!isLive(recovery, now)) return refuse('recovery-over');
  if (now < windowEndsAt && recovery.mails_asked >= maxMailsAskedPerHour)
    return refuse('resend-capped', windowEndsAt - now);
  return now < nextAt ? refuse('resend-soon', nextAt - now) : undefined;
}

type Rule = (recovery: RecoveryFacts, now: number) => GuardRefusal | undefined;

const unless =
  (holds: (recovery: RecoveryFacts, now: number) => boolean): Rule =>
  (recovery, now) =>
    holds(recovery, now) ? undefined : refuse('recovery-over');

/** Each rule by the name that the flow table has for it, and what it refuses. */
export const guards = {
  isLive: unless(isLive),
  isProofFresh: unless(isProofFresh),
  isOfGrant: unless(isOfGrant),
  mayAskMail: refuseMail,
} satisfies Record<string, Rule>;
export type Guard = keyof typeof guards;

/** The ask counted: in the running hour, or as the first of a new one. */
export const countAsk = (recovery: RecoveryFacts, now: number) =>
  now < recovery.mails_asked_since + hourMs
    ? { mails_asked: recovery.mails_asked + 1, mails_asked_since: recovery.mails_asked_since, mail_asked_at: now }
    : { mails_asked: 1, mails_asked_since: now, mail_asked_at: now };

/** Mail caps of a stored mailbox: 3 in any hour, 6 in any 24 h. `sentAt`: times of earlier recovery mails. */
export function mayMail(sentAt: readonly number[], now: number): boolean {
  const within = (windowMs: number) => sentAt.filter((at) => at > now - windowMs).length;
  return within(hourMs) < 3 && within(dayMs) < 6;
}
