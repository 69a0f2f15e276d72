// A release as a table: state x event -> state, and what of its row changes with it. `advanceRelease` is pure and total;
// nothing else decides where a release goes. The exploration (explore.ts) walks this very table in every order.
import type { AgentRole } from '../agents/agents.ts';
import type { AuditEvent } from '../audit/events.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import type { ReleasesTable } from '../database/tables.ts';
import { proofLifeMs } from '../recovery/policy.ts';
import { grantLifeMs, maxGrantTries, type Needs, proposalLifeMs, undoLifeMs } from './policy.ts';

export const releaseStates = [
  'proposed',
  'holding',
  'released',
  'opened',
  'spent',
  'undone',
  'refused',
  'withdrawn',
  'vetoed',
  'lapsed',
] as const;
export type ReleaseState = (typeof releaseStates)[number];
export const isReleaseState = (text: string): text is ReleaseState => releaseStates.some((state) => state === text);

/** What an event looks at and what it may change. Times in UTC epoch ms. */
export type ReleaseFacts = Readonly<
  Omit<
    ReleasesTable,
    'id' | 'site' | 'case_id' | 'account_id' | 'contact_id' | 'version' | 'grant_hash' | 'grant_key_id'
  >
>;
type Changes = Partial<ReleaseFacts & Pick<ReleasesTable, 'grant_hash' | 'grant_key_id'>>;

interface Acting {
  readonly id: string;
  readonly role: AgentRole;
}

/** `hold-over` and `time-over` are the clock's; `vetoed`, `contested` and `undone` are of whoever had the account. */
export type ReleaseAct =
  | {
      readonly event: 'approved';
      readonly agent: Acting;
      readonly needs: Needs;
      readonly proofs: number;
      readonly isConfirmedElsewhere: boolean;
      readonly holdMs: number;
    }
  | { readonly event: 'refused'; readonly agent: Acting }
  | { readonly event: 'password-set'; readonly changeId: string }
  | {
      readonly event:
        | 'withdrawn'
        | 'contested'
        | 'vetoed'
        | 'hold-over'
        | 'code-wrong'
        | 'opened'
        | 'time-over'
        | 'undone';
    };
export type ReleaseEvent = ReleaseAct['event'];

export type ReleaseRefusal = 'release-state' | 'release-own' | 'release-lead' | 'release-proofs';

export interface ReleaseTransition {
  readonly to: ReleaseState;
  readonly audit: AuditEvent;
}

export type ReleaseFlow = Readonly<Record<ReleaseState, Partial<Record<ReleaseEvent, ReleaseTransition>>>>;

const withdrawn = { to: 'withdrawn', audit: 'release.withdrawn' } as const;
const contested = { to: 'proposed', audit: 'release.contested' } as const;
const vetoed = { to: 'vetoed', audit: 'release.vetoed' } as const;
const lapsed = { to: 'lapsed', audit: 'release.lapsed' } as const;
const stoppable = { withdrawn, contested, vetoed };

export const releaseFlow: ReleaseFlow = {
  proposed: {
    approved: { to: 'holding', audit: 'release.approved' },
    refused: { to: 'refused', audit: 'release.refused' },
    'time-over': lapsed,
    ...stoppable,
  },
  holding: { 'hold-over': { to: 'released', audit: 'release.released' }, ...stoppable },
  released: {
    'code-wrong': { to: 'released', audit: 'release.code_wrong' },
    opened: { to: 'opened', audit: 'release.opened' },
    'time-over': lapsed,
    ...stoppable,
  },
  opened: {
    'password-set': { to: 'spent', audit: 'release.spent' },
    'time-over': lapsed,
    ...stoppable,
  },
  spent: { undone: { to: 'undone', audit: 'release.undone' } },
  undone: {},
  refused: {},
  withdrawn: {},
  vetoed: {},
  lapsed: {},
};

type Changed = Outcome<{ readonly changes: Changes }, ReleaseRefusal>;
const change = (changes: Changes): Changed => accept({ changes });
const when = (holds: boolean, changes: Changes): Changed => (holds ? change(changes) : refuse('release-state'));

/** Whether somebody who is new to the account has a say: whatever was approved by a lead with two proofs stands against that. */
const isShakable = ({ proofs_needed, lead_needed }: ReleaseFacts) => proofs_needed < 2 || lead_needed === 0;

/** What the last event of a release wrote is gone: it has to be approved anew. */
const unapproved = {
  approved_by: null,
  approver_role: null,
  approved_at: null,
  hold_ends_at: null,
  released_at: null,
  opened_at: null,
  grant_hash: null,
  grant_key_id: null,
  grant_tries: 0,
} as const satisfies Changes;

function approve(release: ReleaseFacts, act: Extract<ReleaseAct, { event: 'approved' }>, now: number): Changed {
  const { agent, needs, proofs, isConfirmedElsewhere, holdMs } = act;
  if (agent.id === release.proposed_by) return refuse('release-own');
  const isLeadNeeded = needs.isLeadNeeded || release.lead_needed === 1;
  if (agent.role === 'auditor' || (isLeadNeeded && agent.role !== 'lead')) return refuse('release-lead');
  const needed = Math.max(needs.proofs, release.proofs_needed);
  if (proofs < needed) return refuse('release-proofs');
  return when(now < release.due_at, {
    approved_by: agent.id,
    approver_role: agent.role,
    approved_at: now,
    proofs,
    proofs_needed: needed,
    lead_needed: isLeadNeeded ? 1 : 0,
    confirmed_elsewhere: isConfirmedElsewhere ? 1 : 0,
    hold_ends_at: now + holdMs,
    due_at: now + holdMs,
  });
}

/** What an act changes besides the state, or why it may not. */
function effectOf(release: ReleaseFacts, act: ReleaseAct, now: number): Changed {
  const { state, due_at, hold_ends_at, spent_at, grant_tries } = release;
  switch (act.event) {
    case 'approved':
      return approve(release, act, now);
    case 'refused':
      return act.agent.id === release.proposed_by ? refuse('release-own') : change({ ended_at: now });
    case 'withdrawn':
      return change({ ended_at: now });
    case 'vetoed':
      return change({ vetoed_at: now, ended_at: now });
    case 'contested':
      return when(isShakable(release), {
        ...unapproved,
        proofs_needed: 2,
        lead_needed: 1,
        due_at: now + proposalLifeMs,
      });
    case 'hold-over':
      return when(hold_ends_at !== null && now >= hold_ends_at, { released_at: now, due_at: now + grantLifeMs });
    case 'code-wrong':
      return when(now < due_at && grant_tries < maxGrantTries, { grant_tries: grant_tries + 1 });
    case 'opened':
      return when(now < due_at, { opened_at: now, due_at: now + proofLifeMs });
    case 'password-set':
      return when(now < due_at, { spent_at: now, change_id: act.changeId, ended_at: now });
    case 'time-over':
      return when(now >= due_at || (state === 'released' && grant_tries >= maxGrantTries), { ended_at: now });
    case 'undone':
      break;
  }
  return when(spent_at !== null && now < spent_at + undoLifeMs, { undone_at: now });
}

export interface Advanced {
  readonly audit: AuditEvent;
  /** The columns that change, `state` among them. */
  readonly changes: Changes & { readonly state: ReleaseState };
}

/** What `act` makes of the release at `now` (UTC epoch ms), or why it may not. `flow`: only a test hands in another. */
export function advanceRelease(
  release: ReleaseFacts,
  act: ReleaseAct,
  now: number,
  flow: ReleaseFlow = releaseFlow,
): Outcome<Advanced, ReleaseRefusal> {
  if (!isReleaseState(release.state)) throw new Error(`a release stands at the unknown state ${release.state}`);
  const transition = flow[release.state][act.event];
  if (!transition) return refuse('release-state');
  const changed = effectOf(release, act, now);
  if (!changed.ok) return changed;
  return accept({ audit: transition.audit, changes: { ...changed.changes, state: transition.to } });
}

/** A release as an agent proposes it, with what it needs. */
export const proposedRelease = (
  agentId: string,
  {
    needs,
    proofs,
    isConfirmedElsewhere,
  }: { readonly needs: Needs; readonly proofs: number; readonly isConfirmedElsewhere: boolean },
  now: number,
): Outcome<{ readonly proposed: ReleaseFacts }, 'release-proofs'> =>
  proofs < needs.proofs
    ? refuse('release-proofs')
    : accept({
        proposed: {
          state: 'proposed',
          proofs,
          proofs_needed: needs.proofs,
          lead_needed: needs.isLeadNeeded ? 1 : 0,
          confirmed_elsewhere: isConfirmedElsewhere ? 1 : 0,
          proposed_by: agentId,
          proposed_at: now,
          due_at: now + proposalLifeMs,
          approved_by: null,
          approver_role: null,
          approved_at: null,
          hold_ends_at: null,
          released_at: null,
          grant_tries: 0,
          opened_at: null,
          spent_at: null,
          change_id: null,
          vetoed_at: null,
          undone_at: null,
          ended_at: null,
        },
      });

/** What becomes of an open release that is due. `isPossible`: there is somebody to give, and somewhere to send the link. */
export function dueRelease({
  state,
  isPossible,
}: {
  readonly state: string;
  readonly isPossible: boolean;
}): 'hold-over' | 'time-over' | 'withdrawn' {
  if (!isPossible) return 'withdrawn';
  return state === 'holding' ? 'hold-over' : 'time-over';
}
