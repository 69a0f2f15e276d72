// What an agent can do about a case, as a table: whether it needs words, whom those are for that come with it, and which move.
import { advanceCase, type CaseEvent } from '../support/case-flow.ts';

export interface Act {
  readonly needsWords: boolean;
  /** `desk`: for the person to read; `note`: for the desk alone. */
  readonly author: 'desk' | 'note';
  /** The move that it makes; none: the case stays where it is. */
  readonly event?: CaseEvent;
}

export const acts = {
  reply: { needsWords: true, author: 'desk' },
  ask: { needsWords: true, author: 'desk', event: 'asked' },
  'take-up': { needsWords: false, author: 'note', event: 'taken-up' },
  decide: { needsWords: true, author: 'desk', event: 'decided' },
  reopen: { needsWords: false, author: 'note', event: 'reopened' },
  note: { needsWords: true, author: 'note' },
} as const satisfies Record<string, Act>;

export type ActName = keyof typeof acts;
const isActName = (text: string): text is ActName => Object.hasOwn(acts, text);

/** The act of this name; `undefined`: there is none. */
export const readAct = (text: string): ActName | undefined => (isActName(text) ? text : undefined);

/** What can be done about a case in `state`, in the order of the table. A decided case is opened again before it is written to. */
export const actsIn = (state: string): readonly ActName[] =>
  Object.keys(acts)
    .filter(isActName)
    .filter((name) => {
      const act: Act = acts[name];
      return act.event === undefined ? name === 'note' || state !== 'decided' : advanceCase(state, act.event).ok;
    });
