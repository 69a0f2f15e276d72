-- What the clean-up of every minute looks for: those that are over and hold a code still, not every recovery of a month,
-- and not every case of a year.
CREATE INDEX recoveries_codes ON recoveries (expires_at) WHERE code_random IS NOT NULL;
CREATE INDEX cases_full ON cases (ended_at) WHERE emptied_at IS NULL;

-- What every start asks for, and should be none: else it would read every account.
CREATE INDEX accounts_with_at ON accounts (site, id) WHERE (user_id LIKE '%@%' OR user_id_key LIKE '%@%');

-- What goes with an address, or with the name of a case, when an account is erased.
CREATE INDEX cases_earlier ON cases (earlier_hash) WHERE earlier_hash IS NOT NULL;
CREATE INDEX case_address_codes_address ON case_address_codes (address_id);
