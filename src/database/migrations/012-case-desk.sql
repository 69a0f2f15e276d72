-- Which account a case is about, as the person says.
ALTER TABLE cases ADD COLUMN identifier_sealed TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN identifier_hash TEXT NOT NULL DEFAULT '';
CREATE INDEX cases_identifier ON cases (identifier_hash) WHERE identifier_hash <> '';

-- The queue of the desk, from what was promised first on.
DROP INDEX cases_queue;
CREATE INDEX cases_of_agent ON cases (site, agent_id, promised_at, id) WHERE ended_at IS NULL;
CREATE INDEX cases_in_state ON cases (site, state, promised_at, id) WHERE ended_at IS NULL;
CREATE INDEX cases_open ON cases (site, promised_at, id) WHERE ended_at IS NULL;
CREATE INDEX cases_closed ON cases (site, ended_at, id) WHERE ended_at IS NOT NULL;
