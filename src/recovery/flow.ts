// The recovery as a table: step x event -> next step. `advance` is pure and total; nothing else decides where a
// recovery goes. docs/flow.md is drawn from this table, and a test compares the two.
import type { AuditEvent } from '../audit/events.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { type Guard, guards, type RecoveryFacts } from './policy.ts';

/** Where a recovery stands. `over`: it ended without a new password. */
export const steps = ['method', 'code', 'account', 'password', 'done', 'over'] as const;
export type Step = (typeof steps)[number];

export const isStep = (text: string): text is Step => steps.some((step) => step === text);

export type FlowEvent =
  | 'email-chosen'
  | 'released'
  | 'code-wrong'
  | 'code-right'
  | 'code-right-for-several'
  | 'tries-used'
  | 'account-chosen'
  | 'password-set'
  | 'reset-elsewhere'
  | 'stopped';

export interface Transition {
  readonly to: Step;
  /** What must hold besides; names a rule in policy.ts. */
  readonly guard: Guard;
  readonly audit: AuditEvent;
}

type Row = Partial<Record<FlowEvent, Transition>>;

export const flow = {
  method: {
    'email-chosen': { to: 'code', guard: 'mayAskMail', audit: 'recovery.email_chosen' },
    released: { to: 'password', guard: 'isOfGrant', audit: 'recovery.released' },
  },
  code: {
    'email-chosen': { to: 'code', guard: 'mayAskMail', audit: 'recovery.code_asked_again' },
    'code-wrong': { to: 'code', guard: 'isLive', audit: 'recovery.code_wrong' },
    'code-right': { to: 'password', guard: 'isLive', audit: 'recovery.code_right' },
    'code-right-for-several': { to: 'account', guard: 'isLive', audit: 'recovery.code_right' },
    'tries-used': { to: 'over', guard: 'isLive', audit: 'recovery.ended' },
  },
  account: {
    'account-chosen': { to: 'password', guard: 'isProofFresh', audit: 'recovery.account_chosen' },
    'reset-elsewhere': { to: 'over', guard: 'isLive', audit: 'recovery.ended' },
    stopped: { to: 'over', guard: 'isLive', audit: 'recovery.ended' },
  },
  password: {
    'password-set': { to: 'done', guard: 'isProofFresh', audit: 'recovery.completed' },
    'reset-elsewhere': { to: 'over', guard: 'isLive', audit: 'recovery.ended' },
    stopped: { to: 'over', guard: 'isLive', audit: 'recovery.ended' },
  },
  done: {},
  over: {},
} as const satisfies Record<Step, Row>;

/** The transition that `event` makes from where the recovery stands at `now` (UTC epoch ms), or why there is none. */
export function advance(
  recovery: RecoveryFacts & { readonly step: string },
  event: FlowEvent,
  now: number,
): Outcome<Transition, AdvanceRefusal> {
  const { step } = recovery;
  if (!isStep(step)) throw new Error(`a recovery stands at the unknown step ${step}`);
  if (step === 'over') return refuse('recovery-over');
  const row: Row = flow[step];
  const transition = row[event];
  if (!transition) return refuse('recovery-step');
  const refusal = guards[transition.guard](recovery, now);
  return refusal ?? accept(transition);
}

export type AdvanceRefusal = 'recovery-over' | 'recovery-step' | 'resend-soon' | 'resend-capped';
