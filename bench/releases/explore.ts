// Walks what can become of one account at the support desk in every order, breadth first, over the very functions that
// decide in production (src/releases/flow.ts, closing-flow.ts, policy.ts): agents of every role, the person of the case, whoever
// had the account, the operator and the clock. What must never happen is judged by a record that the walk keeps of its own.
import { dayMs, hourMs } from '../../src/base/clock.ts';
import type { AgentRole } from '../../src/agents/agents.ts';
import type { AccountState } from '../../src/accounts/directory.ts';
import {
  advanceClosing,
  type ClosingAct,
  type ClosingFacts,
  dueClosing,
  objectionTo,
  proposedClosing,
} from '../../src/releases/closing-flow.ts';
import {
  advanceRelease,
  dueRelease,
  proposedRelease,
  type ReleaseAct,
  type ReleaseFacts,
} from '../../src/releases/flow.ts';
import {
  accountWindowMs,
  countProofs,
  holdMsOf,
  needsOf,
  objectionOf,
  quickWindowMs,
  undoLifeMs,
} from '../../src/releases/policy.ts';
import type { EvidenceKind } from '../../src/support/evidence.ts';

export type Advance = (release: ReleaseFacts, act: ReleaseAct, now: number) => ReturnType<typeof advanceRelease>;

/** How a closing is decided, and what the worker makes of one that is due. */
export interface ClosingRules {
  readonly advance: (closing: ClosingFacts, act: ClosingAct, now: number) => ReturnType<typeof advanceClosing>;
  readonly due: typeof dueClosing;
}
const closingRules: ClosingRules = { advance: advanceClosing, due: dueClosing };

/** What is decided by whom, in production; only a test hands in other rules. */
interface Rules {
  readonly advance: Advance;
  readonly closing: ClosingRules;
}

export interface Explored {
  readonly states: number;
  readonly transitions: number;
  /** How many steps away from the beginning the walk came, every order of so many steps included. */
  readonly depth: number;
  /** How often each state of a release was come to, and of a closing: what never happened proves nothing. */
  readonly reached: Readonly<Record<string, number>>;
  readonly closingsReached: Readonly<Record<string, number>>;
  /** What must never happen and did, each with the shortest way to it. */
  readonly faults: readonly string[];
}

interface Agent {
  readonly id: string;
  readonly role: AgentRole | 'gone';
}

/** What the walk knows of the open release by having watched, not by its row. */
interface Watched {
  readonly proposer: string;
  readonly approver: string;
  readonly approverRole: string;
  readonly approvedAt: number;
  readonly provenAtApproval: number;
  readonly needAtApproval: number;
  readonly leadAtApproval: boolean;
  readonly leastHoldMs: number;
  /** Somebody known for 30 days or more said no; or somebody new, and it was not approved for that. */
  readonly isStopped: boolean;
  readonly wrongCodes: number;
  readonly opened: number;
  readonly spent: number;
}

/** The same of the closing. */
interface WatchedClosing {
  readonly proposer: string;
  readonly approver: string;
  readonly approverRole: string;
  readonly approvedAt: number;
  /** Somebody signed in, or got the account and set a password, since it was proposed. */
  readonly isAlive: boolean;
  /** Somebody said no, or it was refused or taken back. */
  readonly isStopped: boolean;
}

interface World {
  readonly now: number;
  /** Whether there is a case of somebody who died, too: without one nobody closes anything. */
  readonly hasDeathCase: boolean;
  readonly agents: readonly Agent[];
  readonly evidence: readonly EvidenceKind[];
  readonly hasSecondFactor: boolean;
  readonly account: AccountState;
  readonly isContested: boolean;
  readonly releasedAt: number | null;
  /** Approvals of the last week: whose and when. */
  readonly approvals: readonly (readonly [agent: string, at: number])[];
  readonly release: ReleaseFacts | undefined;
  readonly watched: Watched | undefined;
  readonly closing: ClosingFacts | undefined;
  readonly closingWatched: WatchedClosing | undefined;
}

const start = 1_000 * dayMs;
/** Since when the addresses that may object have been known: one is old, one is new. */
const oldAddress = start - 400 * dayMs;
const newAddress = start - 20 * dayMs;
const horizonMs = 45 * dayMs;
const hold = { long: 72, short: 24 };

const beginning: World = {
  now: start,
  agents: [
    { id: 'elena', role: 'agent' },
    { id: 'omar', role: 'agent' },
    { id: 'dieter', role: 'lead' },
    { id: 'ada', role: 'auditor' },
  ],
  evidence: [],
  hasSecondFactor: false,
  account: 'active',
  isContested: false,
  releasedAt: null,
  approvals: [],
  release: undefined,
  watched: undefined,
  closing: undefined,
  closingWatched: undefined,
  hasDeathCase: false,
};

/** One that ended without a password is as good as none: nothing leads out of it, which the walk has seen. */
const isOfUse = (release: ReleaseFacts | undefined) =>
  release !== undefined && (release.ended_at === null || release.spent_at !== null);

/** Nothing leads out of one that ended and did not close the account. */
const isClosingOfUse = ({ ended_at, state }: ClosingFacts) => ended_at === null || state === 'closed';

function keyOfClosing({ closing, closingWatched: seen, now }: World): string {
  if (!closing || !seen || !isClosingOfUse(closing)) return '';
  const ago = (at: number | null) => (at === null ? '' : String((now - at) / hourMs));
  return [closing.state, closing.proposed_by, closing.approved_by ?? '', ago(closing.due_at), ago(closing.closed_at)]
    .concat([seen.approverRole, ago(seen.approvedAt), seen.isAlive ? '1' : '', seen.isStopped ? '1' : ''])
    .join();
}

/** Equal for worlds in which the same can happen from now on. */
function keyOf(world: World): string {
  const ago = (at: number | null) => (at === null ? '' : String((world.now - at) / hourMs));
  const { release, watched } = isOfUse(world.release) ? world : { release: undefined, watched: undefined };
  const row = release
    ? [release.state, release.proofs, release.proofs_needed, release.lead_needed, release.confirmed_elsewhere]
        .concat([release.proposed_by, release.approved_by ?? '', release.approver_role ?? '', release.grant_tries])
        .concat([ago(release.due_at), ago(release.hold_ends_at), ago(release.spent_at), ago(release.released_at)])
        .join()
    : '';
  const seen = watched
    ? [watched.proposer, watched.approver, watched.approverRole, ago(watched.approvedAt), watched.provenAtApproval]
        .concat([
          watched.needAtApproval,
          watched.leadAtApproval ? 1 : 0,
          watched.leastHoldMs,
          watched.isStopped ? 1 : 0,
        ])
        .concat([watched.wrongCodes, watched.opened, watched.spent])
        .join()
    : '';
  const roles = world.agents.map(({ role }) => role).join();
  const flags = `${world.hasSecondFactor}${world.account}${world.isContested}`;
  const approvals = world.approvals.map(([agent, at]) => agent + ago(at)).join();
  return `${(world.now - start) / hourMs}|${roles}|${world.evidence.join()}|${flags}|${ago(world.releasedAt)}|${approvals}|${row}|${seen}|${keyOfClosing(world)}`;
}

/** The same question as `needsOf` answers, asked anew. */
const leastProofs = ({ hasSecondFactor, isContested, releasedAt, now }: World) =>
  hasSecondFactor || isContested || (releasedAt !== null && now - releasedAt < 30 * dayMs) ? 2 : 1;
const isLeadCalledFor = ({ isContested, releasedAt, now, approvals }: World, agent: string) =>
  isContested ||
  (releasedAt !== null && now - releasedAt < 30 * dayMs) ||
  approvals.some(([, at]) => now - at < 7 * dayMs) ||
  approvals.filter(([by, at]) => by === agent && now - at < hourMs).length >= 2;

type Named = readonly [name: string, next: World, faults: readonly string[]];

/** Everything that anybody can try in this world and that changes it. */
function triesIn(world: World, { advance, closing: rules }: Rules): Named[] {
  const tries: Named[] = [];
  const { now, release, watched, closing, closingWatched } = world;
  const isActive = world.account === 'active';
  const go = (name: string, next: Partial<World>, faults: readonly string[] = []) =>
    void tries.push([name, { ...world, ...next }, faults]);

  const kinds = countProofs(world.evidence);
  const isConfirmedElsewhere = world.evidence.includes('other-address');
  const needsFor = (agent: string) =>
    needsOf({
      hasSecondFactor: world.hasSecondFactor,
      isContested: world.isContested,
      isSecondRelease: world.releasedAt !== null && now - world.releasedAt < undoLifeMs,
      approvalsForAccountInWeek: world.approvals.filter(([, at]) => now - at < accountWindowMs).length,
      approvalsByAgentInHour: world.approvals.filter(([by, at]) => by === agent && now - at < quickWindowMs).length,
    });

  /** One act on the open release, if the table lets it, and what the record says of it. */
  function act(name: string, done: ReleaseAct, watch: (seen: Watched) => Watched, more: Partial<World> = {}) {
    if (!release || !watched) return;
    const advanced = advance(release, done, now);
    if (!advanced.ok) return;
    const next: ReleaseFacts = { ...release, ...(advanced.ok && advanced.changes) };
    const seen = watch(watched);
    go(name, { release: next, watched: seen, ...more }, faultsOf(next, seen, now));
  }
  const same = (seen: Watched) => seen;

  /** The same for the closing. */
  function actOnClosing(
    name: string,
    done: ClosingAct,
    watch: (seen: WatchedClosing) => WatchedClosing,
    more: Partial<World> = {},
  ) {
    const after = closingAfter(world, rules, done, watch);
    if (after) go(name, { ...after.world, ...more }, after.faults);
  }
  if (world.hasDeathCase) {
    for (const { id, role } of world.agents) {
      if (role === 'gone') continue;
      if (closing && isClosingOfUse(closing)) {
        const agent = { id, role };
        actOnClosing(`${id} approves the closing`, { event: 'approved', agent }, (seen) => ({
          ...seen,
          approver: id,
          approverRole: role,
          approvedAt: now,
        }));
        actOnClosing(`${id} refuses the closing`, { event: 'refused', agent }, (seen) => ({
          ...seen,
          isStopped: true,
        }));
      } else if (role !== 'auditor' && isActive) {
        go(`${id} proposes the closing`, {
          closing: proposedClosing(id, now),
          closingWatched: { ...unwatchedClosing, proposer: id },
        });
      }
    }
    actOnClosing('an agent withdraws the closing', { event: 'withdrawn' }, (seen) => ({ ...seen, isStopped: true }));
    if (closing && closingWatched && closing.ended_at === null && now >= closing.due_at) {
      const isAlive = closingWatched.isAlive;
      const event = rules.due({ state: closing.state, isPossible: isActive, isAlive });
      const closed = event === 'hold-over' ? ({ account: 'closed' } as const) : {};
      actOnClosing('the worker looks at the closing', { event }, (seen) => seen, closed);
    }
    // A sign of life that is looked for when the hold is over, and says nothing to a release.
    if (isActive && closing && closingWatched && !closingWatched.isAlive && now > closing.proposed_at)
      go('somebody is there with a session from before', { closingWatched: { ...closingWatched, isAlive: true } });
  }
  /** Whoever has the account objects to both at once; what was closed is open again. */
  const objectedToClosing = (): Partial<World> => {
    if (!closing || !closingWatched || !isClosingOfUse(closing)) return {};
    const done = { event: objectionTo(closing.state) };
    const after = closingAfter(world, rules, done, (seen) => ({ ...seen, isStopped: true }));
    // In vain: then it must not close the account any more, either.
    if (!after) return { closingWatched: { ...closingWatched, isStopped: true } };
    return { ...after.world, ...(world.account === 'closed' && { account: 'active' }) };
  };

  for (const agent of world.agents) {
    const { role } = agent;
    // A route refuses who was removed and who is an auditor; the functions are asked all the same about the latter.
    if (role === 'gone') continue;
    const acting = { id: agent.id, role };
    if (!release || release.ended_at !== null) {
      const proposed =
        role !== 'auditor' && isActive
          ? proposedRelease(agent.id, { needs: needsFor(agent.id), proofs: kinds, isConfirmedElsewhere }, now)
          : undefined;
      if (proposed?.ok)
        go(`${agent.id} proposes`, {
          release: proposed.proposed,
          watched: { ...unwatched, proposer: agent.id, isStopped: false },
        });
      continue;
    }
    const isContested = world.isContested || release.lead_needed === 1;
    const holdMs = holdMsOf(hold, { isConfirmedElsewhere, isContested });
    const needs = needsFor(agent.id);
    if (isActive)
      act(
        `${agent.id} approves`,
        { event: 'approved', agent: acting, needs, proofs: kinds, isConfirmedElsewhere, holdMs },
        (seen) => ({
          ...seen,
          approver: agent.id,
          approverRole: role,
          approvedAt: now,
          provenAtApproval: kinds,
          needAtApproval: leastProofs(world),
          leadAtApproval: isLeadCalledFor(world, agent.id),
          leastHoldMs: isConfirmedElsewhere ? dayMs : 72 * hourMs,
          isStopped: false,
          wrongCodes: 0,
          opened: 0,
        }),
        { approvals: [...world.approvals, [agent.id, now] as const] },
      );
    act(`${agent.id} refuses`, { event: 'refused', agent: acting }, same);
  }
  act('an agent withdraws', { event: 'withdrawn' }, (seen) => ({ ...seen, isStopped: true }));

  const isOpen = release !== undefined && release.ended_at === null;
  const isClosingOpen = closing !== undefined && isClosingOfUse(closing);
  for (const [who, since] of [
    ['an old address', oldAddress],
    ['a new address', newAddress],
  ] as const) {
    if (!isOpen || !watched) {
      if (isClosingOpen) go(`${who} says no`, objectedToClosing());
      continue;
    }
    const event = objectionOf({ knownSince: since, accountCreatedAt: oldAddress - dayMs }, now);
    const isFinal = now - since >= 30 * dayMs;
    const stops = isFinal || watched.approverRole !== 'lead' || watched.provenAtApproval < 2;
    const advanced = advance(release, { event }, now);
    const seen = { ...watched, isStopped: watched.isStopped || (stops && watched.approver !== '') || isFinal };
    if (advanced.ok) {
      const next = { ...release, ...advanced.changes };
      const changed = { ...objectedToClosing(), release: next, watched: seen, isContested: true };
      go(`${who} says no`, changed, faultsOf(next, seen, now));
    } else {
      go(`${who} says no, in vain`, { ...objectedToClosing(), watched: seen, isContested: true });
    }
  }
  if (release) {
    act('somebody disowns it', { event: 'undone' }, same, { isContested: true });
    act('the person types a wrong code', { event: 'code-wrong' }, (seen) => ({
      ...seen,
      wrongCodes: seen.wrongCodes + 1,
    }));
    if (isActive) {
      // As in production: a try is taken before anything is compared.
      const tried = advance(release, { event: 'code-wrong' }, now);
      const opened = tried.ok ? advance({ ...release, ...tried.changes }, { event: 'opened' }, now) : undefined;
      if (tried.ok && opened?.ok && watched) {
        const next = { ...release, ...tried.changes, ...opened.changes };
        const seen = { ...watched, opened: watched.opened + 1 };
        go('the person types the right code', { release: next, watched: seen }, faultsOf(next, seen, now));
      }
      const isAlive = closing && closingWatched && now > closing.proposed_at;
      act(
        'the person sets a password',
        { event: 'password-set', changeId: 'change' },
        (seen) => ({ ...seen, spent: seen.spent + 1 }),
        isAlive ? { closingWatched: { ...closingWatched, isAlive: true } } : {},
      );
    }
    if (isOpen) {
      const event = dueRelease({ state: release.state, isPossible: isActive });
      act('the worker looks', { event }, same, event === 'hold-over' ? { releasedAt: now } : {});
    }
  }

  for (const kind of ['other-address', 'spare-code', 'session'] as const)
    if (!world.evidence.includes(kind))
      go(`the person proves ${kind}`, { evidence: [...world.evidence, kind].toSorted() });
  if (!world.hasSecondFactor) go('a second factor comes', { hasSecondFactor: true });
  if (world.account !== 'disabled') go('the account is disabled', { account: 'disabled' });
  const roles: readonly (readonly [string, AgentRole | 'gone'])[] = [
    ['elena', 'gone'],
    ['omar', 'lead'],
    ['dieter', 'agent'],
  ];
  for (const [id, role] of roles) {
    if (world.agents.some((agent) => agent.id === id && agent.role !== role))
      go(`${id} becomes ${role}`, { agents: world.agents.map((agent) => (agent.id === id ? { id, role } : agent)) });
  }
  for (const hours of [1, 23, 72, 15 * 24]) {
    const later = now + hours * hourMs;
    if (later > start + horizonMs) continue;
    go(`${hours} hours pass`, {
      now: later,
      approvals: world.approvals.filter(([, at]) => later - at < accountWindowMs),
    });
  }
  return tries;
}

const unwatched: Watched = {
  proposer: '',
  approver: '',
  approverRole: '',
  approvedAt: start,
  provenAtApproval: 0,
  needAtApproval: 0,
  leadAtApproval: false,
  leastHoldMs: 0,
  isStopped: false,
  wrongCodes: 0,
  opened: 0,
  spent: 0,
};

const unwatchedClosing: WatchedClosing = {
  proposer: '',
  approver: '',
  approverRole: '',
  approvedAt: start,
  isAlive: false,
  isStopped: false,
};

/** What an act makes of the closing, if its table lets it, and what the record says of that. */
function closingAfter(
  { closing, closingWatched, now }: World,
  rules: ClosingRules,
  act: ClosingAct,
  watch: (seen: WatchedClosing) => WatchedClosing,
): { readonly world: Partial<World>; readonly faults: readonly string[] } | undefined {
  if (!closing || !closingWatched) return undefined;
  const advanced = rules.advance(closing, act, now);
  if (!advanced.ok) return undefined;
  const next: ClosingFacts = { ...closing, ...advanced.changes };
  const seen = watch(closingWatched);
  return { world: { closing: next, closingWatched: seen }, faults: closingFaultsOf(next, seen, now) };
}

/** What must never be of a closing, by the record. */
function closingFaultsOf({ state }: ClosingFacts, seen: WatchedClosing, now: number): string[] {
  if (state !== 'closed') return [];
  const faults: string[] = [];
  if (seen.approver === '' || seen.approver === seen.proposer) faults.push('closed by fewer than two people');
  if (seen.approverRole !== 'lead') faults.push('closed without a lead');
  if (now < seen.approvedAt + 14 * dayMs) faults.push('closed before its fourteen days');
  if (seen.isAlive) faults.push('closed though somebody lives');
  if (seen.isStopped) faults.push('closed after it was stopped');
  return faults;
}

/** What must never be, by the record. */
function faultsOf(release: ReleaseFacts, seen: Watched, now: number): string[] {
  const faults: string[] = [];
  const isOut = ['released', 'opened', 'spent'].includes(release.state);
  if (isOut && (seen.approver === '' || seen.approver === seen.proposer))
    faults.push('released by fewer than two people');
  if (isOut && !['agent', 'lead'].includes(seen.approverRole)) faults.push('approved by somebody who may not');
  if (isOut && seen.leadAtApproval && seen.approverRole !== 'lead') faults.push('released without a lead');
  if (isOut && seen.provenAtApproval < seen.needAtApproval) faults.push('released without the evidence');
  if (isOut && now < seen.approvedAt + seen.leastHoldMs) faults.push('released before the end of the hold');
  if (isOut && seen.isStopped) faults.push('went on after it was stopped');
  if (seen.opened > 1) faults.push('a grant opened twice');
  if (seen.spent > 1) faults.push('a release spent twice');
  if (seen.opened > 0 && seen.wrongCodes >= 5) faults.push('opened after five wrong codes');
  return faults;
}

const production: Rules = { advance: advanceRelease, closing: closingRules };

/** Where these tries lead, by their names. */
const after = (from: World, ...names: readonly string[]): World =>
  names.reduce((world, name) => {
    const next = triesIn(world, production).find(([tried]) => tried === name);
    if (!next) throw new Error(`nobody can try: ${name}`);
    return next[1];
  }, from);

const proposed = after(beginning, 'the person proves other-address', 'the person proves spare-code', 'elena proposes');
const released = after(proposed, 'omar approves', '72 hours pass', 'the worker looks');
const died: World = { ...beginning, hasDeathCase: true };
const toBeClosed = after(died, 'elena proposes the closing', 'dieter approves the closing');
const beginningsOf = {
  /** From nothing at all, from a proposal with all that can be proved, and from a grant that is out. */
  releases: [beginning, proposed, released],
  /** From nothing; from both proposed; from a hold beside a grant that is out, by the day that either is over; and from a closed account. */
  closings: [
    died,
    after({ ...proposed, hasDeathCase: true }, 'omar proposes the closing'),
    after({ ...released, hasDeathCase: true }, 'elena proposes the closing', 'dieter approves the closing'),
    after(toBeClosed, '360 hours pass'),
    after(toBeClosed, '360 hours pass', 'the worker looks at the closing'),
  ],
} as const satisfies Record<string, readonly World[]>;

/**
 * Walks until `maxStates` worlds are known, or until the first fault; whole depths only are told of. `of`: closings are walked
 * together with the releases that they meet. `advance`, `closing`: only a test hands in others.
 */
export function explore({
  of = 'releases',
  maxStates,
  advance = advanceRelease,
  closing = closingRules,
  until = 'the end',
}: {
  readonly of?: keyof typeof beginningsOf;
  readonly maxStates: number;
  readonly advance?: Advance;
  readonly closing?: ClosingRules;
  readonly until?: 'the end' | 'a fault';
}): Explored {
  const beginnings: readonly World[] = beginningsOf[of];
  const rules: Rules = { advance, closing };
  const known = new Set(beginnings.map(keyOf));
  const faults = new Map<string, string>();
  const reached: Record<string, number> = {};
  const closingsReached: Record<string, number> = {};
  const note = (to: Record<string, number>, state: string | undefined) => {
    if (state !== undefined) to[state] = (to[state] ?? 0) + 1;
  };
  interface Way {
    readonly world: World;
    readonly name: string;
    readonly from: Way | undefined;
  }
  const wayTo = ({ name, from }: Way): string[] => (from ? [...wayTo(from), name] : []);
  let edge: Way[] = beginnings.map((world) => ({ world, name: '', from: undefined }));
  let depth = 0;
  let transitions = 0;
  while (edge.length > 0) {
    const next: Way[] = [];
    for (const way of edge) {
      for (const [name, world, found] of triesIn(way.world, rules)) {
        transitions += 1;
        for (const fault of found)
          if (!faults.has(fault)) faults.set(fault, `${fault}: ${[...wayTo(way), name].join(', ')}`);
        note(reached, world.release?.state);
        note(closingsReached, world.closing?.state);
        const key = keyOf(world);
        if (known.has(key)) continue;
        known.add(key);
        next.push({ world, name, from: way });
      }
      if (known.size >= maxStates || (until === 'a fault' && faults.size > 0))
        return { states: known.size, transitions, depth, reached, closingsReached, faults: [...faults.values()] };
    }
    depth += 1;
    edge = next;
  }
  return { states: known.size, transitions, depth, reached, closingsReached, faults: [...faults.values()] };
}
