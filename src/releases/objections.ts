// "This was not me" to a release: from a notice with its number, from a browser that is signed in, by a sign-in, or by a
// recovery of one's own. What it does depends on how long whoever says it has been known to the account (decision 049).
import type { AccountDirectory } from '../accounts/directory.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import type { Database, Transaction } from '../database/database.ts';
import type { Limits } from '../limits/limits.ts';
import type { PasswordChanges } from '../password-changes/password-changes.ts';
import type { Authenticator } from '../proofs/authenticator.ts';
import { isCode, linkHashes, takeBrowserTry } from '../proofs/email-code.ts';
import { readNumber } from '../proofs/notice-number.ts';
import type { Refusal } from '../refusals.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { findCaseById } from '../support/case-rows.ts';
import type { Cases } from '../support/cases.ts';
import type { Closings } from './closings.ts';
import type { By, MovesNeeds, Objector, ReleaseMoves } from './moves.ts';
import type { Owner, ReleaseNotices } from './notices.ts';
import { objectionOf, undoLifeMs } from './policy.ts';
import {
  accountMadeAt,
  browserKnownSince,
  findNoticeOfLink,
  hasObjected,
  hasOpenRelease,
  openReleaseOf,
  type Release,
  spentReleasesOf,
  takeNoticeTry,
  toldCaseOf,
} from './release-rows.ts';

/**
 * `stopped`: it ended. `undone`: its password is suspended. `noted`: it is contested, and support has to look closer. `stands`:
 * that was said before, and nothing is open that it could stop. The others are about the closing of the account.
 */
export const objectedWords = [
  'stopped',
  'undone',
  'noted',
  'stands',
  'not-closed',
  'reopened',
  'stays-closed',
] as const;
export type Objected = (typeof objectedWords)[number];

/** What a notice is about, as it stands now. */
export type NoticeAbout = 'release' | 'closing' | 'closed';

/** What an account is told of on its own page. */
export interface OwnRelease {
  readonly state: 'told' | 'proposed' | 'holding' | 'released' | 'closing';
  /** UTC epoch ms; `null` where nothing is held. */
  readonly holdEndsAt: number | null;
}

export interface Objections {
  /** Whether the token is that of a notice about a release, however old. */
  isNotice(token: string): Promise<boolean>;
  /** `undefined`: there is nothing to object to any more, or it is no notice. */
  noticeAbout(token: string): Promise<NoticeAbout | undefined>;
  /** With the number of the notice typed under its link. */
  objectFromNotice(request: {
    readonly token: string;
    readonly typed: string;
    /** A handle that the browser keeps. */
    readonly browser: string;
    readonly source: string;
  }): Promise<Outcome<{ readonly objected: Objected }, Refusal>>;
  /** In a browser that is signed in. */
  objectFromSession(request: {
    readonly accountId: string;
    readonly sessionId: string;
    readonly source: string;
  }): Promise<Outcome<{ readonly objected: Objected }, Refusal>>;
  /** Whoever has the account comes in by a way of their own: an objection to a release that is open, in their transaction. */
  comesIn(
    tx: Transaction,
    of: { readonly accountId: string; readonly source: string } & (
      | { readonly sessionId: string }
      | { readonly addressConfirmedAt: number }
    ),
  ): Promise<void>;
  /** `undefined`: there is nothing to object to. */
  ownReleaseOf(accountId: string): Promise<OwnRelease | undefined>;
}

export interface ObjectionsNeeds extends MovesNeeds {
  readonly db: Database;
  readonly directory: AccountDirectory;
  readonly limits: Limits;
  readonly sessions: Pick<Sessions, 'hold'>;
  readonly passwordChanges: Pick<PasswordChanges, 'undo'>;
  readonly authenticator: Pick<Authenticator, 'reinstate'>;
  readonly cases: Pick<Cases, 'move'>;
  /** Ends the recovery that the grant of the release opened. */
  readonly endReleased: (tx: Transaction, releaseId: string, source: string) => Promise<void>;
}

export function createObjections(
  needs: ObjectionsNeeds,
  moves: ReleaseMoves,
  { ownerOf }: Pick<ReleaseNotices, 'ownerOf'>,
  closings: Pick<Closings, 'ofAccount' | 'object'>,
): Objections {
  const { db, keys, clock, audit, directory, limits, sessions, passwordChanges, authenticator, cases } = needs;
  const { endReleased } = needs;

  const undoableSince = () => clock.now() - undoLifeMs;

  /** What there is to object to: an open release, those that gave the account away lately, or a case alone. */
  const targetOf = async (reader: Transaction, accountId: string) => ({
    open: await openReleaseOf(reader, { accountId }),
    spent: await spentReleasesOf(reader, accountId, undoableSince()),
    told: await toldCaseOf(reader, accountId),
  });

  async function backToDesk(tx: Transaction, caseId: string): Promise<void> {
    const of = await findCaseById(tx, caseId);
    if (of?.state === 'decided') await cases.move(tx, of, 'reopened');
  }

  async function objectToOpen(
    tx: Transaction,
    release: Release,
    by: By & { readonly knownSince: number },
  ): Promise<'stopped' | 'noted'> {
    const accountCreatedAt = await accountMadeAt(tx, release.account_id);
    const event = objectionOf({ knownSince: by.knownSince, accountCreatedAt }, clock.now());
    const moved = await moves.move(tx, release, { event }, by);
    const { id: releaseId, case_id: caseId, account_id: accountId } = release;
    if (!moved.ok) {
      const now = await openReleaseOf(tx, { accountId });
      // It moved at this very moment, as a sign-in does not hold the account: judged as it is by now.
      if (now && now.version !== release.version) return objectToOpen(tx, now, by);
      // A lead approved it with two proofs: it stands, and the objection is on the record.
      const what = { event: 'contested', audit: 'release.contested' } as const;
      await moves.note(tx, { caseId, accountId, releaseId }, what, { ...by, facts: { stands: 1 } });
      return 'noted';
    }
    if (release.state === 'opened') await endReleased(tx, releaseId, by.source ?? '');
    await backToDesk(tx, caseId);
    return event === 'vetoed' ? 'stopped' : 'noted';
  }

  /** The caller holds the account. `undefined`: there is nothing to object to any more. */
  async function object(
    tx: Transaction,
    { account, addresses }: Owner,
    by: By & { readonly objector: Objector; readonly knownSince: number; readonly source: string },
  ): Promise<Objected | undefined> {
    const accountId = account.id;
    const { open, spent, told } = await targetOf(tx, accountId);
    const { knownSince } = by;
    const isOld = objectionOf({ knownSince, accountCreatedAt: account.createdAt }, clock.now()) === 'vetoed';
    const ofClosing = await closings.object(tx, accountId, by);
    const stopped = open && (await objectToOpen(tx, open, by));
    // Whoever got the account by one may have got it by another since, or have one open: the one objection is to all.
    let undone = 0;
    for (const release of spent) {
      const { spent_at: changedAt, change_id: changeId } = release;
      if (changedAt === null || changeId === null || !isOld || knownSince >= release.proposed_at) continue;
      const moved = await moves.move(tx, release, { event: 'undone' }, by);
      if (!moved.ok) continue;
      undone += 1;
      await directory.reinstate(tx, { accountId, since: changedAt });
      await passwordChanges.undo(tx, {
        account,
        addresses,
        changeId,
        changedAt,
        // Whoever the account was given to may have changed it once more: from then on only they could.
        suspends: 'its-own-and-later',
        confirmedAt: knownSince,
        source: by.source,
      });
      if (await authenticator.reinstate(tx, { accountId, by: release.id }))
        await audit.append(tx, {
          event: 'authenticator.reinstated',
          subjectId: release.id,
          accountId,
          source: by.source,
        });
      await backToDesk(tx, release.case_id);
    }
    if (undone > 0) return 'undone';
    if (ofClosing && ofClosing !== 'not-closed') return ofClosing;
    if (stopped) return stopped;
    if (ofClosing) return ofClosing;
    const [newest] = spent;
    const caseId = newest?.case_id ?? told?.case_id;
    if (caseId === undefined) return undefined;
    if (await hasObjected(tx, { caseId, accountId })) return 'stands';
    const event = isOld ? 'vetoed' : 'contested';
    const what = { event, audit: `release.${event}` } as const;
    await moves.note(tx, { caseId, accountId, releaseId: newest?.id ?? null }, what, by);
    return 'noted';
  }

  const isAny = async (accountId: string) => {
    const { open, spent, told } = await targetOf(db.read, accountId);
    return (open ?? spent[0] ?? told ?? (await closings.ofAccount(db.read, accountId))) !== undefined;
  };

  return {
    isNotice: async (token) => (await findNoticeOfLink(db.read, linkHashes(keys, token))) !== undefined,

    async noticeAbout(token) {
      const notice = await findNoticeOfLink(db.read, linkHashes(keys, token));
      if (!notice || !(await isAny(notice.account_id))) return undefined;
      const closing = await closings.ofAccount(db.read, notice.account_id);
      if (closing?.state === 'closed') return 'closed';
      return closing && notice.event.startsWith('closing-') ? 'closing' : 'release';
    },

    async objectFromNotice({ token, typed, browser, source }) {
      // Looked up before it is counted: made-up tokens leave no counters behind.
      const found = await findNoticeOfLink(db.read, linkHashes(keys, token));
      if (!found || !(await isAny(found.account_id))) return refuse('link-over');
      const read = readNumber(typed);
      if (!read.ok) return read;
      const within = await takeBrowserTry({ keys, limits }, { token, browser });
      if (!within.ok) return within;
      const accountId = found.account_id;
      const owner = await ownerOf(accountId);
      if (!owner) return refuse('link-over');
      return db.write(async (tx) => {
        await directory.hold(tx, accountId);
        const notice = await takeNoticeTry(tx, found.id);
        if (!notice) return refuse('link-over');
        if (!isCode(keys, notice.number_hash, notice.id, read.number)) {
          await audit.append(tx, { event: 'notice.number_wrong', subjectId: notice.step_id, accountId, source });
          return refuse('number-wrong');
        }
        const knownSince = notice.address_confirmed_at;
        const objected = await object(tx, owner, { objector: 'address', knownSince, source });
        return objected ? accept({ objected }) : refuse('link-over');
      });
    },

    async objectFromSession({ accountId, sessionId, source }) {
      const owner = await ownerOf(accountId);
      if (!owner) return refuse('signed-out');
      return db.write(async (tx) => {
        await directory.hold(tx, accountId);
        const knownSince = (await sessions.hold(tx, sessionId)) ? await browserKnownSince(tx, sessionId) : undefined;
        if (knownSince === undefined) return refuse('signed-out');
        const objected = await object(tx, owner, { objector: 'session', knownSince, source });
        return objected ? accept({ objected }) : refuse('release-state');
      });
    },

    async comesIn(tx, { accountId, source, ...how }) {
      const open = (await hasOpenRelease(tx, { accountId })) && (await openReleaseOf(tx, { accountId }));
      if (!open) return;
      const by =
        'sessionId' in how
          ? ({ objector: 'sign-in', knownSince: (await browserKnownSince(tx, how.sessionId)) ?? clock.now() } as const)
          : ({ objector: 'recovery', knownSince: how.addressConfirmedAt } as const);
      await objectToOpen(tx, open, { ...by, source });
    },

    async ownReleaseOf(accountId) {
      // After a release was spent nobody is signed in who was before it: there is nobody here to ask.
      const open = await openReleaseOf(db.read, { accountId });
      const closing = open ? undefined : await closings.ofAccount(db.read, accountId);
      if (closing) return { state: 'closing', holdEndsAt: closing.state === 'holding' ? closing.due_at : null };
      if (!open) return (await toldCaseOf(db.read, accountId)) && { state: 'told', holdEndsAt: null };
      if (open.state === 'proposed') return { state: 'proposed', holdEndsAt: null };
      return { state: open.state === 'holding' ? 'holding' : 'released', holdEndsAt: open.hold_ends_at };
    },
  };
}
