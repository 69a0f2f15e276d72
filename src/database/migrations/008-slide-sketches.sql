-- Drags that were accepted, known again for a day. Keyed hashes and an hour: nothing says whose a drag was.
CREATE TABLE slide_sketches (
  sketch_hash TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX slide_sketches_expiry ON slide_sketches (expires_at);
