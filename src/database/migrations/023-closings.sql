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
