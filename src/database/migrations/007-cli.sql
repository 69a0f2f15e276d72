-- Accounts of a file that is being imported. They count for nothing until one transaction makes accounts of all of them.
CREATE TABLE import_rows (
  import_id TEXT NOT NULL,
  line BIGINT NOT NULL,
  site TEXT NOT NULL,
  staged_at BIGINT NOT NULL,
  account_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  user_id_key TEXT NOT NULL,
  state TEXT NOT NULL,
  locale TEXT NOT NULL,
  provider TEXT,
  PRIMARY KEY (import_id, line)
);
CREATE INDEX import_rows_user_id ON import_rows (import_id, user_id_key);
CREATE INDEX import_rows_age ON import_rows (staged_at);

CREATE TABLE import_addresses (
  import_id TEXT NOT NULL,
  line BIGINT NOT NULL,
  place BIGINT NOT NULL,
  id TEXT NOT NULL,
  staged_at BIGINT NOT NULL,
  account_id TEXT NOT NULL,
  address TEXT NOT NULL,
  address_key TEXT NOT NULL,
  PRIMARY KEY (import_id, line, place)
);
CREATE INDEX import_addresses_age ON import_addresses (staged_at);
