/**
 * What the backend knows of applied tool servers besides what people wrote:
 * the agents and workflows that name them, and what their tools were.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type McpLogin,
  McpLoginSchema,
  type McpServerResource,
  type McpToolPin,
} from "../../gen/stigmer/backend/v1/mcp_server_pb.ts";
import { loginKey } from "../mcp/oauth.ts";
import { serverKey } from "../mcp/server_key.ts";
import type { Database } from "../store/driver.ts";
import { findLogin } from "../store/mcp_logins.ts";
import { agentsNaming } from "../store/server_agents.ts";
import { workflowsNaming } from "../store/server_workflows.ts";
import { appliedServer } from "./agent_servers.ts";
import { pinMessage } from "./mcp_tools.ts";
import { pinsOfServer } from "./tool_trust.ts";

/** Agents, and workflows, that are told of one server at the most. */
const NAMING_MAX = 100;

/** Writes into tool servers who names them, and what their tools were. */
export function withUse(
  database: Database,
  servers: readonly McpServerResource[],
): McpServerResource[] {
  const ids = servers.map(({ metadata }) => metadata?.id ?? "");
  const agents = agentsNaming(database, ids);
  const workflows = workflowsNaming(database, ids);
  return servers.map((server, i) => {
    if (server.status === undefined) return server;
    const named = agents.get(ids[i] ?? "") ?? [];
    server.status.agents = named.slice(0, NAMING_MAX);
    const called = workflows.get(ids[i] ?? "") ?? [];
    server.status.workflows = called.slice(0, NAMING_MAX);
    server.status.pins = pinsOf(database, server);
    const login = loginTo(database, server);
    if (login !== undefined) server.status.login = login;
    return server;
  });
}

/** One whose command names files is another server in each folder. */
function pinsOf(
  database: Database,
  { metadata, spec }: McpServerResource,
): Record<string, McpToolPin> {
  if (spec === undefined) return {};
  const name = metadata?.slug ?? "";
  const key = serverKey(appliedServer(spec, { name, enabledTools: [] }));
  const pins = [...pinsOfServer(database, key)];
  return Object.fromEntries(
    pins.map(([tool, pin]) => [tool, pinMessage(pin)]),
  );
}

function loginTo(
  database: Database,
  { metadata, spec }: McpServerResource,
): McpLogin | undefined {
  if (spec === undefined) return undefined;
  const name = metadata?.slug ?? "";
  const server = appliedServer(spec, { name, enabledTools: [] });
  const row = findLogin(database, loginKey(server));
  if (row === undefined) return undefined;
  return create(McpLoginSchema, {
    scopes: [...row.scopes],
    renewable: row.isRenewable,
    ended: row.hasEnded,
    loggedInBy: row.updatedBy,
    ...(row.expiresAtMs === undefined
      ? {}
      : { expiresAt: timestampFromMs(row.expiresAtMs) }),
  });
}
