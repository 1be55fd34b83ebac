/**
 * One live connection to a tool server.
 *
 * @module
 */

import type {
  Client,
  JsonSchemaValidator,
  Transport,
} from "@modelcontextprotocol/client";
import { failedPrecondition, messageOf, StigmerError } from "../model/error.ts";
import type { JsonObject } from "../model/json.ts";
import type { ToolEffect } from "../model/permission.ts";
import { VERSION } from "../model/version.ts";
import { catalogCommand, type CommandScope, stdioCommand } from "./command.ts";
import { expandAll, type Variables } from "./expand.ts";
import { fetchWithinOrigin } from "./http_fetch.ts";
import { type NamedValues, openNeeds } from "./needs.ts";
import { type ToolResult, toolResult } from "./result.ts";
import type { ToolServer } from "./server.ts";
import { StdioTransport } from "./stdio.ts";

/** Pages of a list at the most. */
export const LIST_PAGES_MAX = 64;
const CLIENT_INFO = { name: "stigmer", version: VERSION };
/** Where a tool may find what makes a repeated call the same call. */
export const IDEMPOTENCY_META = "stigmer.ai/idempotency-key";

/** A tool as its server describes it. */
export interface ServerTool {
  /** Its own name. */
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  /** Whether the same call twice does no more than once. */
  readonly repeatable: boolean;
  /** What it does to the world, as far as its server says. */
  readonly effect: ToolEffect;
}

/** A tool call. */
export interface ConnectionCall {
  readonly tool: string;
  readonly arguments: JsonObject;
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** A live connection to a tool server. */
export interface Connection {
  /** Whether it is over, by a crash or by {@linkcode close}. */
  readonly closed: boolean;
  readonly tools: readonly ServerTool[];
  /** Calls a tool; throws a `StigmerError` when there is no answer. */
  call(call: ConnectionCall): Promise<ToolResult>;
  /** Ends the server with all that it started. */
  close(): Promise<void>;
}

/** What a server is started with. */
export interface ConnectScope extends CommandScope, NamedValues {
  readonly signal: AbortSignal;
  readonly startTimeoutMs: number;
}

/** Starts or reaches a server and lists its tools. */
export async function connect(
  server: ToolServer,
  scope: ConnectScope,
): Promise<Connection> {
  const act = `Cannot start tool server "${server.name}"`;
  try {
    const transport = await openTransport(server, scope);
    const trouble = (): string =>
      transport instanceof StdioTransport ? transport.trouble() : "";
    const client = await startClient(transport, trouble, scope);
    return liveConnection(server, { ...client, trouble });
  } catch (error) {
    scope.signal.throwIfAborted();
    const hints = error instanceof StigmerError ? error.hints : [];
    const code = error instanceof StigmerError ? error.code : "UNAVAILABLE";
    throw new StigmerError(code, `${act}: ${messageOf(error)}`, {
      hints,
      cause: error,
    });
  }
}

async function openTransport(
  server: ToolServer,
  scope: ConnectScope,
): Promise<Transport> {
  const { transport } = server;
  const { host, secrets } = scope;
  const variables = await openNeeds(server, scope);
  const given = { ...scope, variables };
  const hide = secrets === undefined ? {} : { hide: secrets.hide };
  switch (transport.kind) {
    case "catalog": {
      const spawn = await catalogCommand(server, transport.args, given);
      return new StdioTransport(host, spawn, hide);
    }
    case "stdio":
      return new StdioTransport(
        host,
        stdioCommand(server, transport, given),
        hide,
      );
    case "http": {
      const { StreamableHTTPClientTransport } = await import(
        "@modelcontextprotocol/client"
      );
      return new StreamableHTTPClientTransport(new URL(transport.url), {
        requestInit: { headers: headersOf(server.name, transport, variables) },
        fetch: fetchWithinOrigin(host.network),
      });
    }
  }
}

type Http = Extract<ToolServer["transport"], { kind: "http" }>;

function headersOf(
  name: string,
  http: Http,
  variables: Variables,
): Record<string, string> {
  const where = `tool server "${name}"`;
  const headers = expandAll(http.headers, variables, where);
  const broken = Object.keys(headers)
    .find((key) => /[\r\n\0]/.test(headers[key]?.trim() ?? ""));
  if (broken === undefined) return headers;
  throw failedPrecondition(
    `header "${broken}" of ${where} would have a line break in it, which no ` +
      "header can have: look at what stands for it",
  );
}

interface Started {
  readonly client: Client;
  readonly tools: readonly ServerTool[];
}

async function startClient(
  transport: Transport,
  trouble: () => string,
  scope: ConnectScope,
): Promise<Started> {
  const { Client } = await import("@modelcontextprotocol/client");
  const client = new Client(CLIENT_INFO, {
    listMaxPages: LIST_PAGES_MAX,
    // What a tool returns goes to the model as it is.
    jsonSchemaValidator: { getValidator: acceptAll },
  });
  try {
    const options = { signal: scope.signal, timeout: scope.startTimeoutMs };
    await client.connect(transport, options);
    const { tools } = await client.listTools(undefined, options);
    return { client, tools: tools.map(serverTool) };
  } catch (error) {
    const why = trouble();
    await closeFully(client, transport);
    if (error instanceof StigmerError || why === "") throw error;
    throw new StigmerError("UNAVAILABLE", why, { cause: error });
  }
}

/** Takes whatever a tool returns: what reads it checks it. */
export function acceptAll<T>(): JsonSchemaValidator<T> {
  return (data) => ({ valid: true, data: data as T, errorMessage: undefined });
}

type ListedTool = Awaited<ReturnType<Client["listTools"]>>["tools"][number];

function serverTool(tool: ListedTool): ServerTool {
  const { annotations } = tool;
  return {
    name: tool.name,
    description: tool.description ?? tool.title ?? "",
    // It came as JSON; the copy says so to the compiler.
    inputSchema: JSON.parse(JSON.stringify(tool.inputSchema)),
    repeatable: annotations?.readOnlyHint === true ||
      annotations?.idempotentHint === true,
    effect: effectOf(annotations),
  };
}

/** What a server says of a tool; one that says nothing may do anything. */
function effectOf(annotations: ListedTool["annotations"]): ToolEffect {
  const { readOnlyHint, destructiveHint } = annotations ?? {};
  if (destructiveHint === true) return "destructive";
  if (readOnlyHint === true) return "read";
  return readOnlyHint === false || destructiveHint === false
    ? "write"
    : "unknown";
}

function liveConnection(
  server: ToolServer,
  live: Started & { readonly trouble: () => string },
): Connection {
  const { client, tools, trouble } = live;
  const transport = client.transport;
  let closed = false;
  /** Why it was ended from here, for the calls that are in flight then. */
  let ended: string | undefined;
  const previous = client.onclose;
  client.onclose = () => {
    closed = true;
    previous?.();
  };
  async function close(): Promise<void> {
    closed = true;
    await closeFully(client, transport);
  }
  return {
    get closed() {
      return closed;
    },
    tools,
    close,
    async call(call) {
      try {
        const result = await client.callTool({
          name: call.tool,
          arguments: { ...call.arguments },
          _meta: { [IDEMPOTENCY_META]: call.idempotencyKey },
        }, { signal: call.signal, timeout: call.timeoutMs });
        return toolResult(result);
      } catch (error) {
        call.signal.throwIfAborted();
        const answered = await answerOf(error);
        if (answered !== undefined) return answered;
        const isLate = await isTimeout(error);
        const why = isLate
          ? `it did not answer within ${call.timeoutMs / 1000} s`
          : ended ?? (trouble() || messageOf(error));
        // A server that hangs would hang again, with all that waits for it.
        ended ??= isLate
          ? `it was ended because call "${call.tool}" timed out`
          : undefined;
        await close();
        throw new StigmerError(
          isLate ? "DEADLINE_EXCEEDED" : "UNAVAILABLE",
          `Cannot call "${call.tool}" of tool server "${server.name}": ${why}`,
          { cause: error },
        );
      }
    },
  };
}

/** An error that the server itself answered is a result for the model. */
async function answerOf(error: unknown): Promise<ToolResult | undefined> {
  const { ProtocolError } = await import("@modelcontextprotocol/client");
  if (!(error instanceof ProtocolError)) return undefined;
  return { text: error.message, isError: true };
}

/** Whether a server took longer than it was given. */
export async function isTimeout(error: unknown): Promise<boolean> {
  const { SdkError, SdkErrorCode } = await import(
    "@modelcontextprotocol/client"
  );
  return error instanceof SdkError &&
    error.code === SdkErrorCode.RequestTimeout;
}

/** Closes a client; the transport in any case, which waits for its child. */
export async function closeFully(
  client: Client,
  transport: Transport | undefined,
): Promise<void> {
  await client.close().catch(() => {});
  await transport?.close().catch(() => {});
}
