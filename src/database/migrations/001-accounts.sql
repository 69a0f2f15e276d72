-- Accounts, how their owners sign in, and accounts that are not there yet.
-- In every table: times are UTC epoch milliseconds; flags are 0 or 1; a `..._hash` is keyed and a `..._sealed` is sealed
-- (base/secret.ts); a `..._random` is what a code is made of again; a row carries its site.

CREATE TABLE accounts (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  user_id TEXT NOT NULL,
  user_id_key TEXT NOT NULL,
  state TEXT NOT NULL,
  locale TEXT NOT NULL,
  provider TEXT,
  password_hash TEXT,
  password_key_id TEXT,
  password_changed_at BIGINT,
  -- The change that set the password in force; NULL where it came with the account.
  password_change_id TEXT,
  -- Since when the password signs nobody in, because the owner disowned the change that set it; the next one clears it.
  password_suspended_at BIGINT,
  -- When a recovery last set the password: for a while after it no address or factor may be removed.
  reset_at BIGINT,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX accounts_user_id ON accounts (site, user_id_key);
-- What every start asks for, and should be none: else it would read every account.
CREATE INDEX accounts_with_at ON accounts (site, id) WHERE (user_id LIKE '%@%' OR user_id_key LIKE '%@%');

-- Several accounts may share an address; a mailbox that was never confirmed receives no recovery mail.
CREATE TABLE addresses (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  address TEXT NOT NULL,
  address_key TEXT NOT NULL,
  confirmed_at BIGINT,
  -- From then on it gets notices and opens nothing: a release took the account to another one.
  notices_only_since BIGINT,
  created_at BIGINT NOT NULL
);
CREATE INDEX addresses_key ON addresses (site, address_key);
CREATE INDEX addresses_account ON addresses (account_id);

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
CREATE INDEX devices_end ON devices (ended_at);
CREATE INDEX devices_age ON devices (last_used_at);

CREATE TABLE sessions (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  device_id TEXT REFERENCES devices (id) ON DELETE SET NULL,
  token_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  -- NULL: not since it began. Written once an hour at most.
  last_used_at BIGINT,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);
CREATE INDEX sessions_end ON sessions (ended_at);
CREATE INDEX sessions_device ON sessions (device_id);

-- Wrong passwords in a row: of an account, or of a typed identifier that opens none. One table for both.
CREATE TABLE password_tries (
  subject_hash TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  wrong_in_a_row BIGINT NOT NULL,
  tried_at BIGINT NOT NULL
);
CREATE INDEX password_tries_age ON password_tries (tried_at);

-- An authenticator app: one for an account. A step of it works once.
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
CREATE INDEX address_claims_expiry ON address_claims (expires_at);
CREATE INDEX address_claims_account ON address_claims (account_id);

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
CREATE INDEX address_changes_account ON address_changes (account_id);

-- A sign-up that nobody has proved yet: it blocks no user ID and no address.
CREATE TABLE sign_ups (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  handle_hash TEXT NOT NULL,
  -- Of the token in the link of its mail.
  link_hash TEXT NOT NULL,
  step TEXT NOT NULL,
  version BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  address TEXT NOT NULL,
  locale TEXT NOT NULL,
  return_to TEXT,
  -- Empty from when the link is taken until a password is chosen there.
  password_hash TEXT NOT NULL,
  password_key_id TEXT NOT NULL,
  code_random TEXT NOT NULL,
  code_key_id TEXT NOT NULL,
  code_expires_at BIGINT NOT NULL,
  mail_asked_at BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX sign_ups_handle ON sign_ups (handle_hash);
CREATE UNIQUE INDEX sign_ups_link ON sign_ups (link_hash);
CREATE INDEX sign_ups_expiry ON sign_ups (expires_at);

-- Accounts of a file that is being imported. They count for nothing until one transaction makes accounts of all of them.
CREATE TABLE import_rows (
  import_id TEXT NOT NULL,
  line BIGINT NOT NULL,
  site TEXT NOT NULL,
  staged_at BIGINT NOT NULL,
  account_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  user_id_key TEXT NOT NULL,
  state TEXT NOT NULL,
  locale TEXT NOT NULL,
  provider TEXT,
  PRIMARY KEY (import_id, line)
);
CREATE INDEX import_rows_user_id ON import_rows (import_id, user_id_key);
CREATE INDEX import_rows_age ON import_rows (staged_at);

CREATE TABLE import_addresses (
  import_id TEXT NOT NULL,
  line BIGINT NOT NULL,
  place BIGINT NOT NULL,
  id TEXT NOT NULL,
  staged_at BIGINT NOT NULL,
  account_id TEXT NOT NULL,
  address TEXT NOT NULL,
  address_key TEXT NOT NULL,
  PRIMARY KEY (import_id, line, place)
);
CREATE INDEX import_addresses_age ON import_addresses (staged_at);
