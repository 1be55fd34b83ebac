-- The twelve tables of Stigmer: one per kind, their versions, and the schema.
--
-- Times are ISO 8601 in UTC with milliseconds, as `2026-01-31T12:00:00.000Z`,
-- which sorts as text. `spec`, `status` and `snapshot` are proto-JSON of the
-- contract in camelCase. Lists run newest first by (created_at, id), which is
-- what the `_by_created` indexes are for.

CREATE TABLE schema_version (
  version INTEGER PRIMARY KEY,
  applied_at TEXT NOT NULL,
  description TEXT NOT NULL,
  checksum TEXT NOT NULL
) STRICT;

CREATE TABLE environments (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  slug TEXT NOT NULL UNIQUE,
  labels TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(labels)),
  annotations TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(annotations)),
  tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),
  version_id TEXT NOT NULL DEFAULT '',
  version_number INTEGER NOT NULL DEFAULT 1,
  version_message TEXT NOT NULL DEFAULT '',
  previous_version_id TEXT NOT NULL DEFAULT '',
  spec TEXT NOT NULL CHECK (json_valid(spec)),
  status TEXT NOT NULL CHECK (json_valid(status)),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  created_by TEXT NOT NULL DEFAULT 'local-user',
  updated_by TEXT NOT NULL DEFAULT 'local-user'
) STRICT;
CREATE INDEX environments_by_created ON environments (created_at, id);
CREATE INDEX environments_by_name ON environments (name);

CREATE TABLE skills (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  slug TEXT NOT NULL UNIQUE,
  labels TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(labels)),
  annotations TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(annotations)),
  tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),
  version_id TEXT NOT NULL DEFAULT '',
  version_number INTEGER NOT NULL DEFAULT 1,
  version_message TEXT NOT NULL DEFAULT '',
  previous_version_id TEXT NOT NULL DEFAULT '',
  spec TEXT NOT NULL CHECK (json_valid(spec)),
  status TEXT NOT NULL CHECK (json_valid(status)),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  created_by TEXT NOT NULL DEFAULT 'local-user',
  updated_by TEXT NOT NULL DEFAULT 'local-user'
) STRICT;
CREATE INDEX skills_by_created ON skills (created_at, id);
CREATE INDEX skills_by_name ON skills (name);

CREATE TABLE agents (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  slug TEXT NOT NULL UNIQUE,
  labels TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(labels)),
  annotations TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(annotations)),
  tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),
  version_id TEXT NOT NULL DEFAULT '',
  version_number INTEGER NOT NULL DEFAULT 1,
  version_message TEXT NOT NULL DEFAULT '',
  previous_version_id TEXT NOT NULL DEFAULT '',
  spec TEXT NOT NULL CHECK (json_valid(spec)),
  status TEXT NOT NULL CHECK (json_valid(status)),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  created_by TEXT NOT NULL DEFAULT 'local-user',
  updated_by TEXT NOT NULL DEFAULT 'local-user'
) STRICT;
CREATE INDEX agents_by_created ON agents (created_at, id);
CREATE INDEX agents_by_name ON agents (name);

CREATE TABLE agent_instances (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  slug TEXT NOT NULL UNIQUE,
  labels TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(labels)),
  annotations TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(annotations)),
  tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),
  version_id TEXT NOT NULL DEFAULT '',
  version_number INTEGER NOT NULL DEFAULT 1,
  version_message TEXT NOT NULL DEFAULT '',
  previous_version_id TEXT NOT NULL DEFAULT '',
  spec TEXT NOT NULL CHECK (json_valid(spec)),
  status TEXT NOT NULL CHECK (json_valid(status)),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  created_by TEXT NOT NULL DEFAULT 'local-user',
  updated_by TEXT NOT NULL DEFAULT 'local-user',
  agent_id TEXT
    GENERATED ALWAYS AS (json_extract(spec, '$.agentId')) VIRTUAL
) STRICT;
CREATE INDEX agent_instances_by_created ON agent_instances (created_at, id);
CREATE INDEX agent_instances_by_name ON agent_instances (name);
CREATE INDEX agent_instances_by_agent
  ON agent_instances (agent_id, created_at, id);

CREATE TABLE workflows (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  slug TEXT NOT NULL UNIQUE,
  labels TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(labels)),
  annotations TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(annotations)),
  tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),
  version_id TEXT NOT NULL DEFAULT '',
  version_number INTEGER NOT NULL DEFAULT 1,
  version_message TEXT NOT NULL DEFAULT '',
  previous_version_id TEXT NOT NULL DEFAULT '',
  spec TEXT NOT NULL CHECK (json_valid(spec)),
  status TEXT NOT NULL CHECK (json_valid(status)),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  created_by TEXT NOT NULL DEFAULT 'local-user',
  updated_by TEXT NOT NULL DEFAULT 'local-user'
) STRICT;
CREATE INDEX workflows_by_created ON workflows (created_at, id);
CREATE INDEX workflows_by_name ON workflows (name);

CREATE TABLE workflow_instances (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  slug TEXT NOT NULL UNIQUE,
  labels TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(labels)),
  annotations TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(annotations)),
  tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),
  version_id TEXT NOT NULL DEFAULT '',
  version_number INTEGER NOT NULL DEFAULT 1,
  version_message TEXT NOT NULL DEFAULT '',
  previous_version_id TEXT NOT NULL DEFAULT '',
  spec TEXT NOT NULL CHECK (json_valid(spec)),
  status TEXT NOT NULL CHECK (json_valid(status)),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  created_by TEXT NOT NULL DEFAULT 'local-user',
  updated_by TEXT NOT NULL DEFAULT 'local-user',
  workflow_id TEXT
    GENERATED ALWAYS AS (json_extract(spec, '$.workflowId')) VIRTUAL
) STRICT;
CREATE INDEX workflow_instances_by_created ON workflow_instances (created_at, id);
CREATE INDEX workflow_instances_by_name ON workflow_instances (name);
CREATE INDEX workflow_instances_by_workflow
  ON workflow_instances (workflow_id, created_at, id);

CREATE TABLE sessions (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  slug TEXT NOT NULL UNIQUE,
  labels TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(labels)),
  annotations TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(annotations)),
  tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),
  version_id TEXT NOT NULL DEFAULT '',
  version_number INTEGER NOT NULL DEFAULT 1,
  version_message TEXT NOT NULL DEFAULT '',
  previous_version_id TEXT NOT NULL DEFAULT '',
  spec TEXT NOT NULL CHECK (json_valid(spec)),
  status TEXT NOT NULL CHECK (json_valid(status)),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  created_by TEXT NOT NULL DEFAULT 'local-user',
  updated_by TEXT NOT NULL DEFAULT 'local-user',
  agent_instance_id TEXT
    GENERATED ALWAYS AS (json_extract(spec, '$.agentInstanceId')) VIRTUAL
) STRICT;
CREATE INDEX sessions_by_created ON sessions (created_at, id);
CREATE INDEX sessions_by_name ON sessions (name);
CREATE INDEX sessions_by_instance
  ON sessions (agent_instance_id, created_at, id);

-- An execution has no name of its own that is unique: its slug is its id.
CREATE TABLE agent_executions (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  slug TEXT NOT NULL GENERATED ALWAYS AS (id) VIRTUAL,
  labels TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(labels)),
  annotations TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(annotations)),
  tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),
  version_id TEXT NOT NULL DEFAULT '',
  version_number INTEGER NOT NULL DEFAULT 1,
  version_message TEXT NOT NULL DEFAULT '',
  previous_version_id TEXT NOT NULL DEFAULT '',
  spec TEXT NOT NULL CHECK (json_valid(spec)),
  status TEXT NOT NULL CHECK (json_valid(status)),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  created_by TEXT NOT NULL DEFAULT 'local-user',
  updated_by TEXT NOT NULL DEFAULT 'local-user',
  agent_instance_id TEXT
    GENERATED ALWAYS AS (json_extract(spec, '$.instanceId')) VIRTUAL,
  resource_id TEXT
    GENERATED ALWAYS AS (json_extract(spec, '$.resourceId')) VIRTUAL,
  session_id TEXT
    GENERATED ALWAYS AS (json_extract(spec, '$.sessionId')) VIRTUAL,
  parent_execution_id TEXT
    GENERATED ALWAYS AS (json_extract(spec, '$.parentExecutionId')) VIRTUAL,
  idempotency_key TEXT
    GENERATED ALWAYS AS (json_extract(spec, '$.idempotencyKey')) VIRTUAL,
  phase TEXT
    GENERATED ALWAYS AS (json_extract(status, '$.phase')) STORED
) STRICT;
CREATE INDEX agent_executions_by_created ON agent_executions (created_at, id);
CREATE INDEX agent_executions_by_phase ON agent_executions (phase, created_at, id);
CREATE INDEX agent_executions_by_instance
  ON agent_executions (agent_instance_id, created_at, id)
  WHERE agent_instance_id IS NOT NULL;
CREATE INDEX agent_executions_by_resource
  ON agent_executions (resource_id, created_at, id)
  WHERE resource_id IS NOT NULL;
CREATE INDEX agent_executions_by_session
  ON agent_executions (session_id, created_at, id)
  WHERE session_id IS NOT NULL;
CREATE INDEX agent_executions_by_parent
  ON agent_executions (parent_execution_id, created_at, id)
  WHERE parent_execution_id IS NOT NULL;
CREATE UNIQUE INDEX agent_executions_by_idempotency_key
  ON agent_executions (idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE TABLE workflow_executions (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  slug TEXT NOT NULL GENERATED ALWAYS AS (id) VIRTUAL,
  labels TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(labels)),
  annotations TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(annotations)),
  tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),
  version_id TEXT NOT NULL DEFAULT '',
  version_number INTEGER NOT NULL DEFAULT 1,
  version_message TEXT NOT NULL DEFAULT '',
  previous_version_id TEXT NOT NULL DEFAULT '',
  spec TEXT NOT NULL CHECK (json_valid(spec)),
  status TEXT NOT NULL CHECK (json_valid(status)),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  created_by TEXT NOT NULL DEFAULT 'local-user',
  updated_by TEXT NOT NULL DEFAULT 'local-user',
  workflow_instance_id TEXT
    GENERATED ALWAYS AS (json_extract(spec, '$.instanceId')) VIRTUAL,
  resource_id TEXT
    GENERATED ALWAYS AS (json_extract(spec, '$.resourceId')) VIRTUAL,
  parent_execution_id TEXT
    GENERATED ALWAYS AS (json_extract(spec, '$.parentExecutionId')) VIRTUAL,
  idempotency_key TEXT
    GENERATED ALWAYS AS (json_extract(spec, '$.idempotencyKey')) VIRTUAL,
  phase TEXT
    GENERATED ALWAYS AS (json_extract(status, '$.phase')) STORED
) STRICT;
CREATE INDEX workflow_executions_by_created ON workflow_executions (created_at, id);
CREATE INDEX workflow_executions_by_phase ON workflow_executions (phase, created_at, id);
CREATE INDEX workflow_executions_by_instance
  ON workflow_executions (workflow_instance_id, created_at, id)
  WHERE workflow_instance_id IS NOT NULL;
CREATE INDEX workflow_executions_by_resource
  ON workflow_executions (resource_id, created_at, id)
  WHERE resource_id IS NOT NULL;
CREATE INDEX workflow_executions_by_parent
  ON workflow_executions (parent_execution_id, created_at, id)
  WHERE parent_execution_id IS NOT NULL;
CREATE UNIQUE INDEX workflow_executions_by_idempotency_key
  ON workflow_executions (idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE TABLE execution_contexts (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  slug TEXT NOT NULL UNIQUE,
  labels TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(labels)),
  annotations TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(annotations)),
  tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),
  version_id TEXT NOT NULL DEFAULT '',
  version_number INTEGER NOT NULL DEFAULT 1,
  version_message TEXT NOT NULL DEFAULT '',
  previous_version_id TEXT NOT NULL DEFAULT '',
  spec TEXT NOT NULL CHECK (json_valid(spec)),
  status TEXT NOT NULL CHECK (json_valid(status)),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  created_by TEXT NOT NULL DEFAULT 'local-user',
  updated_by TEXT NOT NULL DEFAULT 'local-user',
  execution_id TEXT
    GENERATED ALWAYS AS (json_extract(spec, '$.executionId')) VIRTUAL
) STRICT;
CREATE INDEX execution_contexts_by_created ON execution_contexts (created_at, id);
CREATE INDEX execution_contexts_by_name ON execution_contexts (name);
CREATE INDEX execution_contexts_by_execution
  ON execution_contexts (execution_id);

-- One snapshot for each version of each resource, the current one included:
-- what an execution has pinned can always be read back, also once the
-- resource is gone.
CREATE TABLE api_resource_versions (
  id TEXT PRIMARY KEY NOT NULL,
  resource_id TEXT NOT NULL,
  resource_kind TEXT NOT NULL,
  version_number INTEGER NOT NULL,
  snapshot TEXT NOT NULL CHECK (json_valid(snapshot)),
  message TEXT NOT NULL DEFAULT '',
  previous_version_id TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL DEFAULT 'local-user',
  UNIQUE (resource_id, version_number)
) STRICT;
CREATE INDEX api_resource_versions_by_kind
  ON api_resource_versions (resource_kind, created_at, id);
CREATE INDEX api_resource_versions_by_created
  ON api_resource_versions (created_at, id);
