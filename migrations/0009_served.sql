-- Workflows that are functions of a program: only a process that has that
-- program can run their executions.

-- The slug of the workflow whose program alone can run it; empty for what any
-- worker can run.
ALTER TABLE runs ADD COLUMN served_by TEXT NOT NULL DEFAULT '';

DROP INDEX runs_by_due;
CREATE INDEX runs_by_due ON runs (served_by, due_at_ms)
  WHERE due_at_ms IS NOT NULL AND owner IS NULL;
