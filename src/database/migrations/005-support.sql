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
  replaced_at BIGINT
);
CREATE UNIQUE INDEX case_contacts_current ON case_contacts (case_id) WHERE replaced_at IS NULL;
CREATE INDEX case_contacts_case ON case_contacts (case_id);
CREATE INDEX case_contacts_address ON case_contacts (address_hash);

INSERT INTO case_contacts
  SELECT id, site, id, contact_sealed, '', '', '', created_at, created_at, 0, 1, created_at, NULL, NULL FROM cases;
ALTER TABLE cases DROP COLUMN contact_sealed;

-- When the words and the contacts were deleted: the number goes on answering.
ALTER TABLE cases ADD COLUMN emptied_at BIGINT;

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

-- When a mail went to the mailbox or it asked for silence, last.
ALTER TABLE mailboxes ADD COLUMN used_at BIGINT NOT NULL DEFAULT 0;

-- What is over is looked for every minute (src/retention/retention.ts).
CREATE INDEX recoveries_expiry ON recoveries (expires_at);
CREATE INDEX mailed_codes_age ON mailed_codes (created_at);
CREATE INDEX mailboxes_age ON mailboxes (used_at);
CREATE INDEX sign_ups_expiry ON sign_ups (expires_at);
CREATE INDEX sessions_expiry ON sessions (expires_at);
CREATE INDEX sessions_end ON sessions (ended_at);
CREATE INDEX sessions_device ON sessions (device_id);
CREATE INDEX devices_end ON devices (ended_at);
CREATE INDEX devices_age ON devices (last_used_at);
CREATE INDEX human_checks_expiry ON human_checks (expires_at);
CREATE INDEX human_check_answers_expiry ON human_check_answers (expires_at);
CREATE INDEX outbox_end ON outbox (ended_at);
CREATE INDEX address_claims_expiry ON address_claims (expires_at);
CREATE INDEX cases_end ON cases (ended_at);
CREATE INDEX cases_age ON cases (created_at) WHERE emptied_at IS NULL;
CREATE INDEX cases_recovery ON cases (recovery_id);
CREATE INDEX case_contacts_code ON case_contacts (code_expires_at) WHERE code_random <> '';

-- For erasure.
CREATE INDEX outbox_subject ON outbox (subject_id);
CREATE INDEX outbox_address ON outbox (address_id);
CREATE INDEX address_claims_account ON address_claims (account_id);
CREATE INDEX address_changes_account ON address_changes (account_id);
