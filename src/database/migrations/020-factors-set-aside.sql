-- The second factor that a release took off, with its spare codes as they were: who undoes the release gets it back.
CREATE TABLE factors_set_aside (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  secret_sealed TEXT NOT NULL,
  last_step BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  spare_codes TEXT NOT NULL,
  set_aside_at BIGINT NOT NULL
);
CREATE INDEX factors_set_aside_account ON factors_set_aside (account_id);
CREATE INDEX factors_set_aside_age ON factors_set_aside (set_aside_at);
-- What becomes of the second factor, where a step of a release says so.
ALTER TABLE release_steps ADD COLUMN factor TEXT;
-- The address, session, device, code or app that proved it: evidence counts for as long as that is there. NULL: from before this.
ALTER TABLE case_evidence ADD COLUMN source_id TEXT;
