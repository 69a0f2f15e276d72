-- Pictures that the person of a case sent, where the operator lets them: sealed, as they were made anew, never as they came.
CREATE TABLE case_pictures (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES cases (id),
  picture_sealed TEXT NOT NULL,
  added_at BIGINT NOT NULL
);
CREATE INDEX case_pictures_case ON case_pictures (case_id, added_at);
CREATE INDEX case_pictures_age ON case_pictures (added_at);
