-- What two people of the desk may do to an account together: give it to the person of a case, or close it.

-- One attempt to give an account to the person of a case: proposed by one agent, approved by another, held, told to whoever
-- the account had until then, and opened by a grant that works once. What must never be is refused here too.
CREATE TABLE releases (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  contact_id TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  proofs BIGINT NOT NULL,
  proofs_needed BIGINT NOT NULL,
  lead_needed BIGINT NOT NULL,
  confirmed_elsewhere BIGINT NOT NULL,
  proposed_by TEXT NOT NULL REFERENCES agents (id),
  proposed_at BIGINT NOT NULL,
  approved_by TEXT REFERENCES agents (id),
  approver_role TEXT,
  approved_at BIGINT,
  hold_ends_at BIGINT,
  due_at BIGINT NOT NULL,
  released_at BIGINT,
  grant_hash TEXT,
  grant_key_id TEXT,
  grant_tries BIGINT NOT NULL,
  opened_at BIGINT,
  spent_at BIGINT,
  change_id TEXT,
  vetoed_at BIGINT,
  undone_at BIGINT,
  ended_at BIGINT,
  CHECK (state IN ('proposed', 'holding', 'released', 'opened', 'spent', 'undone', 'refused', 'withdrawn', 'vetoed', 'lapsed')),
  CHECK ((ended_at IS NULL) = (state IN ('proposed', 'holding', 'released', 'opened'))),
  -- Two people, and a lead where one is needed.
  CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
  CHECK ((approved_by IS NULL) = (approver_role IS NULL)),
  CHECK ((approved_by IS NULL) = (hold_ends_at IS NULL)),
  CHECK (approved_by IS NULL OR approved_by <> proposed_by),
  CHECK (approver_role IS NULL OR approver_role = 'lead' OR (approver_role = 'agent' AND lead_needed = 0)),
  CHECK (state NOT IN ('holding', 'released', 'opened', 'spent', 'undone') OR approved_by IS NOT NULL),
  CHECK (state <> 'proposed' OR approved_by IS NULL),
  -- Evidence.
  CHECK (proofs_needed IN (1, 2) AND lead_needed IN (0, 1) AND confirmed_elsewhere IN (0, 1)),
  CHECK (approved_by IS NULL OR proofs >= proofs_needed),
  -- The hold, and nothing before its end.
  CHECK (hold_ends_at IS NULL OR hold_ends_at >= approved_at + CASE WHEN confirmed_elsewhere = 1 THEN 86400000 ELSE 259200000 END),
  CHECK (released_at IS NULL OR (hold_ends_at IS NOT NULL AND released_at >= hold_ends_at)),
  CHECK (state NOT IN ('released', 'opened', 'spent', 'undone') OR released_at IS NOT NULL),
  -- A grant opens one page once, and what was stopped is never spent.
  CHECK (grant_tries BETWEEN 0 AND 5),
  CHECK (opened_at IS NULL OR (released_at IS NOT NULL AND opened_at >= released_at)),
  CHECK (spent_at IS NULL OR (opened_at IS NOT NULL AND spent_at >= opened_at AND vetoed_at IS NULL)),
  CHECK ((spent_at IS NOT NULL) = (state IN ('spent', 'undone'))),
  CHECK ((change_id IS NOT NULL) = (spent_at IS NOT NULL)),
  CHECK ((vetoed_at IS NOT NULL) = (state = 'vetoed')),
  CHECK ((undone_at IS NOT NULL) = (state = 'undone'))
);
CREATE UNIQUE INDEX releases_open_account ON releases (account_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX releases_open_case ON releases (case_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX releases_grant ON releases (grant_hash);
CREATE INDEX releases_due ON releases (due_at) WHERE ended_at IS NULL;
CREATE INDEX releases_account ON releases (account_id, proposed_at);
CREATE INDEX releases_case ON releases (case_id, proposed_at);
CREATE INDEX releases_approver ON releases (approved_by, approved_at);
-- A "no" that proved wrong is a release of a case that was decided before.
CREATE INDEX releases_spent ON releases (site, spent_at) WHERE spent_at IS NOT NULL;

-- What happened, in order: who did it and why, or since when whoever objected had been known to the account.
CREATE TABLE release_steps (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  release_id TEXT REFERENCES releases (id) ON DELETE CASCADE,
  event TEXT NOT NULL,
  agent_id TEXT REFERENCES agents (id),
  objector TEXT,
  known_since BIGINT,
  -- What becomes of the second factor, where a step says so.
  factor TEXT,
  words_sealed TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX release_steps_case ON release_steps (case_id, at);
CREATE INDEX release_steps_account ON release_steps (account_id, event, at);
CREATE INDEX release_steps_release ON release_steps (release_id);
CREATE INDEX release_steps_agent ON release_steps (agent_id, event, at);

-- One row for each mail with "This was not me": what its link and its number are compared with.
CREATE TABLE release_notices (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  step_id TEXT NOT NULL REFERENCES release_steps (id) ON DELETE CASCADE,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  address_id TEXT NOT NULL,
  address_confirmed_at BIGINT NOT NULL,
  stop_hash TEXT NOT NULL,
  number_hash TEXT NOT NULL,
  key_id TEXT NOT NULL,
  tries BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX release_notices_stop ON release_notices (stop_hash);
CREATE INDEX release_notices_step ON release_notices (step_id);
CREATE INDEX release_notices_account ON release_notices (account_id);
CREATE INDEX release_notices_age ON release_notices (created_at);

-- The second factor that a release took off, with its spare codes as they were: who undoes the release gets it back.
CREATE TABLE factors_set_aside (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  secret_sealed TEXT NOT NULL,
  last_step BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  spare_codes TEXT NOT NULL,
  set_aside_at BIGINT NOT NULL
);
CREATE INDEX factors_set_aside_account ON factors_set_aside (account_id);
CREATE INDEX factors_set_aside_age ON factors_set_aside (set_aside_at);

-- One attempt to close the account of somebody who died: proposed by one agent, approved by a lead who is another, held for two
-- weeks, told to every address of the account, and undone by whoever says that they live. What must never be is refused here too.
CREATE TABLE closings (
  id TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  proposed_by TEXT NOT NULL REFERENCES agents (id),
  proposed_at BIGINT NOT NULL,
  approved_by TEXT REFERENCES agents (id),
  approved_at BIGINT,
  due_at BIGINT NOT NULL,
  closed_at BIGINT,
  ended_at BIGINT,
  CHECK (state IN ('proposed', 'holding', 'closed', 'refused', 'withdrawn', 'vetoed', 'lapsed', 'undone')),
  CHECK ((ended_at IS NULL) = (state IN ('proposed', 'holding'))),
  CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
  CHECK (approved_by IS NULL OR approved_by <> proposed_by),
  CHECK (state <> 'proposed' OR approved_by IS NULL),
  CHECK (state NOT IN ('holding', 'closed', 'undone') OR approved_by IS NOT NULL),
  CHECK ((closed_at IS NOT NULL) = (state IN ('closed', 'undone'))),
  CHECK (closed_at IS NULL OR closed_at >= approved_at + 1209600000)
);
CREATE UNIQUE INDEX closings_open_account ON closings (account_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX closings_open_case ON closings (case_id) WHERE ended_at IS NULL;
CREATE INDEX closings_account ON closings (account_id, proposed_at);
CREATE INDEX closings_case ON closings (case_id, proposed_at);
CREATE INDEX closings_due ON closings (due_at) WHERE ended_at IS NULL;
-- They stand among what is to be approved and what is on hold.
CREATE INDEX closings_in_state ON closings (site, state, case_id) WHERE ended_at IS NULL;
