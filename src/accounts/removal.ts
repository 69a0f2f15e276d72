// When an address or a factor may be removed from an account again (D10). Whoever took it over through a mailbox shall not
// be able to cut off the other ways to reach its owner before the owner has read the notice.
import { hourMs } from '../base/clock.ts';
import type { Account } from './directory.ts';

export const removalWaitMs = 72 * hourMs;

/** From when on: UTC epoch ms, 0 where no recovery ever set a password. A signed-in change changes nothing here. */
export const removalFreeAt = ({ resetAt }: Pick<Account, 'resetAt'>): number =>
  resetAt === null ? 0 : resetAt + removalWaitMs;
