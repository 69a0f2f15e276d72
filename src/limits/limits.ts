// The table of every limit. A limit per source stops the one who floods; a limit per target only raises the price and
// never refuses, so that nobody can lock an owner out (D3, D4, D5).
import { dayMs, hourMs, minuteMs } from '../base/clock.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { Problem } from '../base/problem.ts';
import type { Transaction } from '../database/database.ts';
import type { Counter, Hit } from './counter.ts';

export interface Limit {
  /** What is counted: the network of the request, the keyed hash of what was typed, an account, an address that mail goes to, a case, an agent, or the whole site. */
  readonly per: 'source' | 'browser' | 'identifier' | 'account' | 'address' | 'case' | 'agent' | 'site';
  readonly max: number;
  readonly windowMs: number;
  /**
   * Counted in Valkey, where there is one: what only tells how much comes from where. While it does not answer, `open` lets
   * everybody through, as a page does, and `closed` nobody, as a guess does. What bounds guesses and mail, or is counted in
   * the transaction that it guards, is always counted in the database.
   */
  readonly valkey?: 'open' | 'closed';
}

export const limits = {
  /** Challenges made for one network. */
  'check-issue': { per: 'source', max: 120, windowMs: 10 * minuteMs, valkey: 'open' },
  /** Answers judged for one network. */
  'check-answer': { per: 'source', max: 120, windowMs: 10 * minuteMs, valkey: 'closed' },
  /** Answers that cost no work: letters, and waits without script. */
  'check-answer-plain': { per: 'source', max: 60, windowMs: 10 * minuteMs, valkey: 'closed' },
  /** Pictures of letters, spoken digits, and waiting checks without script. */
  'check-plain': { per: 'source', max: 60, windowMs: 10 * minuteMs, valkey: 'open' },
  /** From here on the checks of a network cost more work; none is refused for it. */
  'check-failed': { per: 'source', max: 20, windowMs: 10 * minuteMs, valkey: 'closed' },
  /** Answers judged on the whole site. From here on every check is the full one: an attack from many networks. */
  'check-site': { per: 'site', max: 600, windowMs: minuteMs, valkey: 'closed' },
  /** Recoveries begun from one network. */
  'recovery-start': { per: 'source', max: 30, windowMs: hourMs },
  /** From here on a typed identifier costs more work in the human check; it is never refused. */
  'recovery-identifier': { per: 'identifier', max: 5, windowMs: hourMs },
  /** Codes tried from one network, over all recoveries. */
  'code-try': { per: 'source', max: 60, windowMs: hourMs },
  /** Wrong codes on the whole site. From here on every recovery costs the full human check: the brake of D3. */
  'code-wrong-site': { per: 'site', max: 1_000, windowMs: hourMs },
  /** Codes tried under one mail's link in one browser; all browsers together have 20 (D9). */
  'link-try': { per: 'browser', max: 5, windowMs: dayMs },
  /** Wrong passwords from one network. From here on each costs the full human check; none is refused for it. */
  'sign-in-source': { per: 'source', max: 50, windowMs: 10 * minuteMs, valkey: 'closed' },
  /** Wrong passwords for one typed identifier: the same. */
  'sign-in-identifier': { per: 'identifier', max: 20, windowMs: hourMs, valkey: 'closed' },
  /** Passwords that a remembered device can try once there were too many wrong ones in a row: its own, nobody else's. */
  'sign-in-device': { per: 'browser', max: 5, windowMs: hourMs },
  /** Wrong codes of an account's second factor, wherever they are typed. */
  'second-factor': { per: 'account', max: 20, windowMs: dayMs },
  /** Sign-ups begun from one network, and further user IDs tried. */
  'sign-up-start': { per: 'source', max: 20, windowMs: hourMs, valkey: 'closed' },
  /** Codes to a further address asked for from one network, the password proved. */
  'address-add': { per: 'source', max: 20, windowMs: hourMs },
  /** Cases opened from one network. */
  'case-open': { per: 'source', max: 10, windowMs: hourMs, valkey: 'closed' },
  /** Codes tried for one case number from one network. */
  'case-try': { per: 'case', max: 10, windowMs: hourMs },
  /** Other contact addresses given for one case. */
  'case-contact': { per: 'case', max: 5, windowMs: dayMs },
  /** What the person of a case shows as a proof: codes typed and browsers shown. */
  'case-proof': { per: 'case', max: 10, windowMs: dayMs },
  /** Addresses on file that a code is asked to, for one case. */
  'case-proof-mail': { per: 'case', max: 5, windowMs: dayMs },
  /** Alarms of one sign of a case. */
  'case-signal': { per: 'case', max: 1, windowMs: dayMs },
  /** Messages to the desk about one case. */
  'case-message': { per: 'case', max: 20, windowMs: dayMs },
  /** Pictures sent with one case. */
  'case-picture': { per: 'case', max: 5, windowMs: dayMs },
  /** Notices to an account that a case about it was opened; approvals and releases are told without a limit. */
  'release-told': { per: 'account', max: 1, windowMs: dayMs },
  /** Wrong sign-ins of one typed name of an agent from one network. */
  'agent-sign-in': { per: 'identifier', max: 10, windowMs: hourMs },
  /** Wrong sign-ins of agents from one network, whatever the names, and enrolment links that are none. */
  'agent-sign-in-source': { per: 'source', max: 60, windowMs: hourMs },
  /** Wrong codes or passkeys of an agent, beside the right password. */
  'agent-second-factor': { per: 'agent', max: 5, windowMs: hourMs },
  /** Cases that an agent opens. */
  'agent-case': { per: 'agent', max: 60, windowMs: hourMs },
  /** Searches of an agent. */
  'agent-search': { per: 'agent', max: 120, windowMs: hourMs, valkey: 'closed' },
  /** Contacts that an agent looks at unmasked. */
  'agent-unmask': { per: 'agent', max: 20, windowMs: hourMs },
  /** The "no account here" mail to one typed address. */
  'mail-no-account': { per: 'address', max: 1, windowMs: dayMs },
  /** Codes for cases to one mailbox on file. */
  'mail-case-proof': { per: 'address', max: 3, windowMs: dayMs },
  /** All mails to one typed address. */
  'mail-typed': { per: 'address', max: 3, windowMs: dayMs },
  /** All mails to typed addresses: a budget apart from recovery's. */
  'mail-typed-site': { per: 'site', max: 2_000, windowMs: dayMs },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof limits;

export interface Limits {
  /**
   * Counts one against the limit for `who` (a keyed hash, or the site), and tells how many there are now; refuses the first
   * beyond it. In `tx`, where one is given, as the first thing or the last that it holds, or two would wait for each other;
   * a refusal must then be returned, not thrown, or it would not count.
   */
  take(name: LimitName, who: string, tx?: Transaction): Promise<Outcome<{ readonly count: number }, 'too-many'>>;
  /** Counts one in `tx`, like `take`, where nobody needs to know how many there are: nothing waits for it. */
  note(name: LimitName, who: string, tx: Transaction): Promise<void>;
  /** Refuses where the limit is used up, without counting. */
  look(name: LimitName, who: string): Promise<Outcome<unknown, 'too-many'>>;
  /** For what is never refused but costs more and more: counts one and tells how many there are now. */
  hit(name: LimitName, who: string): Promise<number>;
  /** The same of two that are counted in one place: in the database with one commit. */
  hitBoth(one: Counted, two: Counted): Promise<readonly [number, number]>;
  /** Takes both back. */
  giveBackBoth(one: Counted, two: Counted): Promise<void>;
  /** The same without counting. */
  count(name: LimitName, who: string): Promise<number>;
  /** Takes back one that was counted before it was known to deserve it. */
  giveBack(name: LimitName, who: string): Promise<void>;
}

/** Which limit, for whom. */
export type Counted = readonly [name: LimitName, who: string];

/** `valkey`: the counter for those that may be counted in it. */
export function createLimits({ counter, valkey }: { counter: Counter; valkey?: Counter | undefined }): Limits {
  const counterOf = (limit: Limit): Counter => (limit.valkey && valkey) ?? counter;

  function counterOfBoth([one]: Counted, [two]: Counted): Counter {
    const of = counterOf(limits[one]);
    if (of !== counterOf(limits[two])) throw new Error(`${one} and ${two} are counted in two places`);
    return of;
  }

  /** What Valkey cannot count while it is away is as if it were used up: where that lets through, and where it only raises a price. */
  const orUsedUp = async (limit: Limit, counting: Promise<Hit>): Promise<Hit> => {
    try {
      return await counting;
    } catch (error) {
      if (counterOf(limit) !== valkey || !(error instanceof Problem)) throw error;
      return { count: limit.max, endsInMs: limit.windowMs };
    }
  };

  return {
    async take(name, who, tx) {
      const limit: Limit = limits[name];
      const hit = counterOf(limit).hit(`${name}/${who}`, limit.windowMs, tx);
      const { count, endsInMs } = await (limit.valkey === 'open' ? orUsedUp(limit, hit) : hit);
      return count <= limit.max ? accept({ count }) : refuse('too-many', endsInMs);
    },
    note: (name, who, tx) => counterOf(limits[name]).note(`${name}/${who}`, limits[name].windowMs, tx),
    async look(name, who) {
      const limit: Limit = limits[name];
      const { count, endsInMs } = await counterOf(limit).peek(`${name}/${who}`);
      return count < limit.max ? accept() : refuse('too-many', endsInMs);
    },
    hit: async (name, who) => (await counterOf(limits[name]).hit(`${name}/${who}`, limits[name].windowMs)).count,
    count: async (name, who) => (await orUsedUp(limits[name], counterOf(limits[name]).peek(`${name}/${who}`))).count,
    async hitBoth(one, two) {
      const wanted = ([name, who]: Counted) => ({ key: `${name}/${who}`, windowMs: limits[name].windowMs });
      const [first, second] = await counterOfBoth(one, two).hitAll([wanted(one), wanted(two)]);
      return [first?.count ?? 0, second?.count ?? 0];
    },
    giveBackBoth: (...both) => counterOfBoth(...both).giveBack(...both.map(([name, who]) => `${name}/${who}`)),
    giveBack: (name, who) => counterOf(limits[name]).giveBack(`${name}/${who}`),
  };
}
