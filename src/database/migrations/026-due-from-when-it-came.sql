-- Where a case stands in the queue: by what was promised, and once the desk has written, from when the person wrote again.
ALTER TABLE cases ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0;
UPDATE cases SET due_at = promised_at;
DROP INDEX cases_of_agent;
DROP INDEX cases_in_state;
DROP INDEX cases_open;
CREATE INDEX cases_of_agent ON cases (site, agent_id, due_at, id) WHERE ended_at IS NULL;
CREATE INDEX cases_in_state ON cases (site, state, due_at, id) WHERE ended_at IS NULL;
CREATE INDEX cases_open ON cases (site, due_at, id) WHERE ended_at IS NULL;

-- Closings stand among what is to be approved and what is on hold.
CREATE INDEX closings_in_state ON closings (site, state, case_id) WHERE ended_at IS NULL;
