-- When a recovery last set the password: for a while after it no address or factor may be removed.
ALTER TABLE accounts ADD COLUMN reset_at BIGINT;

-- Since when the password signs nobody in, because the owner disowned the change that set it; the next one clears it.
ALTER TABLE accounts ADD COLUMN password_suspended_at BIGINT;

-- The change that set the password in force; NULL where it came with the account.
ALTER TABLE accounts RENAME COLUMN password_recovery_id TO password_change_id;

-- recovery_id is NULL where the signed-in owner made the change. stopped_at: the owner said "This was not me".
CREATE TABLE password_changes (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  recovery_id TEXT,
  changed_at BIGINT NOT NULL,
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
