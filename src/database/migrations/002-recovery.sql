-- The walk: the human check, a recovery with its mailed codes, and the change of password that it ends in.

-- The verdict of a passed or failed human check, spent once by what it guards.
CREATE TABLE human_checks (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  handle_hash TEXT NOT NULL,
  purpose TEXT NOT NULL,
  verdict TEXT NOT NULL,
  level BIGINT NOT NULL,
  mode TEXT NOT NULL,
  score BIGINT NOT NULL,
  reasons TEXT NOT NULL,
  policy TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  spent_at BIGINT
);
CREATE INDEX human_checks_handle ON human_checks (handle_hash, purpose);
CREATE INDEX human_checks_expiry ON human_checks (expires_at);

-- One answer a challenge, right or wrong.
CREATE TABLE human_check_answers (
  nonce TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX human_check_answers_expiry ON human_check_answers (expires_at);

-- Drags that were accepted, known again for a day. Keyed hashes and an hour: nothing says whose a drag was.
CREATE TABLE slide_sketches (
  sketch_hash TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX slide_sketches_expiry ON slide_sketches (expires_at);

CREATE TABLE recoveries (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  handle_hash TEXT NOT NULL,
  step TEXT NOT NULL,
  version BIGINT NOT NULL,
  identifier_sealed TEXT NOT NULL,
  mailbox_hash TEXT NOT NULL,
  -- Both are NULL for a decoy, and account_id until one was chosen where an address has several accounts.
  address_id TEXT,
  account_id TEXT,
  -- The release whose grant opened it.
  release_id TEXT,
  locale TEXT NOT NULL,
  return_to TEXT,
  -- How the check before it was passed, for the histogram of its scores. NULL: the check was off, or another recovery ended it.
  check_mode TEXT,
  check_score BIGINT,
  check_policy TEXT,
  tries BIGINT NOT NULL,
  mails_asked BIGINT NOT NULL,
  mails_asked_since BIGINT NOT NULL,
  mail_asked_at BIGINT,
  code_generation BIGINT NOT NULL,
  code_digits BIGINT NOT NULL,
  code_random TEXT,
  code_key_id TEXT,
  code_expires_at BIGINT,
  proven_at BIGINT,
  password_until BIGINT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT,
  end_reason TEXT
);
CREATE UNIQUE INDEX recoveries_handle ON recoveries (handle_hash);
CREATE INDEX recoveries_account ON recoveries (account_id);
CREATE INDEX recoveries_mailbox ON recoveries (mailbox_hash);
CREATE INDEX recoveries_expiry ON recoveries (expires_at);
-- The clean-up of every minute looks for those that are over and hold a code still, not for every recovery of a month.
CREATE INDEX recoveries_codes ON recoveries (expires_at) WHERE code_random IS NOT NULL;

-- One row for each recovery mail that was handed to the mail server: what a code or a link is compared with.
CREATE TABLE mailed_codes (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  recovery_id TEXT NOT NULL REFERENCES recoveries (id),
  generation BIGINT NOT NULL,
  mailbox_hash TEXT NOT NULL,
  code_hash TEXT NOT NULL,
  key_id TEXT NOT NULL,
  continue_hash TEXT NOT NULL,
  stop_hash TEXT NOT NULL,
  link_tries BIGINT NOT NULL,
  link_expires_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  -- Since when its code counts under its own link alone: the owner said "This was not me".
  typing_ended_at BIGINT,
  ended_at BIGINT
);
CREATE INDEX mailed_codes_recovery ON mailed_codes (recovery_id);
CREATE UNIQUE INDEX mailed_codes_continue ON mailed_codes (continue_hash);
CREATE UNIQUE INDEX mailed_codes_stop ON mailed_codes (stop_hash);
CREATE INDEX mailed_codes_age ON mailed_codes (created_at);

-- What a stored mailbox has been through: the caps of its mail, its silence, and the wrong codes in a row.
CREATE TABLE mailboxes (
  mailbox_hash TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  version BIGINT NOT NULL,
  -- The times of its last mails, as JSON.
  sent_at TEXT NOT NULL,
  silent_until BIGINT NOT NULL,
  wrong_in_a_row BIGINT NOT NULL,
  -- When a mail went to it or it asked for silence, last.
  used_at BIGINT NOT NULL
);
CREATE INDEX mailboxes_age ON mailboxes (used_at);

CREATE TABLE password_changes (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  -- NULL where the signed-in owner made the change.
  recovery_id TEXT,
  changed_at BIGINT NOT NULL,
  -- When the owner said "This was not me".
  stopped_at BIGINT,
  suspended_at BIGINT
);
CREATE INDEX password_changes_account ON password_changes (account_id, changed_at);
CREATE INDEX password_changes_age ON password_changes (changed_at);

-- One row for each notice of a change that was handed to the mail server: what its link and its number are compared with.
CREATE TABLE notices (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  change_id TEXT NOT NULL REFERENCES password_changes (id),
  address_id TEXT NOT NULL,
  address_confirmed_at BIGINT NOT NULL,
  stop_hash TEXT NOT NULL,
  number_hash TEXT NOT NULL,
  key_id TEXT NOT NULL,
  tries BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX notices_stop ON notices (stop_hash);
CREATE INDEX notices_change ON notices (change_id);
