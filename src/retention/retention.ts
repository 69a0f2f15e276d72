// What is kept, and for how long: one line for every rule, every table of the schema in it. docs/operate.md shows it, and a
// test compares the two; a table that is not here does not compile.
import { setAsideMs } from '../accounts/removal.ts';
import { dayMs, secondMs } from '../base/clock.ts';
import type { Tables } from '../database/tables.ts';
import { releaseNoticeLifeMs } from '../releases/policy.ts';
import { deviceLifeMs } from '../sessions/devices.ts';

export interface Rule {
  /** What of the row is deleted; the row itself where nothing is said. */
  readonly part?: string;
  readonly keptMs: number;
  /** From when that counts. */
  readonly from: string;
}

/** `account`, `agent`: until the account is erased or the agent removed. `always`: never deleted. Else rules by name. */
export type Kept = 'account' | 'agent' | 'always' | Readonly<Record<string, Rule>>;

export const retention = {
  accounts: 'account',
  addresses: 'account',
  devices: {
    ended: { keptMs: 30 * dayMs, from: 'it was ended' },
    unused: { keptMs: deviceLifeMs, from: 'it last signed in' },
  },
  sessions: { ended: { keptMs: 30 * dayMs, from: 'it ended' } },
  password_changes: { made: { keptMs: 30 * dayMs, from: 'it was made' } },
  notices: { withChange: { keptMs: 30 * dayMs, from: 'its change was made' } },
  authenticators: 'account',
  authenticator_set_ups: { ended: { keptMs: 0, from: 'it expired' } },
  spare_codes: 'account',
  factors_set_aside: { undoable: { keptMs: setAsideMs, from: 'a release set it aside' } },
  second_steps: { ended: { keptMs: 30 * dayMs, from: 'it expired' } },
  password_tries: { idle: { keptMs: 30 * dayMs, from: 'the last wrong password' } },
  address_claims: { ended: { keptMs: 0, from: 'it expired' } },
  address_changes: { made: { keptMs: 30 * dayMs, from: 'it was made' } },
  sign_ups: { ended: { keptMs: dayMs, from: 'it ended' } },
  human_checks: { ended: { keptMs: 0, from: 'it expired' } },
  human_check_answers: { ended: { keptMs: 0, from: 'it expired' } },
  slide_sketches: { ended: { keptMs: 0, from: 'it expired' } },
  recoveries: {
    code: { part: 'what its code is made of', keptMs: dayMs, from: 'it ended' },
    ended: { keptMs: 30 * dayMs, from: 'it ended, and no case that came from it needs it' },
  },
  // A recovery lives a day, and no mail of it counts for longer: so this is a day after its end.
  mailed_codes: { mailed: { keptMs: 2 * dayMs, from: 'it was mailed' } },
  mailboxes: { idle: { keptMs: 30 * dayMs, from: 'its last mail or silence, and no wrong code counts against it' } },
  outbox: { ended: { keptMs: 30 * dayMs, from: 'its mail went out or was given up' } },
  cases: {
    decided: {
      // A release can be undone for 30 days, and whoever judges that needs the words.
      part: 'its words, messages, contacts, evidence and recovery',
      keptMs: 90 * dayMs,
      from: 'it was decided',
    },
    undecided: {
      part: 'the same, and it is closed',
      keptMs: 365 * dayMs,
      from: 'it was opened, where nobody decided it',
    },
    closed: { keptMs: 365 * dayMs, from: 'it was decided or closed' },
  },
  case_contacts: {
    code: { part: 'what its code is made of', keptMs: dayMs, from: 'it expired' },
    withCase: { keptMs: 0, from: 'the words of its case are deleted' },
  },
  case_messages: { withCase: { keptMs: 0, from: 'the words of its case are deleted' } },
  case_pictures: {
    decided: { keptMs: 60 * dayMs, from: 'its case was decided' },
    withCase: { keptMs: 0, from: 'the words of its case are deleted' },
  },
  case_address_codes: {
    ended: { keptMs: dayMs, from: 'its code expired' },
    withCase: { keptMs: 0, from: 'the words of its case are deleted' },
  },
  case_evidence: {
    decided: { keptMs: 60 * dayMs, from: 'its case was decided' },
    withCase: { keptMs: 0, from: 'the words of its case are deleted' },
  },
  closings: { withCase: { keptMs: 0, from: 'the row of its case is deleted' } },
  // Numbers of days: nobody is in them.
  desk_days: 'always',
  releases: { withCase: { keptMs: 0, from: 'the row of its case is deleted' } },
  release_steps: {
    words: { part: 'its words', keptMs: 0, from: 'the words of its case are deleted' },
    withCase: { keptMs: 0, from: 'the row of its case is deleted' },
  },
  release_notices: { made: { keptMs: releaseNoticeLifeMs, from: 'it was mailed' } },
  case_handles: { ended: { keptMs: 0, from: 'it expired' } },
  // The names of those who left stay: the audit trail and the notes of cases hold ids alone.
  agents: 'always',
  agent_enrolments: { ended: { keptMs: 0, from: 'it expired' } },
  agent_sessions: { ended: { keptMs: 30 * dayMs, from: 'it ended' } },
  agent_passkeys: 'agent',
  agent_challenges: { ended: { keptMs: 0, from: 'it expired' } },
  counters: { ended: { keptMs: 0, from: 'its window ended' } },
  audit_events: { old: { keptMs: 365 * dayMs, from: 'it was written, or as many as `auditDays` says' } },
  audit_heads: 'always',
  leases: 'always',
  // Left behind by an import that was killed: one that ends removes its own.
  import_rows: { leftBehind: { keptMs: dayMs, from: 'it was staged' } },
  import_addresses: { leftBehind: { keptMs: dayMs, from: 'it was staged' } },
  key_checks: 'always',
  copies: 'always',
  migrations: 'always',
} as const satisfies Record<keyof Tables, Kept>;

/** How often what is over is looked for. */
export const forgetEveryMs = 60 * secondMs;
