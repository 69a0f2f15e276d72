-- What the person and the desk write to each other, and what the desk notes for itself.
CREATE TABLE case_messages (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES cases (id),
  author TEXT NOT NULL CHECK (author IN ('person', 'desk', 'note')),
  agent_id TEXT,
  words_sealed TEXT NOT NULL,
  written_at BIGINT NOT NULL,
  CHECK ((agent_id IS NULL) = (author = 'person'))
);
CREATE INDEX case_messages_case ON case_messages (case_id, written_at);

-- Who works on it, who wrote last, and when the desk first answered.
ALTER TABLE cases ADD COLUMN agent_id TEXT;
ALTER TABLE cases ADD COLUMN last_author TEXT NOT NULL DEFAULT 'person';
ALTER TABLE cases ADD COLUMN last_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN answered_at BIGINT;
UPDATE cases SET last_at = created_at;
CREATE INDEX cases_queue ON cases (site, state, agent_id, promised_at);
