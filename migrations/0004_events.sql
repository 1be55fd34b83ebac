-- Events, who waits for them, and schedules.

-- What happened, for whoever listens: a CloudEvent is kept once for its source
-- and id. `sequence` counts up and is never used again.
CREATE TABLE events (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  content TEXT NOT NULL CHECK (json_valid(content)),
  received_at_ms INTEGER NOT NULL,
  execution_id TEXT NOT NULL DEFAULT '',
  UNIQUE (source, id)
) STRICT;
CREATE INDEX events_by_type ON events (type, sequence);

-- Runs that listen, so that an event can call those back that left memory.
-- `type` is NULL for one that may want any event; a task that waits for
-- several types has a row for each. What came up to `seen` it was offered.
CREATE TABLE listeners (
  run INTEGER NOT NULL,
  path TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  type TEXT,
  seen INTEGER NOT NULL
) STRICT;
CREATE INDEX listeners_by_run ON listeners (run);
CREATE INDEX listeners_by_type ON listeners (type);

-- The newest event that had been kept when a run was created: it sees those
-- that came after.
ALTER TABLE runs ADD COLUMN events_after INTEGER NOT NULL DEFAULT 0;

-- When workflows start by themselves. `due_at_ms` is the next tick, NULL for
-- none by the clock; `state` is what a schedule on events has collected, up to
-- `event_sequence`; `revision` counts changes, so that of two workers that see
-- the same tick one alone can take it.
CREATE TABLE schedules (
  workflow_id TEXT PRIMARY KEY NOT NULL,
  workflow_version_id TEXT NOT NULL,
  type TEXT NOT NULL,
  description TEXT NOT NULL,
  paused INTEGER NOT NULL DEFAULT 0,
  due_at_ms INTEGER,
  state TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(state)),
  event_sequence INTEGER NOT NULL DEFAULT 0,
  revision INTEGER NOT NULL DEFAULT 0,
  last_at_ms INTEGER,
  last_execution_id TEXT NOT NULL DEFAULT '',
  started_count INTEGER NOT NULL DEFAULT 0,
  missed_count INTEGER NOT NULL DEFAULT 0,
  last_error TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX schedules_by_due ON schedules (due_at_ms)
  WHERE due_at_ms IS NOT NULL AND paused = 0;
