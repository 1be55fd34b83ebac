/**
 * InspectMcpServer and CallMcpTool: a person looks at a tool server, and calls
 * a tool of it. Nothing of it is kept, but who opened which secret.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type CallMcpToolRequest,
  type CallMcpToolResponse,
  CallMcpToolResponseSchema,
  type InspectMcpServerRequest,
  type InspectMcpServerResponse,
  InspectMcpServerResponseSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  McpPromptSchema,
  McpResourceSchema,
} from "../../gen/stigmer/backend/v1/mcp_server_pb.ts";
import type { Connection, ServerOffers } from "../mcp/connection.ts";
import type { ToolResult } from "../mcp/result.ts";
import type { ServerTool } from "../mcp/server_tool.ts";
import { blockedText, trustState } from "../mcp/tool_trust.ts";
import { failedPrecondition, StigmerError } from "../model/error.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { didYouMean } from "../model/near.ts";
import { mapMembers } from "../model/json_map.ts";
import type { Mask } from "../model/mask.ts";
import { commandLine } from "../model/shell_word.ts";
import type { ServiceDeps } from "./deps.ts";
import { withMcpServer } from "./mcp_session.ts";
import { type ResolvedServer, resolveMcpTarget } from "./mcp_target.ts";
import { mcpToolMessages } from "./mcp_tools.ts";
import { valueMessage } from "./proto_json.ts";
import type { Service } from "./service.ts";
import { pinsOfServer } from "./tool_trust.ts";

/** How long a tool may say nothing. */
const CALL_TIMEOUT_MS = 120_000;
/** Lines about a call that wait to be read at the most. */
const LINES_WAITING_MAX = 1000;

/** The RPCs that are answered here. */
export type McpCallService = Required<
  Pick<Service, "inspectMcpServer" | "callMcpTool">
>;

/** Makes the RPCs by which a person uses tool servers. */
export function mcpCallService(deps: ServiceDeps): McpCallService {
  return {
    inspectMcpServer: (request, { signal }) => inspect(deps, request, signal),
    callMcpTool: (request, { signal }) => callTool(deps, request, signal),
  };
}

async function inspect(
  deps: ServiceDeps,
  { target }: InspectMcpServerRequest,
  signal: AbortSignal,
): Promise<InspectMcpServerResponse> {
  const resolved = resolveMcpTarget(deps, target);
  const { mask, server } = resolved;
  return await withMcpServer(deps, resolved, {
    signal,
    async work(connection) {
      const { about, tools } = connection;
      const pins = pinsOfServer(deps.store.database, resolved.key);
      const shown = tools.map((it) => withoutSecrets(it, mask));
      return create(InspectMcpServerResponseSchema, {
        name: mask.text(about.name),
        instructions: mask.text(about.instructions),
        protocolVersion: about.protocolVersion,
        tools: mcpToolMessages(shown, {
          pins,
          enabledTools: server.enabledTools,
        }),
        ...offersOf(await connection.offers(signal), mask),
      });
    },
  });
}

/** A server may describe its tools with what it was given. */
function withoutSecrets(tool: ServerTool, mask: Mask): ServerTool {
  const { outputSchema } = tool;
  const hide = { text: mask.text };
  return {
    ...tool,
    title: mask.text(tool.title),
    description: mask.text(tool.description),
    inputSchema: mapMembers(tool.inputSchema, hide),
    ...(outputSchema === undefined
      ? {}
      : { outputSchema: mapMembers(outputSchema, hide) }),
  };
}

function offersOf(
  { resources, prompts }: ServerOffers,
  { text }: Mask,
): Pick<InspectMcpServerResponse, "resources" | "prompts"> {
  return {
    resources: resources.map((it) =>
      create(McpResourceSchema, {
        uri: text(it.uri),
        name: text(it.name),
        description: text(it.description),
        mimeType: text(it.mimeType),
        template: it.isTemplate,
      })
    ),
    prompts: prompts.map((it) =>
      create(McpPromptSchema, {
        name: text(it.name),
        description: text(it.description),
        arguments: it.arguments.map((argument) => ({
          name: text(argument.name),
          description: text(argument.description),
          required: argument.isRequired,
        })),
      })
    ),
  };
}

async function* callTool(
  deps: ServiceDeps,
  request: CallMcpToolRequest,
  signal: AbortSignal,
): AsyncGenerator<CallMcpToolResponse, void, void> {
  const resolved = resolveMcpTarget(deps, request.target);
  // Whoever stops reading has the call cancelled.
  const left = new AbortController();
  const lines = new Lines();
  const calling = withMcpServer(deps, resolved, {
    signal: AbortSignal.any([signal, left.signal]),
    onLog: (line) => lines.push(line),
    work: (connection) => {
      requireTool(deps, { request, resolved, connection });
      return connection.call({
        tool: request.tool,
        arguments: argumentsOf(request),
        idempotencyKey: deps.host.random.bytes(16).toHex(),
        signal: AbortSignal.any([signal, left.signal]),
        timeoutMs: CALL_TIMEOUT_MS,
        onProgress: (line) => lines.push(resolved.mask.text(line)),
      });
    },
  }).finally(() => lines.end());
  try {
    for await (const progress of lines.read()) {
      yield create(CallMcpToolResponseSchema, {
        piece: { case: "progress", value: progress },
      });
    }
    yield resultMessage(await calling, resolved.mask);
  } finally {
    left.abort(new StigmerError("CANCELLED", "The call was left"));
    await calling.catch(() => {});
  }
}

/** Lines on their way to a reader. */
class Lines {
  #waiting: string[] = [];
  #hasEnded = false;
  #arrived = Promise.withResolvers<void>();

  push(line: string): void {
    if (this.#waiting.length >= LINES_WAITING_MAX) this.#waiting.shift();
    this.#waiting.push(line);
    this.#arrived.resolve();
  }

  end(): void {
    this.#hasEnded = true;
    this.#arrived.resolve();
  }

  async *read(): AsyncGenerator<string, void, void> {
    for (;;) {
      await this.#arrived.promise;
      this.#arrived = Promise.withResolvers();
      yield* this.#waiting.splice(0);
      if (this.#hasEnded) return;
    }
  }
}

/**
 * Refuses a tool that is not there, or not what it was.
 *
 * @throws {StigmerError} NOT_FOUND with a near name; FAILED_PRECONDITION.
 */
function requireTool(
  { store: { database } }: ServiceDeps,
  { request, resolved, connection }: {
    readonly request: CallMcpToolRequest;
    readonly resolved: ResolvedServer;
    readonly connection: Connection;
  },
): void {
  const { tool: name, allowChanged } = request;
  const { word, key, mask } = resolved;
  const tool = connection.tools.find((it) => it.name === name);
  if (tool === undefined) {
    const { hint } = didYouMean(name, connection.tools.map((it) => it.name));
    throw new StigmerError(
      "NOT_FOUND",
      `MCP server "${word}" has no tool "${name}"`,
      { hints: [hint ?? `See what it has: stigmer mcp tools ${word}`] },
    );
  }
  const shown = withoutSecrets(tool, mask);
  const pin = pinsOfServer(database, key).get(name);
  if (allowChanged || pin === undefined) return;
  if (trustState(shown, pin) !== "changed") return;
  throw failedPrecondition(blockedText(shown, {
    pin,
    server: word,
    command: commandLine("stigmer mcp trust", [word, name]),
  }));
}

/** A `Struct` of the contract is plain JSON; the copy says so. */
function argumentsOf(request: CallMcpToolRequest): JsonObject {
  const json: Json = JSON.parse(JSON.stringify(request.arguments ?? {}));
  return isJsonObject(json) ? json : {};
}

function resultMessage(
  { text, isError, structured }: ToolResult,
  mask: Mask,
): CallMcpToolResponse {
  return create(CallMcpToolResponseSchema, {
    piece: {
      case: "result",
      value: {
        text: mask.text(text),
        isError,
        ...(structured === undefined
          ? {}
          : { structured: valueMessage(mask.json(structured)) }),
      },
    },
  });
}
