// A release and a closing, walked in every order: two people, the hold, the veto and the grant hold whoever does what when. The
// full walks of a million states each are `npm run bench releases`; here a part of them, and the proof that they can fail.
import { describe, expect, it } from 'vitest';
import { type Advance, type ClosingRules, explore } from '../bench/releases/explore.ts';
import { advanceClosing, closingStates, dueClosing } from '../src/releases/closing-flow.ts';
import { advanceRelease, type ReleaseAct, releaseFlow, releaseStates } from '../src/releases/flow.ts';
import { countedIn, countProofs, factorFate, holdMsOf, needsOf, objectionOf } from '../src/releases/policy.ts';
import { dayMs, hourMs } from '../src/base/clock.ts';
import { refuse } from '../src/base/outcome.ts';

describe('every order of what anybody can do', () => {
  it('comes to every state of a release and to nothing that must not be', { timeout: 60_000 }, () => {
    const { states, depth, reached, faults } = explore({ maxStates: 20_000 });
    expect(faults).toEqual([]);
    expect(states).toBeGreaterThanOrEqual(20_000);
    expect(depth).toBeGreaterThanOrEqual(4);
    expect(releaseStates.filter((state) => !reached[state])).toEqual([]);
  });

  it('comes to every state of a closing, beside releases of the same account, and to nothing that must not be', {
    timeout: 60_000,
  }, () => {
    const { states, depth, reached, closingsReached, faults } = explore({ of: 'closings', maxStates: 20_000 });
    expect(faults).toEqual([]);
    expect(states).toBeGreaterThanOrEqual(20_000);
    expect(depth).toBeGreaterThanOrEqual(3);
    expect(closingStates.filter((state) => !closingsReached[state])).toEqual([]);
    expect(releaseStates.filter((state) => !reached[state])).toEqual([]);
  });

  const without = (state: 'holding' | 'opened' | 'released', event: 'vetoed' | 'contested'): Advance => {
    const { [event]: _, ...rest } = releaseFlow[state];
    return (release, act, now) => advanceRelease(release, act, now, { ...releaseFlow, [state]: rest });
  };
  const leading = (
    state: 'proposed' | 'released' | 'opened',
    event: ReleaseAct['event'],
    to: 'released' | 'opened',
  ): Advance => {
    const row = { ...releaseFlow[state], [event]: { to, audit: 'release.opened' as const } };
    return (release, act, now) => advanceRelease(release, act, now, { ...releaseFlow, [state]: row });
  };
  const broken: readonly (readonly [string, Advance, string])[] = [
    [
      'whose proposer may approve',
      (release, act, now) => advanceRelease({ ...release, proposed_by: '' }, act, now),
      'released by fewer than two people',
    ],
    [
      'with no need of a lead',
      (release, act, now) =>
        advanceRelease(
          { ...release, lead_needed: 0 },
          act.event === 'approved' ? { ...act, needs: { ...act.needs, isLeadNeeded: false } } : act,
          now,
        ),
      'released without a lead',
    ],
    [
      'that asks for no second proof',
      (release, act, now) => advanceRelease(release, act.event === 'approved' ? { ...act, proofs: 2 } : act, now),
      'released without the evidence',
    ],
    ['released by the approval', leading('proposed', 'approved', 'released'), 'released before the end of the hold'],
    ['whose hold hears no veto', without('holding', 'vetoed'), 'went on after it was stopped'],
    ['whose grant hears no veto', without('released', 'vetoed'), 'went on after it was stopped'],
    ['whose open page hears no veto', without('opened', 'vetoed'), 'went on after it was stopped'],
    ['whose hold hears nobody new', without('holding', 'contested'), 'went on after it was stopped'],
    ['whose grant opens again', leading('released', 'opened', 'released'), 'a grant opened twice'],
    ['whose password can be set again', leading('opened', 'password-set', 'opened'), 'a release spent twice'],
  ];

  const rules = (more: Partial<ClosingRules>): ClosingRules => ({ advance: advanceClosing, due: dueClosing, ...more });
  /** Whose approval writes something else. */
  const approving = (change: (now: number) => object): ClosingRules =>
    rules({
      advance(closing, act, now) {
        const advanced = advanceClosing(closing, act, now);
        if (!advanced.ok || act.event !== 'approved') return advanced;
        return { ...advanced, changes: { ...advanced.changes, ...change(now) } };
      },
    });
  const brokenClosings: readonly (readonly [string, ClosingRules, string])[] = [
    [
      'whose proposer may approve',
      rules({ advance: (closing, act, now) => advanceClosing({ ...closing, proposed_by: '' }, act, now) }),
      'closed by fewer than two people',
    ],
    [
      'that takes no lead',
      rules({
        advance: (closing, act, now) =>
          advanceClosing(closing, 'agent' in act ? { ...act, agent: { ...act.agent, role: 'lead' } } : act, now),
      }),
      'closed without a lead',
    ],
    [
      'that closes by the approval',
      approving((now) => ({ state: 'closed', closed_at: now, ended_at: now })),
      'closed before its fourteen days',
    ],
    ['whose hold is a day', approving((now) => ({ due_at: now + dayMs })), 'closed before its fourteen days'],
    [
      'that looks for no sign of life',
      rules({ due: (of) => dueClosing({ ...of, isAlive: false }) }),
      'closed though somebody lives',
    ],
    [
      'whose hold hears no "no"',
      rules({
        advance: (closing, act, now) =>
          act.event === 'vetoed' ? refuse('release-state') : advanceClosing(closing, act, now),
      }),
      'closed after it was stopped',
    ],
  ];

  it.each(brokenClosings)('finds the fault of closings %s', { timeout: 60_000 }, (_, closing, fault) => {
    const { faults } = explore({ of: 'closings', maxStates: 60_000, closing, until: 'a fault' });
    expect(faults.join('\n')).toContain(fault);
  });

  it.each(broken)('finds the fault of a table %s', { timeout: 60_000 }, (_, advance, fault) => {
    const { faults } = explore({ maxStates: 60_000, advance, until: 'a fault' });
    expect(faults.join('\n')).toContain(fault);
  });
});

describe('the rules', () => {
  it.each([
    [[], 0],
    [['session'], 0],
    [['session', 'device'], 0],
    [['spare-code'], 1],
    [['other-address', 'device'], 2],
    [['authenticator', 'session', 'device'], 2],
    [['other-address', 'spare-code', 'authenticator'], 3],
  ] as const)('%j are %i proofs', (kinds, proofs) => {
    expect(countProofs(kinds)).toBe(proofs);
  });

  const calm = {
    hasSecondFactor: false,
    isContested: false,
    isSecondRelease: false,
    approvalsForAccountInWeek: 0,
    approvalsByAgentInHour: 0,
  };
  it.each([
    [{}, 1, false],
    [{ hasSecondFactor: true }, 2, false],
    [{ isContested: true }, 2, true],
    [{ isSecondRelease: true }, 2, true],
    [{ approvalsForAccountInWeek: 1 }, 1, true],
    [{ approvalsByAgentInHour: 1 }, 1, false],
    [{ approvalsByAgentInHour: 2 }, 1, true],
  ])('%j needs %i proofs, and a lead: %s', (more, proofs, isLeadNeeded) => {
    expect(needsOf({ ...calm, ...more })).toMatchObject({ proofs, isLeadNeeded });
  });

  it('hold a release for no less than the floors, and never shortly where somebody objected', () => {
    const hours = { long: 96, short: 48 };
    const [yes, no] = [true, false];
    expect(holdMsOf(hours, { isConfirmedElsewhere: no, isContested: no })).toBe(96 * hourMs);
    expect(holdMsOf(hours, { isConfirmedElsewhere: yes, isContested: no })).toBe(48 * hourMs);
    expect(holdMsOf(hours, { isConfirmedElsewhere: yes, isContested: yes })).toBe(96 * hourMs);
    const none = { long: 0, short: 0 };
    expect(holdMsOf(none, { isConfirmedElsewhere: no, isContested: no })).toBe(72 * hourMs);
    expect(holdMsOf(none, { isConfirmedElsewhere: yes, isContested: no })).toBe(24 * hourMs);
  });

  it('let whoever has been known for thirty days end a release, and whoever is newer contest it', () => {
    const now = 100 * dayMs;
    const by = (knownSince: number, accountCreatedAt = 0) => objectionOf({ knownSince, accountCreatedAt }, now);
    expect([by(now - 30 * dayMs), by(now - 30 * dayMs + 1)]).toEqual(['vetoed', 'contested']);
    // What came with the account is as settled as it can be, however young that is.
    const made = now - 5 * dayMs;
    expect([by(made, made), by(made + hourMs, made), by(made + hourMs + 1, made)]).toEqual([
      'vetoed',
      'vetoed',
      'contested',
    ]);
  });

  it('set a second factor aside that is younger than thirty days at the opening, or that the case says is lost', () => {
    const openedAt = 100 * dayMs;
    const of = { kind: 'mailbox-lost', openedAt, accountCreatedAt: 0 };
    expect(factorFate(undefined, { ...of, kind: 'factor-lost' })).toBe('none');
    expect([factorFate(70 * dayMs, of), factorFate(70 * dayMs + 1, of), factorFate(101 * dayMs, of)]).toEqual([
      'stays',
      'young',
      'young',
    ]);
    expect(factorFate(70 * dayMs, { ...of, kind: 'factor-lost' })).toBe('lost');
    expect(factorFate(99 * dayMs, { ...of, accountCreatedAt: 99 * dayMs })).toBe('stays');
    const all = ['other-address', 'spare-code', 'authenticator', 'session'] as const;
    expect([countedIn('factor-lost', all), countedIn('taken-over', all)]).toEqual([['other-address', 'session'], all]);
  });
});
