-- What the figures of the desk are counted from: the first decision, and when a decided case last came back.
ALTER TABLE cases ADD COLUMN decided_at BIGINT;
ALTER TABLE cases ADD COLUMN reopened_at BIGINT;
UPDATE cases SET decided_at = ended_at WHERE state = 'decided' AND (emptied_at IS NULL OR emptied_at > ended_at);
CREATE INDEX cases_opened ON cases (site, created_at, kind);
CREATE INDEX cases_answered ON cases (site, answered_at, created_at, promised_at) WHERE answered_at IS NOT NULL;
CREATE INDEX cases_decided ON cases (site, decided_at, created_at) WHERE decided_at IS NOT NULL;
CREATE INDEX cases_reopened ON cases (site, reopened_at) WHERE reopened_at IS NOT NULL;

-- What came lately, and the newest of the same contact or identifier, however many there are.
CREATE INDEX cases_news ON cases (site, last_at) WHERE ended_at IS NULL;
DROP INDEX case_contacts_address;
CREATE INDEX case_contacts_address ON case_contacts (address_hash, created_at);
DROP INDEX cases_identifier;
CREATE INDEX cases_identifier ON cases (site, identifier_hash, created_at) WHERE identifier_hash <> '';

-- Keys that act on the pages of the desk, for who wants them.
ALTER TABLE agents ADD COLUMN shortcuts TEXT NOT NULL DEFAULT 'on' CHECK (shortcuts IN ('on', 'off'));
