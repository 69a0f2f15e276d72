// When an address or a factor may be removed from an account again (D10). Whoever took it over through a mailbox shall not
// be able to cut off the other ways to reach its owner before the owner has read the notice. A change by somebody signed in
// counts like a reset: with a stolen session and the password it is the same takeover.
import { hourMs } from '../base/clock.ts';
import type { Account } from './directory.ts';

export const removalWaitMs = 72 * hourMs;

/** From when on: UTC epoch ms, 0 where the password was never changed. No later change shortens the wait. */
export function removalFreeAt({ resetAt, passwordChangedAt }: Pick<Account, 'resetAt' | 'passwordChangedAt'>): number {
  const changedAt = Math.max(resetAt ?? 0, passwordChangedAt ?? 0);
  return changedAt === 0 ? 0 : changedAt + removalWaitMs;
}
