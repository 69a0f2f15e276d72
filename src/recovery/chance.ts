// How likely it is that somebody who holds no mailbox guesses a mailed code: arithmetic over the rules of policy.ts and the
// table of limits, so that it follows them. The formula stands in docs/security.md.
import { dayMs, hourMs, minuteMs } from '../base/clock.ts';
import { limits } from '../limits/limits.ts';
import { maxTries } from '../proofs/email-code.ts';
import { codeDigits, mayMail, typingRestsAfterWrong } from './policy.ts';

export interface Attacker {
  /** Networks that requests can come from: an IPv4 /24 or an IPv6 /56 each. */
  readonly networks: number;
  /** Accounts that are tried, all at once. */
  readonly accounts: number;
}

export interface Chance {
  /** Codes of 8 digits that are compared for one account on its first day. */
  readonly shortCodeTries: number;
  /** Codes of any length compared for one account: in a day, and in a row. */
  readonly triesADay: number;
  readonly triesInARow: number;
  /** Codes that these networks can try in a day, over all accounts. */
  readonly networkTriesADay: number;
  /** That one account or more is entered, 0 to 1. */
  readonly inADay: number;
  /** In 365 days: where no owner recovers meanwhile, and where each does every day and so begins the count anew. */
  readonly inAYear: { readonly quiet: number; readonly worst: number };
}

const daysAYear = 365;

export function chanceOfGuessing({ networks, accounts }: Attacker, codeLifeMinutes: number): Chance {
  const networkTriesADay = (networks * limits['code-try'].max * dayMs) / limits['code-try'].windowMs;
  const triesADay = maxTries * mostMails(dayMs);
  const triesInARow = typingRestsAfterWrong;
  // Codes that lie in the mailbox before the first is tried stay short, whatever goes wrong with them.
  const shortCodeTries = Math.min(
    triesADay,
    Math.max(
      maxTries * mostMails(codeLifeMinutes * minuteMs),
      firstRefused((wrong) => codeDigits(wrong) === 8),
    ),
  );

  /** Tries of each length over `days` for all accounts, of which each has at most so many. */
  const missAll = (days: number, short: number, all: number): number => {
    const budget = networkTriesADay * days;
    const shortTries = Math.min(accounts * short, budget);
    const longTries = Math.min(accounts * (all - short), budget - shortTries);
    return shortTries * Math.log1p(-(10 ** -8)) + longTries * Math.log1p(-(10 ** -12));
  };
  const hit = (logOfMissing: number) => -Math.expm1(logOfMissing);
  return {
    shortCodeTries,
    triesADay,
    triesInARow,
    networkTriesADay,
    inADay: hit(missAll(1, shortCodeTries, triesADay)),
    inAYear: {
      quiet: hit(missAll(daysAYear, shortCodeTries, triesInARow)),
      worst: hit(missAll(daysAYear, shortCodeTries * daysAYear, triesADay * daysAYear)),
    },
  };
}

/** How many mails reach one mailbox within `windowMs`, asked for as early as each may be. */
function mostMails(windowMs: number): number {
  const sentAt: number[] = [];
  for (let now = dayMs; now < dayMs + windowMs; now += stepMs) while (mayMail(sentAt, now)) sentAt.push(now);
  return sentAt.length;
}
const stepMs = hourMs / 4;

/** The first count for which `allows` is false. */
function firstRefused(allows: (wrong: number) => boolean): number {
  let wrong = 0;
  while (allows(wrong)) wrong += 1;
  return wrong;
}
