// What is old in an account and what is new in it (D10, D11). An address or a factor is a newcomer for 72 hours. Whoever
// comes in through an address that was there before a newcomer takes it off with that: somebody who had the account in
// their hands shall undo nothing and keep nobody out by what they added. And for 72 hours after a newcomer, a reset or a
// change of password, what is older stays: nobody shall cut off the ways to reach the owner before the notice was read.
import { dayMs, hourMs } from '../base/clock.ts';
import type { Account, DirectoryAddress } from './directory.ts';

export const removalWaitMs = 72 * hourMs;
/** How long an address that a release set aside stays: whoever has it can undo that, and counts again. */
export const setAsideMs = 30 * dayMs;

type Age = Pick<DirectoryAddress, 'confirmedAt'>;

/**
 * After which moment (UTC epoch ms) something must have been added to go with a proof through `address` at `now`. What is
 * as old as the address, or older, stays whatever its age.
 */
export const newcomersAfter = ({ confirmedAt }: Age, now: number): number => Math.max(confirmedAt, now - removalWaitMs);

/** From when on a factor may be removed: UTC epoch ms, 0 where the password was never changed. No later change shortens the wait. */
export function removalFreeAt({ resetAt, passwordChangedAt }: Pick<Account, 'resetAt' | 'passwordChangedAt'>): number {
  return waitAfter(Math.max(resetAt ?? 0, passwordChangedAt ?? 0));
}

/**
 * The same for an address, one of `all` that are confirmed. A newcomer protects nobody yet: it may go at once. One that was set
 * aside stays for as long as that can be undone.
 */
export function addressFreeAt(
  address: Age & Pick<DirectoryAddress, 'noticesOnlySince'>,
  account: Pick<Account, 'resetAt' | 'passwordChangedAt'>,
  all: readonly Age[],
  now: number,
): number {
  if (address.noticesOnlySince !== null && now < address.noticesOnlySince + setAsideMs)
    return address.noticesOnlySince + setAsideMs;
  const times = all.map(({ confirmedAt }) => confirmedAt);
  if (address.confirmedAt > newcomersAfter({ confirmedAt: Math.min(...times) }, now)) return 0;
  const addedAt = Math.max(0, ...times.filter((at) => at > address.confirmedAt));
  return Math.max(removalFreeAt(account), waitAfter(addedAt));
}

const waitAfter = (at: number): number => (at === 0 ? 0 : at + removalWaitMs);
