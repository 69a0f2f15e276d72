// The drills: what judges them notices every kind of loss, and a short one finds none.
import { describe, expect, it } from 'vitest';
import { drill } from '../../bench/drill/drill.ts';
import { duplicatesIn, judge, type Kept, type Told } from '../../bench/drill/judge.ts';
import { createChance } from '../../bench/drill/random.ts';
import { askFor } from '../ask.ts';

const told: Told = {
  userId: 'lucia',
  accountId: 'a1',
  source: 's1',
  starts: [{ answer: 'unknown' }, { answer: 'accepted', id: 'r1' }],
  codes: [
    { recoveryId: 'r1', answer: 'accepted' },
    { recoveryId: 'r1', answer: 'refused' },
  ],
  passwords: ['unknown', 'accepted'],
  signsInWith: ['new'],
};
const kept: Kept = {
  recoveries: new Set(['r0', 'r1']),
  rightCodes: new Map([['r1', 1]]),
  completed: new Map([['a1', 1]]),
  changes: new Map([['a1', 1]]),
  notices: new Map([['a1', 1]]),
  outbox: [
    { id: 'm1', kind: 'recovery-code', state: 'sent' },
    { id: 'm2', kind: 'password-changed', state: 'queued' },
  ],
  mails: [
    { id: 'm1', holds: 'code' },
    { id: 'm1', holds: 'code' },
  ],
  counters: new Map([
    ['recovery-start/s1', 2],
    ['code-try/s1', 1],
  ]),
  auditFaults: [],
};
const none = new Map<string, number>();
const accepted = (count: number) => Array.from({ length: count }, () => ({ answer: 'accepted', id: 'r1' }) as const);

describe('what judges a drill', () => {
  it('has nothing against one that lost nothing, and counts a mail that came twice', () => {
    expect(judge([told], kept)).toEqual([]);
    expect(duplicatesIn(kept)).toBe(1);
  });

  it.each<[string, Partial<Told>, Partial<Kept>, RegExp]>([
    ['a recovery that is gone', {}, { recoveries: new Set(['r0']) }, /the recovery r1 was answered and is lost/],
    ['a code that was answered twice', { codes: [...told.codes, ...told.codes] }, {}, /spent 2 times/],
    ['a code that was spent twice', {}, { rightCodes: new Map([['r1', 2]]) }, /spent 2 times/],
    ['a code that nobody wrote down', {}, { rightCodes: none }, /the audit trail does not know it/],
    ['a password that is not set', {}, { completed: none, changes: none, notices: none }, /answered and is not set/],
    ['a password that nobody sent', { passwords: [] }, {}, /1 passwords were set, of 0 sent/],
    ['a password without its change', {}, { changes: none }, /half changed/],
    ['a password without its notice', {}, { notices: none }, /half changed/],
    ['an old password that still opens', { signsInWith: ['old', 'new'] }, {}, /gets in with old and new/],
    ['an account that nothing opens', { signsInWith: [] }, {}, /gets in with nothing/],
    ['a mail that never arrived', {}, { mails: [] }, /counts as sent and did not arrive/],
    [
      'a mail that was given up',
      {},
      { outbox: [{ id: 'm1', kind: 'recovery-code', state: 'failed' }] },
      /was given up/,
    ],
    ['a mail of nobody', {}, { mails: [...kept.mails, { id: 'm9', holds: '' }] }, /nobody asked for: m9/],
    [
      'a second mail that differs',
      {},
      { mails: [...kept.mails, { id: 'm1', holds: 'other' }] },
      /copies of the mail m1/,
    ],
    ['a start that was not counted', {}, { counters: none }, /recovery-start of s1 counted 0: 1 were accepted/],
    [
      'a start that was counted twice',
      {},
      { counters: new Map([['recovery-start/s1', 3]]) },
      /counted 3: .* of 2 sent/,
    ],
    ['a limit that let too many through', { starts: accepted(31) }, {}, /let 31 through, of 30/],
    ['an audit trail that was changed', {}, { auditFaults: ['the audit trail: removed'] }, /audit trail: removed/],
  ])('notices %s', (_, brokenTold, brokenKept, fault) => {
    expect(judge([{ ...told, ...brokenTold }], { ...kept, ...brokenKept }).join('\n')).toMatch(fault);
  });

  it('repeats chance with the seed', () => {
    const draw = (seed: number) =>
      Array.from(
        { length: 50 },
        (
          (chance) => () =>
            chance.whole(1_000)
        )(createChance(seed)),
      );
    expect(draw(7)).toEqual(draw(7));
    expect(draw(8)).not.toEqual(draw(7));
    expect(new Set(draw(7)).size).toBeGreaterThan(30);
  });
});

it('two nodes, of which one is killed, and a database that is killed, lose nothing that was answered', {
  timeout: 240_000,
}, async () => {
  // It would bundle the command itself, as it is run by hand, beside others who do.
  await askFor('command');
  const drilled = await drill({
    seed: 4,
    rounds: 2,
    clients: 3,
    nodes: 2,
    names: ['node', 'postgres'],
    withinMs: 120_000,
    // A minute of real time; that it ends by itself is shown by a clock in test/contracts/outbox.test.ts.
    leases: 'over at once',
  });
  expect(drilled.faults).toEqual([]);
  expect(drilled.completed).toBeGreaterThan(2);
});
