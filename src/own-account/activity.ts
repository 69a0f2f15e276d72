// Recent activity, as the owner reads it: which events of the audit trail are told, and as what.
import type { SeenEvent } from '../audit/audit.ts';
import type { AuditEvent } from '../audit/events.ts';

/** What was done; its words are `activity.<name>`. */
export const activityNames = [
  'created',
  'signed-in',
  'sign-in-failed',
  'signed-out',
  'session-ended',
  'recovery-started',
  'recovered',
  'password-changed',
  'disowned',
  'second-wrong',
  'authenticator-added',
  'authenticator-removed',
  'spare-codes-renewed',
  'address-added',
  'address-removed',
] as const;

export type ActivityName = (typeof activityNames)[number];

export interface Activity {
  readonly name: ActivityName;
  /** UTC epoch ms. */
  readonly at: number;
}

const told: Partial<Record<AuditEvent, ActivityName>> = {
  user_created: 'created',
  authn_login_success: 'signed-in',
  authn_login_fail: 'sign-in-failed',
  session_ended: 'signed-out',
  'recovery.started': 'recovery-started',
  'recovery.completed': 'recovered',
  authn_password_change: 'password-changed',
  'password.disowned': 'disowned',
  'second_factor.wrong': 'second-wrong',
  'authenticator.added': 'authenticator-added',
  'authenticator.removed': 'authenticator-removed',
  'authenticator.set_aside': 'authenticator-removed',
  'authenticator.reinstated': 'authenticator-added',
  'authenticator.spare_codes_renewed': 'spare-codes-renewed',
  'address.added': 'address-added',
  'address.removed': 'address-removed',
};

/** The audit events that are told at all. */
export const toldEvents: readonly string[] = Object.keys(told);

/** What the desk is told besides: strangers could fill the owner's list with it. */
const toldToDesk = { ...told, 'recovery.code_wrong': 'code-wrong' } as const;
export const eventsForDesk: readonly string[] = Object.keys(toldToDesk);

const activityBy =
  <Name extends string>(names: Readonly<Record<string, Name | undefined>>) =>
  (events: readonly SeenEvent[]): readonly { readonly name: Name | 'session-ended'; readonly at: number }[] =>
    events.flatMap(({ event, at, facts }) => {
      // What a new password ended stands beside the event of that password.
      if ('sessionsEnded' in facts) return [];
      const name = names[event];
      if (name === undefined) return [];
      return [{ at, name: facts['by'] === 'owner' ? 'session-ended' : name }];
    });

export const activityOf: (events: readonly SeenEvent[]) => readonly Activity[] = activityBy(told);

export interface DeskActivity {
  readonly name: ActivityName | 'code-wrong';
  /** UTC epoch ms. */
  readonly at: number;
}

export const activityForDesk: (events: readonly SeenEvent[]) => readonly DeskActivity[] = activityBy(toldToDesk);
