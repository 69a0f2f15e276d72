-- Wrong passwords in a row: of an account, or of a typed identifier that opens none. One table for both.
CREATE TABLE password_tries (
  subject_hash TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  wrong_in_a_row BIGINT NOT NULL,
  tried_at BIGINT NOT NULL
);
CREATE INDEX password_tries_age ON password_tries (tried_at);
ALTER TABLE accounts DROP COLUMN wrong_passwords;

-- Browsers that signed in. One token a browser, one row for each account that it opened.
CREATE TABLE devices (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  token_hash TEXT NOT NULL,
  label TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE UNIQUE INDEX devices_token ON devices (token_hash, account_id);
CREATE INDEX devices_account ON devices (account_id);
ALTER TABLE sessions ADD COLUMN device_id TEXT REFERENCES devices (id) ON DELETE SET NULL;

-- An authenticator app: one for an account. Its secret is sealed; a step of it works once.
CREATE TABLE authenticators (
  account_id TEXT PRIMARY KEY NOT NULL REFERENCES accounts (id),
  site TEXT NOT NULL,
  secret_sealed TEXT NOT NULL,
  last_step BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);

-- One that is being set up, in the session that asked for it.
CREATE TABLE authenticator_set_ups (
  account_id TEXT PRIMARY KEY NOT NULL REFERENCES accounts (id),
  site TEXT NOT NULL,
  session_id TEXT NOT NULL,
  secret_sealed TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX authenticator_set_ups_expiry ON authenticator_set_ups (expires_at);

CREATE TABLE spare_codes (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  code_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  spent_at BIGINT
);
CREATE UNIQUE INDEX spare_codes_hash ON spare_codes (code_hash);
CREATE INDEX spare_codes_account ON spare_codes (account_id);

-- A sign-in whose password was right and whose second step is missing: no session yet.
CREATE TABLE second_steps (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  handle_hash TEXT NOT NULL,
  return_to TEXT,
  tries BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE UNIQUE INDEX second_steps_handle ON second_steps (handle_hash);
CREATE INDEX second_steps_account ON second_steps (account_id);
CREATE INDEX second_steps_expiry ON second_steps (expires_at);
