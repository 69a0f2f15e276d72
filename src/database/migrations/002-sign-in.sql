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
