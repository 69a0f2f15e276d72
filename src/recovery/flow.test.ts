import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayMs, hourMs } from '../base/clock.ts';
import { advance, flow, type FlowEvent, isStep, type Step, steps } from './flow.ts';
import type { RecoveryFacts } from './policy.ts';

const now = 1_800_000_000_000;
const facts: RecoveryFacts = {
  expires_at: now + dayMs,
  password_until: now + hourMs,
  mails_asked: 0,
  mails_asked_since: now,
  mail_asked_at: null,
  release_id: null,
};

const allEvents = [
  'email-chosen',
  'released',
  'code-wrong',
  'code-right',
  'code-right-for-several',
  'tries-used',
  'account-chosen',
  'password-set',
  'reset-elsewhere',
  'stopped',
] as const satisfies readonly FlowEvent[];

/** Where each event leads, written down once more by hand: what is not here is refused. */
const expected: Readonly<Record<string, Step>> = {
  'method email-chosen': 'code',
  'method released': 'password',
  'code email-chosen': 'code',
  'code code-wrong': 'code',
  'code code-right': 'password',
  'code code-right-for-several': 'account',
  'code tries-used': 'over',
  'account account-chosen': 'password',
  'account reset-elsewhere': 'over',
  'account stopped': 'over',
  'password password-set': 'done',
  'password reset-elsewhere': 'over',
  'password stopped': 'over',
};

describe('the table', () => {
  it.each(steps.flatMap((step) => allEvents.map((event) => ({ step, event }))))(
    'at $step, $event leads where it should or is refused',
    ({ step, event }) => {
      const release_id = event === 'released' ? 'release' : null;
      const advanced = advance({ ...facts, release_id, step }, event, now);
      const to = expected[`${step} ${event}`];
      if (to !== undefined) expect(advanced).toMatchObject({ ok: true, to });
      else expect(advanced).toEqual({ ok: false, reason: step === 'over' ? 'recovery-over' : 'recovery-step' });
    },
  );

  it('has no event that this test does not know', () => {
    const known: readonly string[] = allEvents;
    for (const row of Object.values(flow)) for (const event of Object.keys(row)) expect(known).toContain(event);
  });

  it('reaches every step from the first, and a new password only over a right code or the grant of a release', () => {
    const paths = (from: Step, seen: readonly string[]): readonly (readonly string[])[] =>
      Object.entries(flow[from]).flatMap(([event, { to }]) =>
        to === from ? [] : [[...seen, event], ...paths(to, [...seen, event])],
      );
    const all = paths('method', []);
    const reached = new Set(all.map((path) => standing(path)));
    expect(new Set([...reached, 'method'])).toEqual(new Set(steps));
    for (const path of all.filter((each) => each.at(-1) === 'password-set'))
      expect(path.some((event) => event.startsWith('code-right') || event === 'released')).toBe(true);
  });
});

/** Where events in a row lead; one that is refused changes nothing. */
function standing(events: readonly string[]): string {
  let step = 'method';
  for (const text of events) {
    const event = allEvents.find((each) => each === text);
    const advanced = event && advance({ ...facts, step }, event, now);
    if (advanced?.ok) step = advanced.to;
  }
  return step;
}

describe('advance', () => {
  it('is total: any facts and any event give a step or a refusal, and never change what they were given', () => {
    fc.assert(
      fc.property(
        fc.record({
          step: fc.constantFrom(...steps),
          expires_at: fc.integer(),
          password_until: fc.option(fc.integer()),
          mails_asked: fc.nat(10),
          mails_asked_since: fc.integer(),
          mail_asked_at: fc.option(fc.integer()),
          release_id: fc.option(fc.string()),
        }),
        fc.constantFrom(...allEvents),
        fc.integer(),
        (recovery, event, at) => {
          const before = structuredClone(recovery);
          const advanced = advance(recovery, event, at);
          if (advanced.ok) expect(isStep(advanced.to)).toBe(true);
          if (advanced.ok) expect(at).toBeLessThan(recovery.expires_at);
          expect(recovery).toEqual(before);
        },
      ),
    );
  });

  it('never leaves done or over, whatever comes in whatever order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...allEvents)), (events) => {
        const end = standing(events);
        if (end === 'done' || end === 'over') expect(standing([...events, ...allEvents])).toBe(end);
      }),
    );
  });

  it('never reaches done without a right code, whatever comes in whatever order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...allEvents)), (events) => {
        const isRight = events.some((event) => event.startsWith('code-right'));
        if (!isRight) expect(['password', 'account', 'done']).not.toContain(standing(events));
      }),
    );
  });

  it('refuses a recovery past its end, and a new password past its proof', () => {
    expect(advance({ ...facts, step: 'code', expires_at: now }, 'code-right', now)).toMatchObject({
      reason: 'recovery-over',
    });
    expect(advance({ ...facts, step: 'password', password_until: now }, 'password-set', now)).toMatchObject({
      reason: 'recovery-over',
    });
  });

  it('throws for a step that no version of it knows', () => {
    expect(() => advance({ ...facts, step: 'elsewhere' }, 'code-right', now)).toThrow('elsewhere');
  });
});
