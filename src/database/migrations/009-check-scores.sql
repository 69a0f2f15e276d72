-- How the check before a recovery was passed, for the histogram of its scores. NULL: the check was off, or the recovery was
-- ended by another one.
ALTER TABLE recoveries ADD COLUMN check_mode TEXT;
ALTER TABLE recoveries ADD COLUMN check_score BIGINT;
ALTER TABLE recoveries ADD COLUMN check_policy TEXT;
