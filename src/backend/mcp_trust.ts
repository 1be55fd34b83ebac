/**
 * TrustMcpTools: a person takes tools for what they are now, or has forgotten
 * what they were.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type TrustMcpToolsRequest,
  type TrustMcpToolsResponse,
  TrustMcpToolsResponseSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { McpTool } from "../../gen/stigmer/backend/v1/mcp_server_pb.ts";
import { isServerKey } from "../mcp/server_key.ts";
import {
  definitionHash,
  definitionOf,
  type ToolDefinition,
} from "../mcp/tool_definition.ts";
import { trustState } from "../mcp/tool_trust.ts";
import { StigmerError } from "../model/error.ts";
import { didYouMean } from "../model/near.ts";
import { pinAnew, removeToolPin } from "../store/tool_pins.ts";
import type { ServiceDeps } from "./deps.ts";
import { withMcpServer } from "./mcp_session.ts";
import { type ResolvedServer, resolveMcpTarget } from "./mcp_target.ts";
import { goneMessage, toolMessage } from "./mcp_tools.ts";
import type { Service } from "./service.ts";
import { pinRow, pinsOfServer } from "./tool_trust.ts";

/** The RPC that is answered here. */
export type McpTrustService = Required<Pick<Service, "trustMcpTools">>;

/** Makes the RPC by which a person trusts tools. */
export function mcpTrustService(deps: ServiceDeps): McpTrustService {
  return {
    trustMcpTools: async (request, { signal }) =>
      create(TrustMcpToolsResponseSchema, {
        tools: request.forget
          ? forget(deps, request)
          : await trust(deps, request, signal),
      }),
  };
}

async function trust(
  deps: ServiceDeps,
  request: TrustMcpToolsRequest,
  signal: AbortSignal,
): Promise<TrustMcpToolsResponse["tools"]> {
  const resolved = resolveMcpTarget(deps, request.target);
  const tools = await withMcpServer(deps, resolved, {
    signal,
    work: (connection) =>
      Promise.resolve(
        connection.tools.map((it) => definitionOf(it, resolved.mask.text)),
      ),
  });
  const wanted = wantedTools(request, { tools, resolved });
  refuseOthers(request, wanted);
  return pin(deps, { tools: wanted, key: resolved.key });
}

/** Pins them as they are; gives those that were not. */
function pin(
  { host, store: { database }, identity }: ServiceDeps,
  { tools, key }: {
    readonly tools: readonly ToolDefinition[];
    readonly key: string;
  },
): McpTool[] {
  return database.transaction(() => {
    const pins = pinsOfServer(database, key);
    return tools.flatMap((tool) => {
      const before = pins.get(tool.name);
      if (trustState(tool, before) === "trusted") return [];
      const atMs = host.clock.now();
      pinAnew(database, pinRow({ key, tool, atMs, by: identity }));
      return [toolMessage(tool, before)];
    });
  });
}

function wantedTools(
  { tools: names }: TrustMcpToolsRequest,
  { tools, resolved }: {
    readonly tools: readonly ToolDefinition[];
    readonly resolved: ResolvedServer;
  },
): readonly ToolDefinition[] {
  if (names.length === 0) return tools;
  const known = tools.map((it) => it.name);
  return [...new Set(names)].map((name) => {
    const tool = tools.find((it) => it.name === name);
    if (tool === undefined) throw noSuchTool(name, known, resolved.word);
    return tool;
  });
}

/**
 * Refuses tools that are not what a person looked at.
 *
 * @throws {StigmerError} ABORTED.
 */
function refuseOthers(
  { hashes }: TrustMcpToolsRequest,
  tools: readonly ToolDefinition[],
): void {
  if (Object.keys(hashes).length === 0) return;
  const other = tools.find((it) => hashes[it.name] !== definitionHash(it));
  if (other === undefined) return;
  throw new StigmerError(
    "ABORTED",
    `Cannot trust tool "${other.name}": it is not what was looked at any more`,
    { hints: ["Look at it again"] },
  );
}

function forget(
  deps: ServiceDeps,
  request: TrustMcpToolsRequest,
): McpTool[] {
  const { database } = deps.store;
  const word = request.target?.server ?? "";
  const key = isServerKey(word)
    ? word
    : resolveMcpTarget(deps, request.target).key;
  return database.transaction(() => {
    const pins = pinsOfServer(database, key);
    const known = [...pins.keys()];
    const names = request.tools.length === 0
      ? known
      : [...new Set(request.tools)];
    return names.map((name) => {
      const before = pins.get(name);
      if (before === undefined) throw notPinned(name, known, word);
      removeToolPin(database, key, name);
      return goneMessage(name, before);
    });
  });
}

function noSuchTool(
  name: string,
  known: readonly string[],
  word: string,
): StigmerError {
  const { hint } = didYouMean(name, known);
  return new StigmerError(
    "NOT_FOUND",
    `MCP server "${word}" has no tool "${name}"`,
    { hints: [hint ?? `See what it has: stigmer mcp tools ${word}`] },
  );
}

function notPinned(
  name: string,
  known: readonly string[],
  word: string,
): StigmerError {
  const { hint } = didYouMean(name, known);
  return new StigmerError(
    "NOT_FOUND",
    `Tool "${name}" of MCP server "${word}" was never used`,
    hint === undefined ? {} : { hints: [hint] },
  );
}
