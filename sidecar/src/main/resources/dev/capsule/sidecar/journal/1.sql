-- Statements end with a semicolon at a line's end. SQLite and PostgreSQL both run them as they are.
-- Times are milliseconds since 1970. A checksum is over all columns of its row.

CREATE TABLE capsule_workflows (
  id TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL,
  program TEXT NOT NULL,
  folder TEXT NOT NULL,
  command TEXT NOT NULL,
  input TEXT,
  input_file TEXT,
  runs BIGINT NOT NULL,
  owner TEXT,
  created BIGINT NOT NULL,
  opened BIGINT NOT NULL,
  updated BIGINT NOT NULL,
  ended BIGINT,
  outcome TEXT,
  outcome_file TEXT,
  finished BIGINT NOT NULL,
  failed BIGINT NOT NULL,
  started BIGINT NOT NULL,
  digest BIGINT NOT NULL,
  checksum BIGINT NOT NULL
);

CREATE INDEX capsule_workflows_owner ON capsule_workflows (owner) WHERE owner IS NOT NULL;

CREATE TABLE capsule_steps (
  workflow TEXT NOT NULL REFERENCES capsule_workflows (id) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  step_key TEXT NOT NULL,
  parent TEXT,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  args TEXT NOT NULL,
  args_hash TEXT NOT NULL,
  began BIGINT NOT NULL,
  state TEXT NOT NULL,
  outcome TEXT,
  outcome_file TEXT,
  details TEXT,
  ended BIGINT,
  checksum BIGINT NOT NULL,
  PRIMARY KEY (workflow, number)
);

CREATE INDEX capsule_steps_file ON capsule_steps (outcome_file) WHERE outcome_file IS NOT NULL;

CREATE TABLE capsule_owners (
  name TEXT NOT NULL PRIMARY KEY,
  host TEXT NOT NULL,
  machine TEXT NOT NULL,
  boot TEXT NOT NULL,
  pids TEXT NOT NULL,
  clock TEXT NOT NULL,
  pid BIGINT NOT NULL,
  started TEXT NOT NULL,
  until_ticks BIGINT NOT NULL,
  until_time BIGINT NOT NULL
);

CREATE TABLE capsule_cancellations (
  workflow TEXT NOT NULL PRIMARY KEY REFERENCES capsule_workflows (id) ON DELETE CASCADE,
  asked BIGINT NOT NULL
);
