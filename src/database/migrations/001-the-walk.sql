-- Times are UTC epoch milliseconds; flags are 0 or 1; hashes are keyed (base/secret.ts); every row carries its site.

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
  password_recovery_id TEXT,
  wrong_passwords BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX accounts_user_id ON accounts (site, user_id_key);

-- Several accounts may share an address; a mailbox that was never confirmed receives no recovery mail.
CREATE TABLE addresses (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  address TEXT NOT NULL,
  address_key TEXT NOT NULL,
  confirmed_at BIGINT,
  created_at BIGINT NOT NULL
);
CREATE INDEX addresses_key ON addresses (site, address_key);
CREATE INDEX addresses_account ON addresses (account_id);

CREATE TABLE sessions (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  token_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_account ON sessions (account_id);

-- A sign-up that nobody has proved yet: it blocks no user ID and no address.
CREATE TABLE sign_ups (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  handle_hash TEXT NOT NULL,
  step TEXT NOT NULL,
  version BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  address TEXT NOT NULL,
  locale TEXT NOT NULL,
  return_to TEXT,
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

-- One answer a challenge, right or wrong.
CREATE TABLE human_check_answers (
  nonce TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);

-- account_id and address_id are NULL for a decoy and, until one was chosen, account_id for an address with several accounts.
CREATE TABLE recoveries (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  handle_hash TEXT NOT NULL,
  step TEXT NOT NULL,
  version BIGINT NOT NULL,
  identifier_sealed TEXT NOT NULL,
  mailbox_hash TEXT NOT NULL,
  address_id TEXT,
  account_id TEXT,
  locale TEXT NOT NULL,
  return_to TEXT,
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
  proof TEXT,
  password_until BIGINT,
  end_reason TEXT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE UNIQUE INDEX recoveries_handle ON recoveries (handle_hash);
CREATE INDEX recoveries_account ON recoveries (account_id);
CREATE INDEX recoveries_mailbox ON recoveries (mailbox_hash);

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
  typing_ended_at BIGINT,
  ended_at BIGINT
);
CREATE INDEX mailed_codes_recovery ON mailed_codes (recovery_id);
CREATE UNIQUE INDEX mailed_codes_continue ON mailed_codes (continue_hash);
CREATE UNIQUE INDEX mailed_codes_stop ON mailed_codes (stop_hash);

-- What a stored mailbox has been through: the caps, the silence and the wrong tries of D3 and D11.
CREATE TABLE mailboxes (
  mailbox_hash TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  version BIGINT NOT NULL,
  sent_at TEXT NOT NULL,
  silent_until BIGINT NOT NULL,
  wrong_in_a_row BIGINT NOT NULL
);

-- Kind and ids only: codes, links and bodies are derived at sending.
CREATE TABLE outbox (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  address_id TEXT,
  locale TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  leased_until BIGINT NOT NULL,
  failure TEXT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE INDEX outbox_due ON outbox (state, due_at);

CREATE TABLE cases (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  number TEXT NOT NULL,
  code_hash TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  words_sealed TEXT NOT NULL,
  contact_sealed TEXT NOT NULL,
  recovery_id TEXT,
  locale TEXT NOT NULL,
  promised_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE UNIQUE INDEX cases_number ON cases (site, number);

CREATE TABLE counters (
  key TEXT PRIMARY KEY NOT NULL,
  count BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX counters_expiry ON counters (expires_at);

-- seq and chain are NULL until the sealer has chained the event.
CREATE TABLE audit_events (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  at BIGINT NOT NULL,
  event TEXT NOT NULL,
  subject_id TEXT,
  account_id TEXT,
  source_hash TEXT,
  facts TEXT NOT NULL,
  mac TEXT NOT NULL,
  seq BIGINT,
  chain TEXT
);
CREATE UNIQUE INDEX audit_events_seq ON audit_events (seq);
CREATE INDEX audit_events_unsealed ON audit_events (at, id) WHERE seq IS NULL;
CREATE INDEX audit_events_account ON audit_events (account_id, at);

-- How far the chain goes, signed: a removed tail shows. One row.
CREATE TABLE audit_heads (
  name TEXT PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  chain TEXT NOT NULL,
  mac TEXT NOT NULL
);

CREATE TABLE leases (
  name TEXT PRIMARY KEY NOT NULL,
  holder TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
