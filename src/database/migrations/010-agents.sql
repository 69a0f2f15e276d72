-- Who works at the support desk. Nobody becomes an agent from the web: rows are added by the command line.
CREATE TABLE agents (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  role TEXT NOT NULL,
  locale TEXT NOT NULL,
  password_hash TEXT,
  password_key_id TEXT,
  secret_sealed TEXT,
  last_step BIGINT NOT NULL,
  added_at BIGINT NOT NULL,
  enrolled_at BIGINT,
  signed_in_at BIGINT,
  away_until BIGINT,
  removed_at BIGINT
);
-- The name of somebody who left may be given again.
CREATE UNIQUE INDEX agents_name ON agents (site, name_key) WHERE removed_at IS NULL;

-- The one link by which an agent sets password and second factor: once, and only the newest.
CREATE TABLE agent_enrolments (
  agent_id TEXT PRIMARY KEY NOT NULL REFERENCES agents (id),
  site TEXT NOT NULL,
  token_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX agent_enrolments_token ON agent_enrolments (token_hash);
CREATE INDEX agent_enrolments_expiry ON agent_enrolments (expires_at);

CREATE TABLE agent_sessions (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  agent_id TEXT NOT NULL REFERENCES agents (id),
  token_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE UNIQUE INDEX agent_sessions_token ON agent_sessions (token_hash);
CREATE INDEX agent_sessions_agent ON agent_sessions (agent_id);
CREATE INDEX agent_sessions_expiry ON agent_sessions (expires_at);
CREATE INDEX agent_sessions_end ON agent_sessions (ended_at);

-- Public keys; the private ones are in the agents' devices.
CREATE TABLE agent_passkeys (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  agent_id TEXT NOT NULL REFERENCES agents (id),
  credential_id TEXT NOT NULL,
  public_key TEXT NOT NULL,
  uses BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT
);
CREATE UNIQUE INDEX agent_passkeys_credential ON agent_passkeys (credential_id);
CREATE INDEX agent_passkeys_agent ON agent_passkeys (agent_id);

-- Challenges that were answered: none is answered twice.
CREATE TABLE agent_challenges (
  nonce TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX agent_challenges_expiry ON agent_challenges (expires_at);
