// The rules of a release, pure: how much has to be proved, by whom it is approved, how long it is held. The numbers have
// floors in the database too (migrations/004-releases.sql).
import { setAsideMs } from '../accounts/removal.ts';
import { dayMs, hourMs } from '../base/clock.ts';
import type { EvidenceKind } from '../support/evidence.ts';
import { settledBefore } from '../support/policy.ts';

/** How long an approved release is held, and how long where another address of the account has confirmed it: the least that settings may say. */
export const holdFloorMs = 72 * hourMs;
export const shortHoldFloorMs = dayMs;
/** How long a proposal waits for a second person. */
export const proposalLifeMs = 7 * dayMs;
/** How long the closing of an account is held, while whoever has it can say that they live. The database has it as a floor. */
export const closingHoldMs = 14 * dayMs;
export const grantLifeMs = 72 * hourMs;
export const maxGrantTries = 5;
/** How long after a release it can still be undone, and makes the next one harder. */
export const undoLifeMs = setAsideMs;
/** Notices work until the last of what they tell of can be undone. */
export const releaseNoticeLifeMs = 60 * dayMs;
/** Approvals of one agent in an hour before a lead has to look. */
export const quickApprovals = 2;
export const quickWindowMs = hourMs;
/** A second approval for one account within this needs a lead. */
export const accountWindowMs = 7 * dayMs;

const strong: readonly EvidenceKind[] = ['other-address', 'spare-code', 'authenticator'];
const ofFactor: readonly EvidenceKind[] = ['spare-code', 'authenticator'];

/** A browser that is or was signed in counts as one more, and only beside a proof: somebody may hold an old tablet. */
export function countProofs(kinds: readonly EvidenceKind[]): number {
  const proofs = kinds.filter((kind) => strong.includes(kind)).length;
  return proofs > 0 && kinds.length > proofs ? proofs + 1 : proofs;
}

/** In a case about a lost second factor nothing of that factor counts: who still has it needs nobody to take it off. */
export const countedIn = (caseKind: string, kinds: readonly EvidenceKind[]): readonly EvidenceKind[] =>
  caseKind === 'factor-lost' ? kinds.filter((kind) => !ofFactor.includes(kind)) : kinds;

/** What a release does to the second factor of the account. */
export const factorFates = ['none', 'stays', 'young', 'lost'] as const;
export type FactorFate = (typeof factorFates)[number];

/**
 * `young`: it was added within 30 days before the case was opened, or later, perhaps by whoever took the account over;
 * `lost`: the case is about that. Both are set aside when the password is set. Times in UTC epoch ms.
 */
export function factorFate(
  addedAt: number | undefined,
  {
    kind,
    openedAt,
    accountCreatedAt,
  }: { readonly kind: string; readonly openedAt: number; readonly accountCreatedAt: number },
): FactorFate {
  if (addedAt === undefined) return 'none';
  if (addedAt > settledBefore(accountCreatedAt, openedAt)) return 'young';
  return kind === 'factor-lost' ? 'lost' : 'stays';
}

/** What is known of the account, the case and the agents when a release is judged. */
export interface Circumstances {
  readonly hasSecondFactor: boolean;
  /** Somebody objected to a release of this account, or to this case. */
  readonly isContested: boolean;
  /** Another release of the account within the time in which it can be undone. */
  readonly isSecondRelease: boolean;
  readonly approvalsForAccountInWeek: number;
  /** Of whoever approves. */
  readonly approvalsByAgentInHour: number;
}

export const needReasons = ['second-factor', 'contested', 'second-release', 'same-account', 'many-approvals'] as const;
export type NeedReason = (typeof needReasons)[number];

export interface Needs {
  readonly proofs: 1 | 2;
  readonly isLeadNeeded: boolean;
  readonly why: readonly NeedReason[];
}

export function needsOf(circumstances: Circumstances): Needs {
  const { hasSecondFactor, isContested, isSecondRelease } = circumstances;
  const isSameAccount = circumstances.approvalsForAccountInWeek > 0;
  const areMany = circumstances.approvalsByAgentInHour >= quickApprovals;
  const held: Readonly<Record<NeedReason, boolean>> = {
    'second-factor': hasSecondFactor,
    contested: isContested,
    'second-release': isSecondRelease,
    'same-account': isSameAccount,
    'many-approvals': areMany,
  };
  return {
    proofs: hasSecondFactor || isContested || isSecondRelease ? 2 : 1,
    isLeadNeeded: isContested || isSecondRelease || isSameAccount || areMany,
    why: needReasons.filter((reason) => held[reason]),
  };
}

export interface HoldHours {
  readonly long: number;
  readonly short: number;
}

/** A release that somebody objected to is never held for the short time. */
export const holdMsOf = (
  { long, short }: HoldHours,
  { isConfirmedElsewhere, isContested }: { readonly isConfirmedElsewhere: boolean; readonly isContested: boolean },
): number =>
  isConfirmedElsewhere && !isContested
    ? Math.max(shortHoldFloorMs, Math.min(short, long) * hourMs)
    : Math.max(holdFloorMs, long * hourMs);

/**
 * What an objection does, by how long the address or browser that it comes from has been known to the account: one that is
 * younger than 30 days contests and ends nothing, as a taken-over mailbox is the thief's. What came with the account is as
 * settled here as it is for proofs.
 */
export const objectionOf = (
  { knownSince, accountCreatedAt }: { readonly knownSince: number; readonly accountCreatedAt: number },
  now: number,
): 'vetoed' | 'contested' => (knownSince <= settledBefore(accountCreatedAt, now) ? 'vetoed' : 'contested');
