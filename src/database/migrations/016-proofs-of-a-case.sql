-- The address on file that the person of a case says to read, and the code mailed there. A row without an address on file is a
-- decoy: the same row, and no mail.
CREATE TABLE case_address_codes (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES cases (id),
  address_sealed TEXT NOT NULL,
  address_id TEXT,
  code_random TEXT NOT NULL,
  code_key_id TEXT NOT NULL,
  code_expires_at BIGINT NOT NULL,
  mail_asked_at BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  replaced_at BIGINT
);
CREATE UNIQUE INDEX case_address_codes_current ON case_address_codes (case_id) WHERE replaced_at IS NULL;
CREATE INDEX case_address_codes_case ON case_address_codes (case_id);
CREATE INDEX case_address_codes_age ON case_address_codes (code_expires_at);
