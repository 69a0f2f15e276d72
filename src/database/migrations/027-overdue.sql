-- Cases whose promise has passed without an answer: they are counted for the figures.
CREATE INDEX cases_unanswered ON cases (site, promised_at) WHERE answered_at IS NULL AND ended_at IS NULL;
