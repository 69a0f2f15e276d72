import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advanceCase, caseEvents, caseFlow, caseStates } from './case-flow.ts';

/** Where each event leads, written down once more by hand: what is not here is refused. */
const expected: Readonly<Record<string, string>> = {
  'received asked': 'asked',
  'received taken-up': 'deciding',
  'asked answered': 'received',
  'asked taken-up': 'deciding',
  'deciding asked': 'asked',
  'deciding decided': 'decided',
  'decided answered': 'received',
  'decided reopened': 'received',
};

describe('the table of a case', () => {
  it.each(caseStates.flatMap((state) => caseEvents.map((event) => ({ state, event }))))(
    'at $state, $event leads where it should or is refused',
    ({ state, event }) => {
      const advanced = advanceCase(state, event);
      const to = expected[`${state} ${event}`];
      if (to === undefined) expect(advanced).toEqual({ ok: false, reason: 'case-state' });
      // The person knows of what they did themselves; everything else is news.
      else expect(advanced).toMatchObject({ ok: true, to, isNews: event !== 'answered' });
    },
  );

  it('decides nothing that a person has not taken up', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...caseEvents)), (events) => {
        let state: string = 'received';
        let isTakenUp = false;
        for (const event of events) {
          const advanced = advanceCase(state, event);
          if (!advanced.ok) continue;
          state = advanced.to;
          if (event === 'taken-up') isTakenUp = true;
          if (state === 'decided') expect(isTakenUp).toBe(true);
          if (state === 'received') isTakenUp = false;
        }
      }),
    );
  });

  it('leads out of every state', () => {
    for (const state of caseStates) expect(Object.keys(caseFlow[state])).not.toEqual([]);
  });

  it('throws for a state that no version of it knows', () => {
    expect(() => advanceCase('elsewhere', 'asked')).toThrow('elsewhere');
  });
});
