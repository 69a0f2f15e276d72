// The rows as Kysely sees them: the twin of migrations/, in the same order, compared with the real tables by a contract test.

/** Made by migrate.ts itself. */
export interface MigrationsTable {
  name: string;
  checksum: string;
  applied_at: number;
}

export interface AccountsTable {
  id: string;
  site: string;
  user_id: string;
  user_id_key: string;
  state: string;
  locale: string;
  provider: string | null;
  password_hash: string | null;
  password_key_id: string | null;
  password_changed_at: number | null;
  password_change_id: string | null;
  password_suspended_at: number | null;
  reset_at: number | null;
  created_at: number;
}

export interface AddressesTable {
  id: string;
  site: string;
  account_id: string;
  address: string;
  address_key: string;
  confirmed_at: number | null;
  notices_only_since: number | null;
  created_at: number;
}

export interface DevicesTable {
  id: string;
  site: string;
  account_id: string;
  token_hash: string;
  label: string;
  created_at: number;
  last_used_at: number;
  ended_at: number | null;
}

export interface SessionsTable {
  id: string;
  site: string;
  account_id: string;
  device_id: string | null;
  token_hash: string;
  created_at: number;
  last_used_at: number | null;
  expires_at: number;
  ended_at: number | null;
}

export interface PasswordTriesTable {
  subject_hash: string;
  site: string;
  wrong_in_a_row: number;
  tried_at: number;
}

export interface AuthenticatorsTable {
  account_id: string;
  site: string;
  secret_sealed: string;
  last_step: number;
  created_at: number;
}

export interface AuthenticatorSetUpsTable {
  account_id: string;
  site: string;
  session_id: string;
  secret_sealed: string;
  expires_at: number;
}

export interface SpareCodesTable {
  id: string;
  site: string;
  account_id: string;
  code_hash: string;
  created_at: number;
  spent_at: number | null;
}

export interface SecondStepsTable {
  id: string;
  site: string;
  account_id: string;
  handle_hash: string;
  return_to: string | null;
  tries: number;
  created_at: number;
  expires_at: number;
  ended_at: number | null;
}

export interface AddressClaimsTable {
  id: string;
  site: string;
  session_id: string;
  account_id: string;
  version: number;
  address_sealed: string;
  locale: string;
  code_random: string;
  code_key_id: string;
  code_expires_at: number;
  mail_asked_at: number;
  tries: number;
  expires_at: number;
}

export interface AddressChangesTable {
  id: string;
  site: string;
  account_id: string;
  address_id: string;
  what: string;
  address_sealed: string;
  changed_at: number;
}

export interface SignUpsTable {
  id: string;
  site: string;
  handle_hash: string;
  link_hash: string;
  step: string;
  version: number;
  user_id: string;
  address: string;
  locale: string;
  return_to: string | null;
  password_hash: string;
  password_key_id: string;
  code_random: string;
  code_key_id: string;
  code_expires_at: number;
  mail_asked_at: number;
  tries: number;
  created_at: number;
  expires_at: number;
}

export interface ImportRowsTable {
  import_id: string;
  line: number;
  site: string;
  staged_at: number;
  account_id: string;
  user_id: string;
  user_id_key: string;
  state: string;
  locale: string;
  provider: string | null;
}

export interface ImportAddressesTable {
  import_id: string;
  line: number;
  place: number;
  id: string;
  staged_at: number;
  account_id: string;
  address: string;
  address_key: string;
}

export interface HumanChecksTable {
  id: string;
  site: string;
  handle_hash: string;
  purpose: string;
  verdict: string;
  level: number;
  mode: string;
  score: number;
  reasons: string;
  policy: string;
  created_at: number;
  expires_at: number;
  spent_at: number | null;
}

export interface HumanCheckAnswersTable {
  nonce: string;
  site: string;
  expires_at: number;
}

export interface SlideSketchesTable {
  sketch_hash: string;
  site: string;
  expires_at: number;
}

export interface RecoveriesTable {
  id: string;
  site: string;
  handle_hash: string;
  step: string;
  version: number;
  identifier_sealed: string;
  mailbox_hash: string;
  address_id: string | null;
  account_id: string | null;
  release_id: string | null;
  locale: string;
  return_to: string | null;
  check_mode: string | null;
  check_score: number | null;
  check_policy: string | null;
  tries: number;
  mails_asked: number;
  mails_asked_since: number;
  mail_asked_at: number | null;
  code_generation: number;
  code_digits: number;
  code_random: string | null;
  code_key_id: string | null;
  code_expires_at: number | null;
  proven_at: number | null;
  password_until: number | null;
  created_at: number;
  expires_at: number;
  ended_at: number | null;
  end_reason: string | null;
}

export interface MailedCodesTable {
  id: string;
  site: string;
  recovery_id: string;
  generation: number;
  mailbox_hash: string;
  code_hash: string;
  key_id: string;
  continue_hash: string;
  stop_hash: string;
  link_tries: number;
  link_expires_at: number;
  created_at: number;
  typing_ended_at: number | null;
  ended_at: number | null;
}

export interface MailboxesTable {
  mailbox_hash: string;
  site: string;
  version: number;
  sent_at: string;
  silent_until: number;
  wrong_in_a_row: number;
  used_at: number;
}

export interface PasswordChangesTable {
  id: string;
  site: string;
  account_id: string;
  recovery_id: string | null;
  changed_at: number;
  stopped_at: number | null;
  suspended_at: number | null;
}

export interface NoticesTable {
  id: string;
  site: string;
  change_id: string;
  address_id: string;
  address_confirmed_at: number;
  stop_hash: string;
  number_hash: string;
  key_id: string;
  tries: number;
  created_at: number;
  expires_at: number;
}

export interface AgentsTable {
  id: string;
  site: string;
  name: string;
  name_key: string;
  role: string;
  locale: string;
  password_hash: string | null;
  password_key_id: string | null;
  secret_sealed: string | null;
  last_step: number;
  shortcuts: string;
  added_at: number;
  enrolled_at: number | null;
  signed_in_at: number | null;
  away_until: number | null;
  removed_at: number | null;
}

export interface AgentEnrolmentsTable {
  agent_id: string;
  site: string;
  token_hash: string;
  created_at: number;
  expires_at: number;
}

export interface AgentSessionsTable {
  id: string;
  site: string;
  agent_id: string;
  token_hash: string;
  created_at: number;
  last_used_at: number;
  expires_at: number;
  ended_at: number | null;
}

export interface AgentPasskeysTable {
  id: string;
  site: string;
  agent_id: string;
  credential_id: string;
  public_key: string;
  uses: number;
  created_at: number;
  last_used_at: number | null;
}

export interface AgentChallengesTable {
  nonce: string;
  site: string;
  expires_at: number;
}

export interface CasesTable {
  id: string;
  site: string;
  number: string;
  code_hash: string;
  kind: string;
  state: string;
  version: number;
  locale: string;
  recovery_id: string | null;
  words_sealed: string;
  identifier_sealed: string;
  identifier_hash: string;
  corrected_at: number | null;
  earlier_sealed: string | null;
  earlier_hash: string | null;
  agent_id: string | null;
  last_author: string;
  last_at: number;
  promised_at: number;
  due_at: number;
  created_at: number;
  answered_at: number | null;
  decided_at: number | null;
  reopened_at: number | null;
  ended_at: number | null;
  emptied_at: number | null;
}

export interface CaseHandlesTable {
  id: string;
  site: string;
  case_id: string;
  handle_hash: string;
  created_at: number;
  expires_at: number;
}

export interface CaseContactsTable {
  id: string;
  site: string;
  case_id: string;
  address_sealed: string;
  address_hash: string;
  code_random: string;
  code_key_id: string;
  code_expires_at: number;
  mail_asked_at: number;
  tries: number;
  version: number;
  created_at: number;
  confirmed_at: number | null;
  replaced_at: number | null;
  owners_told_at: number | null;
}

export interface CaseMessagesTable {
  id: string;
  site: string;
  case_id: string;
  author: string;
  agent_id: string | null;
  words_sealed: string;
  written_at: number;
}

export interface CasePicturesTable {
  id: string;
  site: string;
  case_id: string;
  picture_sealed: string;
  added_at: number;
}

export interface CaseAddressCodesTable {
  id: string;
  site: string;
  case_id: string;
  address_sealed: string;
  address_id: string | null;
  code_random: string;
  code_key_id: string;
  code_expires_at: number;
  mail_asked_at: number;
  tries: number;
  version: number;
  created_at: number;
  replaced_at: number | null;
}

export interface CaseEvidenceTable {
  id: string;
  site: string;
  case_id: string;
  account_id: string;
  kind: string;
  source_id: string | null;
  proven_at: number;
}

export interface DeskDaysTable {
  site: string;
  day: number;
  figure: string;
  step: number;
  count: number;
}

export interface ReleasesTable {
  id: string;
  site: string;
  case_id: string;
  account_id: string;
  contact_id: string;
  state: string;
  version: number;
  proofs: number;
  proofs_needed: number;
  lead_needed: number;
  confirmed_elsewhere: number;
  proposed_by: string;
  proposed_at: number;
  approved_by: string | null;
  approver_role: string | null;
  approved_at: number | null;
  hold_ends_at: number | null;
  due_at: number;
  released_at: number | null;
  grant_hash: string | null;
  grant_key_id: string | null;
  grant_tries: number;
  opened_at: number | null;
  spent_at: number | null;
  change_id: string | null;
  vetoed_at: number | null;
  undone_at: number | null;
  ended_at: number | null;
}

export interface ReleaseStepsTable {
  id: string;
  site: string;
  case_id: string;
  account_id: string;
  release_id: string | null;
  event: string;
  agent_id: string | null;
  objector: string | null;
  known_since: number | null;
  factor: string | null;
  words_sealed: string;
  at: number;
}

export interface ReleaseNoticesTable {
  id: string;
  site: string;
  step_id: string;
  account_id: string;
  address_id: string;
  address_confirmed_at: number;
  stop_hash: string;
  number_hash: string;
  key_id: string;
  tries: number;
  created_at: number;
}

/** `id`: of the release that set it aside. `spare_codes`: the rows that there were, as JSON. */
export interface FactorsSetAsideTable {
  id: string;
  site: string;
  account_id: string;
  secret_sealed: string;
  last_step: number;
  created_at: number;
  spare_codes: string;
  set_aside_at: number;
}

export interface ClosingsTable {
  id: string;
  site: string;
  case_id: string;
  account_id: string;
  state: string;
  version: number;
  proposed_by: string;
  proposed_at: number;
  approved_by: string | null;
  approved_at: number | null;
  due_at: number;
  closed_at: number | null;
  ended_at: number | null;
}

export interface OutboxTable {
  id: string;
  site: string;
  kind: string;
  subject_id: string;
  address_id: string | null;
  locale: string;
  state: string;
  attempts: number;
  due_at: number;
  leased_until: number;
  failure: string | null;
  created_at: number;
  expires_at: number;
  ended_at: number | null;
}

export interface CountersTable {
  key: string;
  count: number;
  expires_at: number;
}

export interface AuditEventsTable {
  id: string;
  site: string;
  at: number;
  event: string;
  subject_id: string | null;
  account_id: string | null;
  source_hash: string | null;
  facts: string;
  mac: string;
  seq: number | null;
  chain: string | null;
}

export interface AuditHeadsTable {
  name: string;
  seq: number;
  chain: string;
  mac: string;
}

export interface LeasesTable {
  name: string;
  holder: string;
  expires_at: number;
}

export interface KeyChecksTable {
  key_id: string;
  check_hash: string;
}

export interface CopiesTable {
  table_name: string;
  source: string;
  last_key: string;
  row_count: number;
}

export interface Tables {
  migrations: MigrationsTable;
  accounts: AccountsTable;
  addresses: AddressesTable;
  devices: DevicesTable;
  sessions: SessionsTable;
  password_tries: PasswordTriesTable;
  authenticators: AuthenticatorsTable;
  authenticator_set_ups: AuthenticatorSetUpsTable;
  spare_codes: SpareCodesTable;
  second_steps: SecondStepsTable;
  address_claims: AddressClaimsTable;
  address_changes: AddressChangesTable;
  sign_ups: SignUpsTable;
  import_rows: ImportRowsTable;
  import_addresses: ImportAddressesTable;
  human_checks: HumanChecksTable;
  human_check_answers: HumanCheckAnswersTable;
  slide_sketches: SlideSketchesTable;
  recoveries: RecoveriesTable;
  mailed_codes: MailedCodesTable;
  mailboxes: MailboxesTable;
  password_changes: PasswordChangesTable;
  notices: NoticesTable;
  agents: AgentsTable;
  agent_enrolments: AgentEnrolmentsTable;
  agent_sessions: AgentSessionsTable;
  agent_passkeys: AgentPasskeysTable;
  agent_challenges: AgentChallengesTable;
  cases: CasesTable;
  case_handles: CaseHandlesTable;
  case_contacts: CaseContactsTable;
  case_messages: CaseMessagesTable;
  case_pictures: CasePicturesTable;
  case_address_codes: CaseAddressCodesTable;
  case_evidence: CaseEvidenceTable;
  desk_days: DeskDaysTable;
  releases: ReleasesTable;
  release_steps: ReleaseStepsTable;
  release_notices: ReleaseNoticesTable;
  factors_set_aside: FactorsSetAsideTable;
  closings: ClosingsTable;
  outbox: OutboxTable;
  counters: CountersTable;
  audit_events: AuditEventsTable;
  audit_heads: AuditHeadsTable;
  leases: LeasesTable;
  key_checks: KeyChecksTable;
  copies: CopiesTable;
}

/**
 * Every table, in an order in which none refers to one that comes later, with the columns that tell its rows apart.
 * `own`: what a database says of itself alone. A table that is not here does not compile.
 */
export const primaryKeys = {
  migrations: 'own',
  accounts: ['id'],
  addresses: ['id'],
  devices: ['id'],
  sessions: ['id'],
  password_tries: ['subject_hash'],
  authenticators: ['account_id'],
  authenticator_set_ups: ['account_id'],
  spare_codes: ['id'],
  second_steps: ['id'],
  address_claims: ['id'],
  address_changes: ['id'],
  sign_ups: ['id'],
  import_rows: ['import_id', 'line'],
  import_addresses: ['import_id', 'line', 'place'],
  human_checks: ['id'],
  human_check_answers: ['nonce'],
  slide_sketches: ['sketch_hash'],
  recoveries: ['id'],
  mailed_codes: ['id'],
  mailboxes: ['mailbox_hash'],
  password_changes: ['id'],
  notices: ['id'],
  agents: ['id'],
  agent_enrolments: ['agent_id'],
  agent_sessions: ['id'],
  agent_passkeys: ['id'],
  agent_challenges: ['nonce'],
  cases: ['id'],
  case_handles: ['id'],
  case_contacts: ['id'],
  case_messages: ['id'],
  case_pictures: ['id'],
  case_address_codes: ['id'],
  case_evidence: ['id'],
  desk_days: ['site', 'day', 'figure', 'step'],
  releases: ['id'],
  release_steps: ['id'],
  release_notices: ['id'],
  factors_set_aside: ['id'],
  closings: ['id'],
  outbox: ['id'],
  counters: ['key'],
  audit_events: ['id'],
  audit_heads: ['name'],
  leases: ['name'],
  key_checks: ['key_id'],
  copies: 'own',
} as const satisfies { readonly [Table in keyof Tables]: readonly (keyof Tables[Table])[] | 'own' };

const isTable = (name: string): name is keyof Tables => Object.hasOwn(primaryKeys, name);

export const tableNames: readonly (keyof Tables)[] = Object.keys(primaryKeys).filter(isTable);
