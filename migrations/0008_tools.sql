-- Tool servers as resources of their own, what their tools were when they were
-- first used, and the tokens that they were given.

CREATE TABLE mcp_servers (
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
CREATE INDEX mcp_servers_by_created ON mcp_servers (created_at, id);
CREATE INDEX mcp_servers_by_name ON mcp_servers (name);

-- What a tool was when it was first used, or last trusted. `server` is how the
-- server is reached, in words: `catalog NAME`, `stdio COMMAND …`, `http URL`;
-- the same server is the same for all who use it. `definition` is what `hash`
-- is the SHA-256 of. Of a server that a workflow computes, ` #` and a digest end
-- `server`, and `used_at` says within a day when it was last used.
CREATE TABLE tool_pins (
  server TEXT NOT NULL,
  tool TEXT NOT NULL,
  hash TEXT NOT NULL,
  definition TEXT NOT NULL CHECK (json_valid(definition)),
  pinned_at TEXT NOT NULL,
  pinned_by TEXT NOT NULL,
  used_at TEXT NOT NULL,
  PRIMARY KEY (server, tool)
) STRICT, WITHOUT ROWID;

-- What a person allowed or refused once and for all in a session. The
-- execution that it was asked in tells those that come after it.
-- `agent` tells the agents of a session apart: that of the session, and those
-- that work for it.
CREATE TABLE tool_grants (
  session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  execution_id TEXT NOT NULL,
  agent TEXT NOT NULL,
  server TEXT NOT NULL,
  tool TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('approve', 'reject', 'skip')),
  granted_at TEXT NOT NULL,
  granted_by TEXT NOT NULL,
  PRIMARY KEY (session_id, execution_id, server, tool)
) STRICT, WITHOUT ROWID;

-- Tool servers that were logged in to. Their tokens and the client that asks
-- for them are sealed values of `owner_id`.
CREATE TABLE mcp_logins (
  server TEXT PRIMARY KEY NOT NULL,
  owner_id TEXT NOT NULL UNIQUE,
  scopes TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(scopes)),
  expires_at TEXT,
  renewable INTEGER NOT NULL DEFAULT 0 CHECK (renewable IN (0, 1)),
  ended INTEGER NOT NULL DEFAULT 0 CHECK (ended IN (0, 1)),
  updated_at TEXT NOT NULL,
  updated_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Logins that a person has begun and not ended; what they need to end is a
-- sealed value of `id`.
CREATE TABLE mcp_logins_begun (
  id TEXT PRIMARY KEY NOT NULL,
  server TEXT NOT NULL,
  identity TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
