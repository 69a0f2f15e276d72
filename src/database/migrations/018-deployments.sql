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
