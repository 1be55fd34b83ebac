-- What a server needs beside the resources: who may call it, what was refused,
-- what was asked twice, imports under way, and how long things are kept.

-- Access tokens. Their texts are nowhere: `hash` is the SHA-256 of one.
CREATE TABLE tokens (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('admin', 'editor', 'runner', 'viewer')),
  hash BLOB NOT NULL UNIQUE,
  prefix TEXT NOT NULL,
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL,
  expires_at TEXT,
  last_used_at TEXT,
  revoked_at TEXT
) STRICT;
CREATE INDEX tokens_by_name ON tokens (name);

-- Who was refused, and what those who keep a server must be able to look up.
-- The same thing within a minute is one row that counts.
CREATE TABLE audit_events (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  time_ms INTEGER NOT NULL,
  identity TEXT NOT NULL,
  token_id TEXT NOT NULL DEFAULT '',
  action TEXT NOT NULL,
  subject TEXT NOT NULL DEFAULT '',
  code TEXT NOT NULL,
  detail TEXT NOT NULL DEFAULT '',
  remote_address TEXT NOT NULL DEFAULT '',
  request_id TEXT NOT NULL DEFAULT '',
  count INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX audit_events_by_time ON audit_events (time_ms);

-- What makes a repeated create the same create. `request_hash` tells another
-- request under the same key from the same one.
CREATE TABLE idempotency_keys (
  identity TEXT NOT NULL,
  method TEXT NOT NULL,
  key TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  result TEXT NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (identity, method, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_created ON idempotency_keys (created_at);

-- Imports under way, and what the last ones gave.
CREATE TABLE imports (
  id TEXT PRIMARY KEY NOT NULL,
  identity TEXT NOT NULL,
  committed TEXT CHECK (committed IS NULL OR json_valid(committed)),
  updated_at TEXT NOT NULL
) STRICT;
CREATE TABLE import_records (
  import_id TEXT NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (import_id, position)
) STRICT, WITHOUT ROWID;

-- Settings that belong to the data and not to a process, as JSON by name.
CREATE TABLE settings (
  name TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL CHECK (json_valid(value)),
  updated_at TEXT NOT NULL,
  updated_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- When the journal of an ended run was removed, but for its first and its last
-- event.
ALTER TABLE runs ADD COLUMN journal_removed_at_ms INTEGER;

-- Who refers to a stored value: what nobody refers to can go.
CREATE INDEX journal_by_value ON journal (value) WHERE value IS NOT NULL;
CREATE INDEX artifacts_by_sha256 ON artifacts (sha256);
CREATE INDEX agent_executions_by_output_value
  ON agent_executions (json_extract(status, '$.outputValue'))
  WHERE json_extract(status, '$.outputValue') IS NOT NULL;
CREATE INDEX workflow_executions_by_output_value
  ON workflow_executions (json_extract(status, '$.outputValue'))
  WHERE json_extract(status, '$.outputValue') IS NOT NULL;
