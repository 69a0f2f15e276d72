-- The support desk: its agents, the cases that people open there, and what is counted of its days.

-- Nobody becomes an agent from the web: rows are added by the command line.
CREATE TABLE agents (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  role TEXT NOT NULL,
  locale TEXT NOT NULL,
  password_hash TEXT,
  password_key_id TEXT,
  -- The authenticator app: a step of it works once.
  secret_sealed TEXT,
  last_step BIGINT NOT NULL,
  -- Keys that act on the pages of the desk, for who wants them.
  shortcuts TEXT NOT NULL CHECK (shortcuts IN ('on', 'off')),
  added_at BIGINT NOT NULL,
  enrolled_at BIGINT,
  signed_in_at BIGINT,
  away_until BIGINT,
  removed_at BIGINT
);
-- The name of somebody who left may be given again.
CREATE UNIQUE INDEX agents_name ON agents (site, name_key) WHERE removed_at IS NULL;

-- The one link by which an agent sets password and second factor: once, and only the newest.
CREATE TABLE agent_enrolments (
  agent_id TEXT PRIMARY KEY NOT NULL REFERENCES agents (id),
  site TEXT NOT NULL,
  token_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX agent_enrolments_token ON agent_enrolments (token_hash);
CREATE INDEX agent_enrolments_expiry ON agent_enrolments (expires_at);

CREATE TABLE agent_sessions (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  agent_id TEXT NOT NULL REFERENCES agents (id),
  token_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE UNIQUE INDEX agent_sessions_token ON agent_sessions (token_hash);
CREATE INDEX agent_sessions_agent ON agent_sessions (agent_id);
CREATE INDEX agent_sessions_expiry ON agent_sessions (expires_at);
CREATE INDEX agent_sessions_end ON agent_sessions (ended_at);

-- Public keys; the private ones are in the agents' devices.
CREATE TABLE agent_passkeys (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  agent_id TEXT NOT NULL REFERENCES agents (id),
  credential_id TEXT NOT NULL,
  public_key TEXT NOT NULL,
  uses BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT
);
CREATE UNIQUE INDEX agent_passkeys_credential ON agent_passkeys (credential_id);
CREATE INDEX agent_passkeys_agent ON agent_passkeys (agent_id);

-- Challenges that were answered: none is answered twice.
CREATE TABLE agent_challenges (
  nonce TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX agent_challenges_expiry ON agent_challenges (expires_at);

CREATE TABLE cases (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  number TEXT NOT NULL,
  code_hash TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  locale TEXT NOT NULL,
  -- The recovery that it was opened from.
  recovery_id TEXT,
  words_sealed TEXT NOT NULL,
  -- Which account it is about, as the person says.
  identifier_sealed TEXT NOT NULL,
  identifier_hash TEXT NOT NULL,
  -- Once, the person may say that it is about another account: when, and which it was before.
  corrected_at BIGINT,
  earlier_sealed TEXT,
  earlier_hash TEXT,
  -- Who works on it, and who wrote last.
  agent_id TEXT,
  last_author TEXT NOT NULL,
  last_at BIGINT NOT NULL,
  promised_at BIGINT NOT NULL,
  -- Where it stands in the queue: by what was promised, and once the desk has written, from when the person wrote again.
  due_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  -- What the figures of the desk are counted from: its first answer, the first decision, and when the case last came back.
  answered_at BIGINT,
  decided_at BIGINT,
  reopened_at BIGINT,
  ended_at BIGINT,
  -- When its words and contacts were deleted: the number goes on answering.
  emptied_at BIGINT
);
CREATE UNIQUE INDEX cases_number ON cases (site, number);
CREATE INDEX cases_end ON cases (ended_at);
CREATE INDEX cases_age ON cases (created_at) WHERE emptied_at IS NULL;
CREATE INDEX cases_recovery ON cases (recovery_id);
-- Lists and figures of the desk.
CREATE INDEX cases_closed ON cases (site, ended_at, id) WHERE ended_at IS NOT NULL;
CREATE INDEX cases_opened ON cases (site, created_at, kind);
CREATE INDEX cases_answered ON cases (site, answered_at, created_at, promised_at) WHERE answered_at IS NOT NULL;
CREATE INDEX cases_decided ON cases (site, decided_at, created_at) WHERE decided_at IS NOT NULL;
CREATE INDEX cases_reopened ON cases (site, reopened_at) WHERE reopened_at IS NOT NULL;
-- What came lately, and the newest about the same identifier, however many there are.
CREATE INDEX cases_news ON cases (site, last_at) WHERE ended_at IS NULL;
CREATE INDEX cases_identifier ON cases (site, identifier_hash, created_at) WHERE identifier_hash <> '';
-- The clean-up of every minute looks for those that hold words still, not for every case of a year.
CREATE INDEX cases_full ON cases (ended_at) WHERE emptied_at IS NULL;
-- The name of a case goes when its account is erased.
CREATE INDEX cases_earlier ON cases (earlier_hash) WHERE earlier_hash IS NOT NULL;
-- The queue.
CREATE INDEX cases_of_agent ON cases (site, agent_id, due_at, id) WHERE ended_at IS NULL;
CREATE INDEX cases_in_state ON cases (site, state, due_at, id) WHERE ended_at IS NULL;
CREATE INDEX cases_open ON cases (site, due_at, id) WHERE ended_at IS NULL;
-- Those whose promise has passed without an answer are counted for the figures.
CREATE INDEX cases_unanswered ON cases (site, promised_at) WHERE answered_at IS NULL AND ended_at IS NULL;

-- Browsers that follow a case without typing its code again.
CREATE TABLE case_handles (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES cases (id),
  handle_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX case_handles_handle ON case_handles (handle_hash);
CREATE INDEX case_handles_case ON case_handles (case_id);
CREATE INDEX case_handles_expiry ON case_handles (expires_at);

-- Where an answer to a case reaches the person. A corrected address is a row of its own: agents see what there was before.
CREATE TABLE case_contacts (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES cases (id),
  address_sealed TEXT NOT NULL,
  address_hash TEXT NOT NULL,
  code_random TEXT NOT NULL,
  code_key_id TEXT NOT NULL,
  code_expires_at BIGINT NOT NULL,
  mail_asked_at BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  confirmed_at BIGINT,
  replaced_at BIGINT,
  -- When whoever has the accounts that the case names was told of it.
  owners_told_at BIGINT
);
CREATE UNIQUE INDEX case_contacts_current ON case_contacts (case_id) WHERE replaced_at IS NULL;
CREATE INDEX case_contacts_case ON case_contacts (case_id);
CREATE INDEX case_contacts_code ON case_contacts (code_expires_at) WHERE code_random <> '';
CREATE INDEX case_contacts_untold ON case_contacts (confirmed_at) WHERE confirmed_at IS NOT NULL AND owners_told_at IS NULL;
-- The newest cases of the same contact, however many there are.
CREATE INDEX case_contacts_address ON case_contacts (address_hash, created_at);

-- What the person and the desk write to each other, and what the desk notes for itself.
CREATE TABLE case_messages (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES cases (id),
  author TEXT NOT NULL CHECK (author IN ('person', 'desk', 'note')),
  agent_id TEXT,
  words_sealed TEXT NOT NULL,
  written_at BIGINT NOT NULL,
  CHECK ((agent_id IS NULL) = (author = 'person'))
);
CREATE INDEX case_messages_case ON case_messages (case_id, written_at);

-- Pictures that the person of a case sent, where the operator lets them: sealed, as they were made anew, never as they came.
CREATE TABLE case_pictures (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES cases (id),
  picture_sealed TEXT NOT NULL,
  added_at BIGINT NOT NULL
);
CREATE INDEX case_pictures_case ON case_pictures (case_id, added_at);
CREATE INDEX case_pictures_age ON case_pictures (added_at);

-- The address on file that the person of a case says to read, and the code mailed there. A row without an address on file is a
-- decoy: the same row, and no mail.
CREATE TABLE case_address_codes (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES cases (id),
  address_sealed TEXT NOT NULL,
  address_id TEXT,
  code_random TEXT NOT NULL,
  code_key_id TEXT NOT NULL,
  code_expires_at BIGINT NOT NULL,
  mail_asked_at BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  replaced_at BIGINT
);
CREATE UNIQUE INDEX case_address_codes_current ON case_address_codes (case_id) WHERE replaced_at IS NULL;
CREATE INDEX case_address_codes_case ON case_address_codes (case_id);
CREATE INDEX case_address_codes_age ON case_address_codes (code_expires_at);
-- What goes with an address when an account is erased.
CREATE INDEX case_address_codes_address ON case_address_codes (address_id);

-- What the person of a case has proved of an account, each kind once. There are rows only where an account is.
CREATE TABLE case_evidence (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES cases (id),
  account_id TEXT NOT NULL REFERENCES accounts (id),
  kind TEXT NOT NULL CHECK (kind IN ('other-address', 'spare-code', 'authenticator', 'session', 'device')),
  -- The address, session, device, code or app that proved it: evidence counts for as long as that is there.
  source_id TEXT,
  proven_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX case_evidence_once ON case_evidence (case_id, account_id, kind);
CREATE INDEX case_evidence_account ON case_evidence (account_id);
-- It is deleted some time after the decision.
CREATE INDEX case_evidence_age ON case_evidence (proven_at);

-- What happened at the desk on the days that are over (UTC, days since 1970), counted once by the worker: what figures are
-- read from. `step`: a time of so many groups of ten minutes, where a figure is one. `summed`: all up to that day are here.
CREATE TABLE desk_days (
  site TEXT NOT NULL,
  day BIGINT NOT NULL,
  figure TEXT NOT NULL,
  step BIGINT NOT NULL,
  count BIGINT NOT NULL,
  PRIMARY KEY (site, day, figure, step)
);
