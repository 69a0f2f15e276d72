-- What all the rest stands on: mail to be sent, limits, the audit trail, and what a database knows of its deployment.

-- Kind and ids only: codes, links and bodies are derived at sending.
CREATE TABLE outbox (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  kind TEXT NOT NULL,
  -- What the mail is about: a recovery, a change, a case...
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
CREATE INDEX outbox_end ON outbox (ended_at);
-- For erasure.
CREATE INDEX outbox_subject ON outbox (subject_id);
CREATE INDEX outbox_address ON outbox (address_id);

-- Every limit of limits/limits.ts: its name and who is counted make the key.
CREATE TABLE counters (
  key TEXT PRIMARY KEY NOT NULL,
  count BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX counters_expiry ON counters (expires_at);

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
  -- Both are NULL until the sealer has chained the event.
  seq BIGINT,
  chain TEXT
);
CREATE UNIQUE INDEX audit_events_seq ON audit_events (seq);
CREATE INDEX audit_events_unsealed ON audit_events (at, id) WHERE seq IS NULL;
CREATE INDEX audit_events_account ON audit_events (account_id, at);

-- Where the chain begins and how far it goes, each signed: what was removed at either end shows.
CREATE TABLE audit_heads (
  name TEXT PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  chain TEXT NOT NULL,
  mac TEXT NOT NULL
);

-- Which node does what only one may do at a time, and until when.
CREATE TABLE leases (
  name TEXT PRIMARY KEY NOT NULL,
  holder TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);

-- What only the right keys make, for each key that this database was used with: a deployment with others is refused.
CREATE TABLE key_checks (
  key_id TEXT PRIMARY KEY NOT NULL,
  check_hash TEXT NOT NULL
);

-- How far a copy into this database has come, table by table. Nothing serves from it until the copy is verified and these are gone.
CREATE TABLE copies (
  table_name TEXT PRIMARY KEY NOT NULL,
  source TEXT NOT NULL,
  last_key TEXT NOT NULL,
  row_count BIGINT NOT NULL
);
