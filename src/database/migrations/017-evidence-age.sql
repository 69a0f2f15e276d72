-- Evidence is deleted some time after the decision.
CREATE INDEX case_evidence_age ON case_evidence (proven_at);
