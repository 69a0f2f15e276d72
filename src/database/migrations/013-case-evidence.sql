-- What the person of a case has proved of an account, each kind once. There are rows only where an account is.
CREATE TABLE case_evidence (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES cases (id),
  account_id TEXT NOT NULL REFERENCES accounts (id),
  kind TEXT NOT NULL CHECK (kind IN ('other-address', 'spare-code', 'authenticator', 'session', 'device')),
  proven_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX case_evidence_once ON case_evidence (case_id, account_id, kind);
CREATE INDEX case_evidence_account ON case_evidence (account_id);
