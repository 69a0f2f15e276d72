-- Once, the person of a case may say that it is about another account: when, and which it was before.
ALTER TABLE cases ADD COLUMN corrected_at BIGINT;
ALTER TABLE cases ADD COLUMN earlier_sealed TEXT;
ALTER TABLE cases ADD COLUMN earlier_hash TEXT;
