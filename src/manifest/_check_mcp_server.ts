/**
 * Checks a tool server that is applied by itself: one transport, and the
 * variables that it declares.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type McpServer,
  McpServerSchema,
} from "../../gen/stigmer/backend/v1/agent_pb.ts";
import type { McpServerSpec } from "../../gen/stigmer/backend/v1/mcp_server_pb.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { nearestName } from "../model/near.ts";
import { CATALOG_NAMES, isCatalogName } from "../model/tool_server.ts";
import { checkDeclarations, checkDescription, error } from "./_check_rules.ts";
import {
  checkEnabledTools,
  checkTransport,
  secretArguments,
} from "./_check_tool_servers.ts";

const ROOT = "/spec";

/** Checks the spec of a tool server. */
export function checkMcpServer(spec: McpServerSpec): Diagnostic[] {
  return [
    ...checkDescription(spec.description),
    ...checkEnabledTools(spec.enabledTools, ROOT),
    ...checkReach(spec),
    ...checkDeclarations(spec.env),
  ];
}

/** Checks how it is reached. */
function checkReach(spec: McpServerSpec): Diagnostic[] {
  const { transport, env } = spec;
  if (transport.case === undefined) {
    const hint = 'Add "stdio", "http", or "catalog" with one of its names';
    return [error(ROOT, "The MCP server does not say how it is reached", {
      hint,
      lacks: ["stdio", "http", "catalog"],
    })];
  }
  const server = asAgentHasIt(spec);
  return [
    ...(transport.case === "catalog" ? checkCatalog(transport.value) : []),
    ...checkTransport(server, ROOT),
    ...secretArguments(server, { env, pointer: ROOT }),
  ];
}

function checkCatalog(name: string): Diagnostic[] {
  if (isCatalogName(name)) return [];
  const near = nearestName(name, CATALOG_NAMES);
  const hint = near === undefined
    ? `Take one of ${CATALOG_NAMES.join(", ")}`
    : `Did you mean "${near}"?`;
  return [
    error(`${ROOT}/catalog`, `"${name}" is not in the catalog`, { hint }),
  ];
}

/** The same rules hold for one that an agent brings along. */
function asAgentHasIt({ transport, args }: McpServerSpec): McpServer {
  return transport.case === "catalog"
    ? create(McpServerSchema, { name: transport.value, args })
    : create(McpServerSchema, { transport, args });
}
