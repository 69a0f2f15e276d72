// How long, and how strict, at the support desk: stricter than for the accounts that it helps.
import { dayMs, hourMs, minuteMs } from '../base/clock.ts';

/** How long an enrolment link lives; once it is used it is over. */
export const enrolmentLifeMs = dayMs;
/** How long an agent's session lives without a request. */
export const agentIdleMs = 30 * minuteMs;
/** How long it lives at most. */
export const agentSessionLifeMs = 8 * hourMs;
/** Shortest password of an agent, in code points, even where accounts may have shorter ones (NIST SP 800-63B-4). */
export const agentPasswordMinLength = 15;
/** How long a passkey may take to answer. */
export const challengeLifeMs = 10 * minuteMs;
