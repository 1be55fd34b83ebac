-- Secrets: what is sealed, and under which keys. No column here ever holds a
-- plain value.

-- Master keys by their ids; the keys themselves are kept outside. `check_value`
-- is a known text sealed under the key: it tells the right key from a wrong one.
-- `location` says in the source's own words where the key is kept.
CREATE TABLE vault_keys (
  id TEXT PRIMARY KEY NOT NULL,
  state TEXT NOT NULL
    CHECK (state IN ('current', 'next', 'retired', 'forgotten')),
  source TEXT NOT NULL
    CHECK (source IN ('keychain', 'env', 'env-file', 'key-file')),
  location TEXT NOT NULL DEFAULT '',
  check_value BLOB NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX vault_keys_one_current ON vault_keys (state)
  WHERE state = 'current';
CREATE UNIQUE INDEX vault_keys_one_next ON vault_keys (state)
  WHERE state = 'next';

-- Data keys, each wrapped by a master key. The owner is an environment or an
-- execution; `retired` ones are kept while something is still sealed under
-- them.
CREATE TABLE data_keys (
  id TEXT PRIMARY KEY NOT NULL,
  owner_id TEXT NOT NULL,
  key_id TEXT NOT NULL REFERENCES vault_keys (id),
  wrapped BLOB NOT NULL,
  retired INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX data_keys_one_current ON data_keys (owner_id)
  WHERE retired = 0;
CREATE INDEX data_keys_by_key ON data_keys (key_id);

-- Sealed values. Their owner may use them under `alias`; the seal is bound to
-- origin, name and version, which an execution that was handed a value keeps
-- as they are, and which for all else are the owner, the alias and a count.
CREATE TABLE sealed_values (
  owner_id TEXT NOT NULL,
  alias TEXT NOT NULL,
  origin_id TEXT NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  data_key_id TEXT NOT NULL REFERENCES data_keys (id),
  sealed BLOB NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (owner_id, alias)
) STRICT, WITHOUT ROWID;
CREATE INDEX sealed_values_by_data_key ON sealed_values (data_key_id);

-- Who opened which secret for what: names, never values.
CREATE TABLE secret_accesses (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  time_ms INTEGER NOT NULL,
  identity TEXT NOT NULL,
  name TEXT NOT NULL,
  origin TEXT NOT NULL,
  execution_id TEXT NOT NULL DEFAULT '',
  path TEXT NOT NULL DEFAULT '',
  purpose TEXT NOT NULL
    CHECK (purpose IN ('use', 'mask', 'reveal', 'export'))
) STRICT;
CREATE INDEX secret_accesses_by_execution
  ON secret_accesses (execution_id, sequence);

-- The merged variables of a run stay with it: its journal is read with them
-- also after it ended. Its context holds secrets, and is deleted at its end.
ALTER TABLE runs ADD COLUMN variables TEXT
  CHECK (variables IS NULL OR json_valid(variables));
-- What marks a sealed reference in the data of a run, so that nothing else is
-- ever taken for one.
ALTER TABLE runs ADD COLUMN seal_mark TEXT NOT NULL DEFAULT '';

-- Variables of earlier executions move to their runs.
UPDATE runs SET variables = (
  SELECT json_extract(c.spec, '$.variables') FROM execution_contexts AS c
  WHERE c.execution_id = runs.execution_id
);
DELETE FROM execution_contexts;
