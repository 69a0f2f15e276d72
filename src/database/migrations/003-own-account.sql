-- NULL: not since it began. Written once an hour at most.
ALTER TABLE sessions ADD COLUMN last_used_at BIGINT;

-- An address that a signed-in person typed, until its code is typed in the same session: it blocks nobody and ends with it.
CREATE TABLE address_claims (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  version BIGINT NOT NULL,
  address_sealed TEXT NOT NULL,
  locale TEXT NOT NULL,
  code_random TEXT NOT NULL,
  code_key_id TEXT NOT NULL,
  code_expires_at BIGINT NOT NULL,
  mail_asked_at BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX address_claims_session ON address_claims (session_id);

-- What the notice of an added or removed address tells; a removed one is nowhere else any more.
CREATE TABLE address_changes (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  address_id TEXT NOT NULL,
  what TEXT NOT NULL,
  address_sealed TEXT NOT NULL,
  changed_at BIGINT NOT NULL
);
CREATE INDEX address_changes_age ON address_changes (changed_at);
