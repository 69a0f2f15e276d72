// The closing of an account whose owner has died, as a table: state x event -> state. Pure and total, like that of releases.
// Nothing can be proved of somebody who died, so it takes a lead, two weeks, and silence: any sign of life ends it.
import type { AgentRole } from '../agents/agents.ts';
import type { AuditEvent } from '../audit/events.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import type { ClosingsTable } from '../database/tables.ts';
import { closingHoldMs, proposalLifeMs, undoLifeMs } from './policy.ts';

export const closingStates = [
  'proposed',
  'holding',
  'closed',
  'refused',
  'withdrawn',
  'vetoed',
  'lapsed',
  'undone',
] as const;
export type ClosingState = (typeof closingStates)[number];
const isClosingState = (text: string): text is ClosingState => closingStates.some((state) => state === text);

export type ClosingAct =
  | {
      readonly event: 'approved' | 'refused';
      readonly agent: { readonly id: string; readonly role: AgentRole };
    }
  | { readonly event: 'withdrawn' | 'vetoed' | 'hold-over' | 'time-over' | 'undone' };
export type ClosingEvent = ClosingAct['event'];

interface Transition {
  readonly to: ClosingState;
  readonly audit: AuditEvent;
}

const stoppable = {
  withdrawn: { to: 'withdrawn', audit: 'closing.withdrawn' },
  vetoed: { to: 'vetoed', audit: 'closing.vetoed' },
} as const;

export const closingFlow: Readonly<Record<ClosingState, Partial<Record<ClosingEvent, Transition>>>> = {
  proposed: {
    approved: { to: 'holding', audit: 'closing.approved' },
    refused: { to: 'refused', audit: 'closing.refused' },
    'time-over': { to: 'lapsed', audit: 'closing.lapsed' },
    ...stoppable,
  },
  holding: { 'hold-over': { to: 'closed', audit: 'closing.closed' }, ...stoppable },
  closed: { undone: { to: 'undone', audit: 'closing.undone' } },
  refused: {},
  withdrawn: {},
  vetoed: {},
  lapsed: {},
  undone: {},
};

/** What an event looks at and what it may change. Times in UTC epoch ms. */
export type ClosingFacts = Readonly<Omit<ClosingsTable, 'id' | 'site' | 'case_id' | 'account_id' | 'version'>>;
type Changes = Partial<ClosingFacts> & { readonly state: ClosingState };

/** What `act` makes of the closing at `now` (UTC epoch ms), or why it may not. */
export function advanceClosing(
  { state, proposed_by, due_at, closed_at }: ClosingFacts,
  act: ClosingAct,
  now: number,
): Outcome<
  { readonly audit: AuditEvent; readonly changes: Changes },
  'release-state' | 'release-own' | 'release-lead'
> {
  if (!isClosingState(state)) throw new Error(`a closing stands at the unknown state ${state}`);
  const transition = closingFlow[state][act.event];
  if (!transition) return refuse('release-state');
  const { to, audit } = transition;
  const when = (holds: boolean, changes: Partial<ClosingFacts>) =>
    holds ? accept({ audit, changes: { ...changes, state: to } }) : refuse('release-state');
  switch (act.event) {
    case 'approved':
      if (act.agent.id === proposed_by) return refuse('release-own');
      if (act.agent.role !== 'lead') return refuse('release-lead');
      return when(now < due_at, { approved_by: act.agent.id, approved_at: now, due_at: now + closingHoldMs });
    case 'refused':
      return act.agent.id === proposed_by ? refuse('release-own') : when(true, { ended_at: now });
    case 'withdrawn':
    case 'vetoed':
      return when(true, { ended_at: now });
    case 'hold-over':
      return when(now >= due_at, { closed_at: now, ended_at: now });
    case 'time-over':
      return when(now >= due_at, { ended_at: now });
    case 'undone':
      break;
  }
  return when(closed_at !== null && now < closed_at + undoLifeMs, {});
}

/** A closing as an agent proposes it. */
export const proposedClosing = (agentId: string, now: number): ClosingFacts => ({
  state: 'proposed',
  proposed_by: agentId,
  proposed_at: now,
  approved_by: null,
  approved_at: null,
  due_at: now + proposalLifeMs,
  closed_at: null,
  ended_at: null,
});

/** What becomes of an open closing that is due. `isPossible`: its account can be got into, and there is a case. */
export function dueClosing({
  state,
  isPossible,
  isAlive,
}: {
  readonly state: string;
  readonly isPossible: boolean;
  /** Somebody was in the account since it was proposed. */
  readonly isAlive: boolean;
}): 'time-over' | 'withdrawn' | 'vetoed' | 'hold-over' {
  if (state === 'proposed') return 'time-over';
  if (!isPossible) return 'withdrawn';
  return isAlive ? 'vetoed' : 'hold-over';
}

/** What "This was not me" does. */
export const objectionTo = (state: string): 'undone' | 'vetoed' => (state === 'closed' ? 'undone' : 'vetoed');
