/**
 * What the backend knows of applied tool servers besides what people wrote:
 * the agents that name them, and what their tools were.
 *
 * @module
 */

import type {
  McpServerResource,
  McpToolPin,
} from "../../gen/stigmer/backend/v1/mcp_server_pb.ts";
import { serverKey } from "../mcp/server_key.ts";
import type { Database } from "../store/driver.ts";
import { agentsNaming } from "../store/server_agents.ts";
import { appliedServer } from "./agent_servers.ts";
import { pinMessage } from "./mcp_tools.ts";
import { pinsOfServer } from "./tool_trust.ts";

/** Agents that are told of one server at the most. */
const AGENTS_MAX = 100;

/** Writes into tool servers who names them, and what their tools were. */
export function withUse(
  database: Database,
  servers: readonly McpServerResource[],
): McpServerResource[] {
  const ids = servers.map(({ metadata }) => metadata?.id ?? "");
  const agents = agentsNaming(database, ids);
  return servers.map((server, i) => {
    if (server.status === undefined) return server;
    const named = agents.get(ids[i] ?? "") ?? [];
    server.status.agents = named.slice(0, AGENTS_MAX);
    server.status.pins = pinsOf(database, server);
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
