-- When a recovery last set the password: for a while after it no address or factor may be removed.
ALTER TABLE accounts ADD COLUMN reset_at BIGINT;
