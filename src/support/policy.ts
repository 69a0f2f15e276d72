// The numbers of a case. Those of its mailed code are D2 and D3's (proofs/email-code.ts).
import { dayMs } from '../base/clock.ts';

/** How long a browser follows a case without its code being typed again. */
export const caseHandleLifeMs = dayMs;
/** How long the mail server may be down without a mail about a case being lost. */
export const caseMailLifeMs = 7 * dayMs;
