-- What the durable engine keeps: workers, runs, journals, requests, values and
-- artifacts.
--
-- A run is the moving part of an execution. Times are milliseconds since 1970,
-- as the engine reckons with them and nobody reads them here.

-- Processes that run executions. A number is never used again, so that a run
-- of a dead worker is never taken for one of its successor.
CREATE TABLE workers (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  pid INTEGER NOT NULL,
  hostname TEXT NOT NULL,
  started_at_ms INTEGER NOT NULL,
  lease_until_ms INTEGER NOT NULL
) STRICT;

-- `owner` is the worker at work on it, NULL for nobody; `epoch` counts the
-- claims; `due_at_ms` is when it can be claimed, NULL for not by itself.
-- `flags` are the behaviours that its journal was written under.
CREATE TABLE runs (
  number INTEGER PRIMARY KEY,
  execution_id TEXT NOT NULL UNIQUE,
  owner INTEGER,
  epoch INTEGER NOT NULL DEFAULT 0,
  due_at_ms INTEGER,
  flags INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX runs_by_due ON runs (due_at_ms)
  WHERE due_at_ms IS NOT NULL AND owner IS NULL;
CREATE INDEX runs_by_owner ON runs (owner) WHERE owner IS NOT NULL;

-- What happened, in order. `data` is JSON in place, or NULL where `value`
-- names a stored value.
CREATE TABLE journal (
  run INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  format INTEGER NOT NULL,
  time_ms INTEGER NOT NULL,
  type TEXT NOT NULL,
  path TEXT NOT NULL,
  name TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  data TEXT,
  value TEXT,
  PRIMARY KEY (run, sequence)
) STRICT, WITHOUT ROWID;

-- No result is recorded twice, whatever went wrong before.
CREATE UNIQUE INDEX journal_once ON journal (run, path, attempt, type)
  WHERE path <> '';

-- What others ask of a run that is owned; its owner turns it into events.
-- `sequence` is that of the event, once there.
CREATE TABLE run_requests (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run INTEGER NOT NULL,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  data TEXT NOT NULL CHECK (json_valid(data)),
  time_ms INTEGER NOT NULL,
  sequence INTEGER
) STRICT;
CREATE INDEX run_requests_open ON run_requests (run) WHERE sequence IS NULL;

-- Large values and the bytes of artifacts, each stored once.
CREATE TABLE stored_values (
  sha256 TEXT PRIMARY KEY,
  size_bytes INTEGER NOT NULL,
  content BLOB NOT NULL
) STRICT;

-- Files that executions leave behind.
CREATE TABLE artifacts (
  id TEXT PRIMARY KEY NOT NULL,
  execution_id TEXT NOT NULL,
  name TEXT NOT NULL,
  content_type TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  UNIQUE (execution_id, name)
) STRICT;
