// What the desk does with releases: one agent proposes with the evidence that it takes, another approves, and nobody gives
// an account away alone (D13). Each act is one transaction that holds the account, the agent and the release.
import type { AccountDirectory } from '../accounts/directory.ts';
import type { Agent, Agents } from '../agents/agents.ts';
import type { Log } from '../base/log.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { createBackOff, passOver } from '../base/pass.ts';
import { randomToken } from '../base/random.ts';
import type { Settings } from '../config/settings.ts';
import type { Database, Transaction } from '../database/database.ts';
import { storedLocale } from '../i18n/translate.ts';
import type { Outbox } from '../mail/outbox.ts';
import type { Authenticator } from '../proofs/authenticator.ts';
import type { Refusal } from '../refusals.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { type CaseState, isCaseState } from '../support/case-flow.ts';
import { findCaseById } from '../support/case-rows.ts';
import { type CaseRow, type Cases, readWords } from '../support/cases.ts';
import { type EvidenceKind, provenOf } from '../support/evidence.ts';
import { type CaseClosing, type ClosingsNeeds, createClosings } from './closings.ts';
import { dueRelease, proposedRelease, type ReleaseAct } from './flow.ts';
import { createGrants, type Grants, type GrantsNeeds } from './grants.ts';
import { createReleaseMoves, type Objector } from './moves.ts';
import { createProposals } from './proposals.ts';
import { createReleaseNotices, type NoticesNeeds, type Owner, type ReleaseNotices } from './notices.ts';
import { createObjections, type Objections, type ObjectionsNeeds } from './objections.ts';
import {
  accountWindowMs,
  countedIn,
  countProofs,
  factorFate,
  type FactorFate,
  factorFates,
  grantLifeMs,
  holdMsOf,
  type Needs,
  needsOf,
  quickWindowMs,
  undoLifeMs,
} from './policy.ts';
import {
  approvalsAfter,
  dueReleases,
  findRelease,
  insertRelease,
  isContested,
  type Release,
  releasesOfCase,
  stepsOfCase,
  wasReleasedAfter,
} from './release-rows.ts';

/** How an account could be given to the person of a case, as it stands. */
export interface Candidate {
  readonly accountId: string;
  readonly userId: string;
  readonly evidence: readonly EvidenceKind[];
  readonly proofs: number;
  readonly needs: Needs;
  /** What would become of the second factor. */
  readonly factor: FactorFate;
}

/** A line of what happened. Times in UTC epoch ms. */
export interface CourseStep {
  readonly event: string;
  readonly at: number;
  /** Who of the desk; `null`: nobody of it. */
  readonly by: string | null;
  readonly words: string;
  readonly objector: Objector | null;
  readonly knownSince: number | null;
  readonly factor: FactorFate;
}

export interface CaseReleases {
  /** The one that is open. */
  readonly open:
    | {
        readonly id: string;
        readonly version: number;
        readonly state: string;
        readonly userId: string;
        readonly proposedBy: string;
        /** Whether the agent who looks proposed it. */
        readonly isOwn: boolean;
        readonly proofs: number;
        readonly proofsNeeded: number;
        readonly isLeadNeeded: boolean;
        readonly dueAt: number;
      }
    | undefined;
  readonly candidates: readonly Candidate[];
  /** The newest gave the account to the person, and that was not undone. */
  readonly given: { readonly userId: string; readonly at: number } | undefined;
  readonly course: readonly CourseStep[];
  /** Of the account of somebody who died: the one that is open, or that closed it. */
  readonly closing: CaseClosing | undefined;
  readonly isContested: boolean;
}

/**
 * How it stands for the person of the case: held until then, to be used until then, a password to be chosen until then, the
 * password set, not used in time; or to be closed then.
 */
export interface Standing {
  readonly state: 'holding' | 'released' | 'opened' | 'spent' | 'lapsed' | 'closing';
  /** UTC epoch ms; of what is over, in the past. */
  readonly until: number;
}

/** The word that the person and the desk read: while it is held two people have decided, and what is left is to wait. */
export function toldState(state: string, standing: Pick<Standing, 'state'> | undefined): CaseState {
  const isHeld = standing?.state === 'holding' || standing?.state === 'closing';
  if (state === 'deciding' && isHeld) return 'decided';
  return isCaseState(state) ? state : 'received';
}

/** The release as the agent saw it. */
export interface SeenRelease {
  readonly id: string;
  readonly version: number;
}

interface ByAgent {
  readonly agent: Agent;
  /** Why, for the desk alone. */
  readonly words: string;
}

type Done = Promise<Outcome<unknown, Refusal>>;

export interface Releases extends Objections {
  readonly notices: ReleaseNotices;
  readonly grants: Grants;
  /** `accountIds`: whom the case names. */
  ofCase(agent: Agent, of: CaseRow, accountIds: readonly string[]): Promise<CaseReleases>;
  /** A case of one's own, as the agent saw it. */
  propose(of: CaseRow, version: number, accountId: string, by: ByAgent): Done;
  /** The closing of an account whose owner died, in a case of that kind. */
  proposeClosing(of: CaseRow, version: number, accountId: string, by: ByAgent): Done;
  decideClosing(seen: SeenRelease, event: 'approved' | 'refused' | 'withdrawn', by: ByAgent): Done;
  approve(seen: SeenRelease, by: ByAgent): Done;
  refuse(seen: SeenRelease, by: ByAgent): Done;
  /** By who proposed it, whose case it is, or a lead: stopping is always safe. */
  withdraw(seen: SeenRelease, by: ByAgent): Done;
  /** Whether a case has one that is open: it cannot be decided otherwise. */
  isOpenFor(tx: Transaction, caseId: string): Promise<boolean>;
  /** How it stands for the person of the case. */
  standingOf(caseId: string): Promise<Standing | undefined>;
  /** One pass of the worker: holds that are over, grants and proposals whose time is over. */
  settle(): Promise<void>;
}

export interface ReleasesNeeds
  extends NoticesNeeds,
    Omit<ObjectionsNeeds, 'cases' | 'sessions'>,
    GrantsNeeds,
    Pick<ClosingsNeeds, 'devices'> {
  readonly sessions: Pick<Sessions, 'hold' | 'endAll'>;
  readonly db: Database;
  readonly directory: AccountDirectory;
  readonly outbox: Outbox;
  readonly log: Log;
  readonly settings: Settings;
  readonly agents: Pick<Agents, 'namesOf' | 'holdWorking'>;
  readonly cases: Pick<Cases, 'move' | 'answer'>;
  readonly authenticator: Pick<Authenticator, 'addedAt' | 'setAside' | 'reinstate'>;
}

const settledAtOnce = 100;

export function createReleases(needs: ReleasesNeeds): Releases {
  const { db, keys, clock, random, audit, directory, outbox, log, settings, agents, cases, authenticator, site } =
    needs;
  const moves = createReleaseMoves(needs);
  const notices = createReleaseNotices(needs, moves);
  const proposals = createProposals(needs);
  const closings = createClosings(needs, { moves, notices, proposals });
  const backOff = createBackOff(clock);
  const hours = { long: settings.releaseHoldHours, short: settings.releaseShortHoldHours };

  /** What it takes to give this account to the person of this case, and what is proved. `agentId`: of whoever approves. */
  async function judge(
    reader: Transaction,
    {
      of: { id: caseId, kind, created_at: openedAt },
      account: { id: accountId, createdAt: accountCreatedAt },
      agentId,
    }: { readonly of: CaseRow; readonly account: Owner['account']; readonly agentId: string },
  ) {
    const now = clock.now();
    const evidence = countedIn(kind, await provenOf(reader, caseId, accountId));
    const contested = await isContested(reader, { caseId, accountId });
    const factor = factorFate(await authenticator.addedAt(reader, accountId), { kind, openedAt, accountCreatedAt });
    const needed = needsOf({
      hasSecondFactor: factor !== 'none',
      isContested: contested,
      isSecondRelease: await wasReleasedAfter(reader, accountId, now - undoLifeMs),
      approvalsForAccountInWeek: await approvalsAfter(reader, { accountId }, now - accountWindowMs),
      approvalsByAgentInHour: await approvalsAfter(reader, { agentId }, now - quickWindowMs),
    });
    const isConfirmedElsewhere = evidence.includes('other-address');
    const holdMs = holdMsOf(hours, { isConfirmedElsewhere, isContested: contested });
    return {
      evidence,
      factor,
      needs: needed,
      proofs: countProofs(evidence),
      isConfirmedElsewhere,
      holdMs,
      isContested: contested,
    };
  }

  /** One act on a release as an agent saw it, and whatever comes with it. */
  async function act(
    seen: SeenRelease,
    { agent, words }: ByAgent,
    done: (tx: Transaction, release: Release, acting: Agent, owner: Owner) => Done,
  ): Done {
    const read = readWhy(words);
    if (!read.ok) return read;
    const found = await findRelease(db.read, seen.id);
    const owner = found && (await notices.ownerOf(found.account_id));
    if (!found || !owner) return refuse('release-state');
    return db.write(async (tx) => {
      await directory.hold(tx, owner.account.id);
      // Held: whoever is just being removed, or loses the role, decides nothing after it.
      const acting = await agents.holdWorking(tx, agent.id);
      const release = await findRelease(tx, found.id);
      if (!acting || acting.role === 'auditor' || release?.version !== seen.version) return refuse('release-state');
      return done(tx, release, acting, owner);
    });
  }

  async function alarm(tx: Transaction, agent: Agent, release: Release, why: string): Promise<void> {
    log.warn({ agent: agent.id, release: release.id, why }, 'an approval is out of the ordinary: a lead should look');
    const { id: subjectId, account_id: accountId } = release;
    await audit.append(tx, { event: 'release.alarm', subjectId, accountId, facts: { agent: agent.id, why } });
  }

  async function settleOne(due: Release): Promise<void> {
    const owner = await notices.ownerOf(due.account_id);
    await db.write(async (tx) => {
      await directory.hold(tx, due.account_id);
      const of = await findCaseById(tx, due.case_id);
      // Nobody to give, or nowhere to send the link: what was written about the case is deleted.
      const isPossible = owner?.account.state === 'active' && of?.emptied_at === null;
      const moved = await moves.move(tx, due, { event: dueRelease({ state: due.state, isPossible }) });
      if (!moved.ok || moved.release.state !== 'released' || !owner) return;
      await outbox.enqueue(tx, {
        kind: 'release-grant',
        subjectId: due.id,
        locale: storedLocale(of?.locale ?? owner.account.locale),
        expiresAt: clock.now() + grantLifeMs,
      });
      await notices.tell(tx, moved.step, owner);
      if (of?.state === 'deciding') await cases.move(tx, of, 'decided', { toldBy: 'caller' });
    });
  }

  return {
    ...createObjections(needs, moves, notices, closings),
    notices,
    grants: createGrants(needs, moves, notices),

    async ofCase(agent, of, accountIds) {
      const all = await releasesOfCase(db.read, of.id);
      const open = all.find(({ ended_at }) => ended_at === null);
      const [newest] = all;
      const steps = await stepsOfCase(db.read, of.id);
      const names = await agents.namesOf([
        ...steps.flatMap(({ agent_id }) => agent_id ?? []),
        ...(open ? [open.proposed_by] : []),
      ]);
      // Of whoever looks at what another proposed: that is who would approve it.
      const agentId = open && open.proposed_by !== agent.id ? agent.id : '';
      const accounts = await Promise.all(accountIds.map((id) => directory.find(id)));
      const candidates = await Promise.all(
        accounts
          .flatMap((account) => (account?.state === 'active' ? [account] : []))
          .map(async (account) => {
            const judged = await judge(db.read, { of, account, agentId });
            return { accountId: account.id, userId: account.userId, ...judged };
          }),
      );
      return {
        open: open && {
          id: open.id,
          version: open.version,
          state: open.state,
          userId: (await directory.find(open.account_id))?.userId ?? '',
          proposedBy: names.get(open.proposed_by) ?? '',
          isOwn: open.proposed_by === agent.id,
          proofs: open.proofs,
          proofsNeeded: open.proofs_needed,
          isLeadNeeded: open.lead_needed === 1,
          dueAt: open.due_at,
        },
        candidates,
        closing: await closings.ofCase(agent, of),
        given:
          newest?.state === 'spent'
            ? { userId: (await directory.find(newest.account_id))?.userId ?? '', at: newest.spent_at ?? 0 }
            : undefined,
        course: steps.map(({ event, at, agent_id, words_sealed, objector, known_since, factor }) => ({
          event,
          at,
          by: agent_id && (names.get(agent_id) ?? ''),
          words: keys.open(words_sealed) ?? '',
          objector: objectors.find((known) => known === objector) ?? null,
          knownSince: known_since,
          factor: factorFates.find((known) => known === factor) ?? 'none',
        })),
        isContested:
          candidates.some((candidate) => candidate.isContested) ||
          (await isContested(db.read, { caseId: of.id, accountId: '' })),
      };
    },

    async propose(of, version, accountId, { agent, words }) {
      const read = readWhy(words);
      if (!read.ok) return read;
      if (of.kind === 'owner-died') return refuse('release-kind');
      return proposals.make({ of, version, accountId, agent }, async (tx, { account, contactId }) => {
        const judged = await judge(tx, { of, account, agentId: '' });
        const proposal = proposedRelease(agent.id, judged, clock.now());
        if (!proposal.ok) return proposal;
        const id = randomToken(random);
        const row: Release = {
          ...proposal.proposed,
          id,
          site,
          case_id: of.id,
          account_id: accountId,
          contact_id: contactId,
          version: 1,
          grant_hash: null,
          grant_key_id: null,
        };
        if (!(await insertRelease(tx, row))) return refuse('release-open');
        const what = { event: 'proposed', audit: 'release.proposed' } as const;
        const facts = {
          proofs: judged.evidence.join(' '),
          needed: judged.needs.proofs,
          why: judged.needs.why.join(' '),
        };
        const { factor } = judged;
        await moves.note(tx, { caseId: of.id, accountId, releaseId: id }, what, {
          agentId: agent.id,
          words,
          factor,
          facts,
        });
        return accept();
      });
    },

    async proposeClosing(of, version, accountId, by) {
      const read = readWhy(by.words);
      return read.ok ? closings.propose(of, version, accountId, by) : read;
    },

    async decideClosing(seen, event, by) {
      const read = readWhy(by.words);
      return read.ok ? closings.decide(seen, event, by) : read;
    },

    approve: (seen, by) =>
      act(seen, by, async (tx, release, acting, owner) => {
        if (owner.account.state !== 'active') return refuse('release-account');
        const of = await findCaseById(tx, release.case_id);
        if (!of) return refuse('release-state');
        const judged = await judge(tx, { of, account: owner.account, agentId: acting.id });
        const approval: ReleaseAct = { event: 'approved', agent: acting, ...judged };
        const { why } = judged.needs;
        const odd = why.filter((reason) => reason === 'many-approvals' || reason === 'same-account');
        const isForeign = acting.id !== release.proposed_by;
        if (isForeign && release.state === 'proposed' && odd.length > 0)
          await alarm(tx, acting, release, odd.join(' '));
        const facts = { role: acting.role, proofs: judged.evidence.join(' '), needed: judged.needs.proofs };
        const moved = await moves.move(tx, release, approval, {
          agentId: acting.id,
          words: by.words,
          factor: judged.factor,
          facts: { ...facts, why: why.join(' '), holdMs: judged.holdMs },
        });
        if (!moved.ok) return moved;
        await notices.tell(tx, moved.step, owner);
        await cases.answer(tx, of);
        return accept();
      }),

    refuse: (seen, by) =>
      act(seen, by, (tx, release, acting) =>
        moves.move(tx, release, { event: 'refused', agent: acting }, { agentId: acting.id, words: by.words }),
      ),

    withdraw: (seen, by) =>
      act(seen, by, async (tx, release, acting) => {
        const of = await findCaseById(tx, release.case_id);
        const mayStop = acting.role === 'lead' || acting.id === release.proposed_by || acting.id === of?.agent_id;
        if (!mayStop) return refuse('case-of-other');
        if (release.state === 'opened') await needs.endReleased(tx, release.id, '');
        return moves.move(tx, release, { event: 'withdrawn' }, { agentId: acting.id, words: by.words });
      }),

    async isOpenFor(tx, caseId) {
      const isReleaseOpen = (await releasesOfCase(tx, caseId)).some(
        ({ ended_at, state }) => ended_at === null && state !== 'released',
      );
      return isReleaseOpen || closings.isOpenFor(tx, caseId);
    },

    async standingOf(caseId) {
      const closesAt = await closings.holdEndsAt(caseId);
      if (closesAt !== undefined) return { state: 'closing', until: closesAt };
      const [newest] = await releasesOfCase(db.read, caseId);
      if (newest?.state === 'holding') return { state: 'holding', until: newest.due_at };
      const isOut = newest?.state === 'released' || newest?.state === 'opened';
      if (isOut && clock.now() < newest.due_at) return { state: newest.state, until: newest.due_at };
      if (newest?.state === 'spent') return { state: 'spent', until: newest.ended_at ?? newest.due_at };
      // Nobody came in time, by the clock or by the worker that looks at it; a proposal that lapsed is the desk's own.
      const isOver = isOut || newest?.state === 'lapsed';
      return isOver && newest.released_at !== null ? { state: 'lapsed', until: newest.due_at } : undefined;
    },

    async settle() {
      const due = await dueReleases(db.read, clock.now(), { most: settledAtOnce, but: backOff.waiting() });
      const settling = (release: Release) => backOff.trying(release.id, () => settleOne(release));
      await passOver(due, settling, { log, job: 'releases', of: ({ id }) => ({ release: id }) });
      await closings.settle();
    },
  };
}

/** Why, for the desk: not nothing, and not too long. */
function readWhy(words: string): Outcome<unknown, 'release-why-missing' | 'case-words-long'> {
  const read = readWords(words);
  if (read.ok) return read;
  return refuse(read.reason === 'case-words-long' ? read.reason : 'release-why-missing');
}

const objectors: readonly Objector[] = ['address', 'session', 'sign-in', 'recovery'];
