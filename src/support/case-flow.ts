// A case as a table: state x event -> next state. `advanceCase` is pure; nothing else decides where a case goes. The
// states are the four words that the person reads, the same for all (S10).
import { accept, type Outcome, refuse } from '../base/outcome.ts';

export const caseStates = ['received', 'asked', 'deciding', 'decided'] as const;
export type CaseState = (typeof caseStates)[number];

export const isCaseState = (text: string): text is CaseState => caseStates.some((state) => state === text);

/** `answered` is the person's own, who has more to say; the others are the desk's, and the person is told that there is news. */
export const caseEvents = ['asked', 'answered', 'taken-up', 'decided', 'reopened'] as const;
export type CaseEvent = (typeof caseEvents)[number];

export interface CaseTransition {
  readonly to: CaseState;
  /** Whether a mail tells the confirmed contact that there is news. */
  readonly isNews: boolean;
}

type Row = Partial<Record<CaseEvent, CaseTransition>>;

export const caseFlow = {
  received: {
    asked: { to: 'asked', isNews: true },
    'taken-up': { to: 'deciding', isNews: true },
  },
  asked: {
    answered: { to: 'received', isNews: false },
    'taken-up': { to: 'deciding', isNews: true },
  },
  deciding: {
    asked: { to: 'asked', isNews: true },
    decided: { to: 'decided', isNews: true },
  },
  decided: {
    answered: { to: 'received', isNews: false },
    reopened: { to: 'received', isNews: true },
  },
} as const satisfies Record<CaseState, Row>;

/** The transition that `event` makes from `state`, or that there is none: the case is not where somebody thought it was. */
export function advanceCase(state: string, event: CaseEvent): Outcome<CaseTransition, 'case-state'> {
  if (!isCaseState(state)) throw new Error(`a case stands at the unknown state ${state}`);
  const row: Row = caseFlow[state];
  const transition = row[event];
  return transition ? accept(transition) : refuse('case-state');
}
