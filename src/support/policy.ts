// The numbers of a case. Those of its mailed code are D2 and D3's (proofs/email-code.ts).
import { dayMs, hourMs } from '../base/clock.ts';
import type { Settings } from '../config/settings.ts';
import type { CasesTable } from '../database/tables.ts';

/** How long a browser follows a case without its code being typed again. */
export const caseHandleLifeMs = dayMs;
/** By when the desk should answer what comes now. */
export const dueFrom = (now: number, { supportHours }: Pick<Settings, 'supportHours'>): number =>
  now + supportHours * hourMs;

/** How long the mail server may be down without a mail about a case being lost. */
export const caseMailLifeMs = 7 * dayMs;

/** What was added to an account later than this may belong to whoever took it over: it proves nothing. */
export const proofAgeMs = 30 * dayMs;
/** How long after an account was made what it was made with may be added. */
export const madeWithMs = hourMs;
/** Accounts of one identifier that a proof is compared with. */
export const provedAtMost = 5;

/** Until when (UTC epoch ms) something of an account must have been there to prove anything now. */
export const settledBefore = (accountCreatedAt: number, now: number): number =>
  Math.max(now - proofAgeMs, accountCreatedAt + madeWithMs);

/** Whether what was promised at the opening is over: the first answer was given, in words or by a decision. */
const wasAnswered = (row: Pick<CasesTable, 'answered_at' | 'reopened_at'>): boolean =>
  row.answered_at !== null || row.reopened_at !== null;

/** By when (UTC epoch ms) a person should hear from the desk; `undefined`: they wait for nothing. */
export const answerDueAt = (
  row: Pick<CasesTable, 'state' | 'emptied_at' | 'answered_at' | 'reopened_at' | 'last_author' | 'due_at'>,
): number | undefined =>
  row.state === 'received' && row.emptied_at === null && (!wasAnswered(row) || row.last_author === 'person')
    ? row.due_at
    : undefined;

/** How a person can show that an account is theirs: a code read at an address on file, one of the second factor, or the browser. */
export const proofWays = ['address', 'code', 'browser'] as const;
export type ProofWay = (typeof proofWays)[number];

/** What is asked of whom, whatever account it is about. A relative of somebody who died is never asked to prove to be them. */
export function proofWaysOf(kind: string): readonly ProofWay[] {
  if (kind === 'owner-died') return [];
  return proofWays;
}
