/**
 * The `mcp` activity: one request of a workflow to a tool server.
 *
 * It has a connection of its own, which ends with it, also when the task is
 * aborted. Where the server is and what it is given comes with the task,
 * resolved: names of the catalog mean nothing here, and `${…}` is data.
 *
 * @module
 */

import type {
  CallToolResult,
  Client,
  Transport,
} from "@modelcontextprotocol/client";
import type { Host } from "../host/host.ts";
import type {
  Activity,
  ActivityContext,
  ActivityOutcome,
} from "../model/durable.ts";
import { messageOf, StigmerError } from "../model/error.ts";
import { failureOf } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import { type CallInput, parseCallInput } from "./call_input.ts";
import { newClient, type NewClientOptions } from "./client.ts";
import { programOf } from "./command.ts";
import {
  CALL_TOTAL_MS_MAX,
  closeFully,
  IDEMPOTENCY_META,
  isTimeout,
} from "./connection.ts";
import { type HttpLink, openHttpLink } from "./http_transport.ts";
import { progressTeller } from "./progress.ts";
import { refuseChangedTool } from "./call_trust.ts";
import { toolResult } from "./result.ts";
import { plainJson } from "./server_tool.ts";
import { StdioTransport } from "./stdio.ts";
import { type ToolTrust, TRUSTS_ALL } from "./tool_trust.ts";

/** Wall time of one request at the most, unless the task says. */
const CALL_TIMEOUT_MS_DEFAULT = 120_000;
/** The first version that is not agreed on by a handshake. */
const MODERN_VERSION = "2026-07-28";

/** Sends a request, with what proves who it is from. */
export interface AuthorizedSender {
  fetch(request: Request, authentication: Json | undefined): Promise<Response>;
}

/** What the activity needs. */
export interface McpActivityOptions {
  readonly host: Host;
  readonly sender: AuthorizedSender;
  /** Whether tools are what they were; default that all are. */
  readonly trust?: ToolTrust;
}

/** Makes the activity. */
export function createMcpActivity(options: McpActivityOptions): Activity {
  return async (json, context) => {
    const input = parseCallInput(json);
    const link = await openLink(input, { ...options, context });
    const { transport } = link;
    const client = await newClient({
      ...(input.client === undefined ? {} : { info: input.client }),
      versions: versionOption(input.protocolVersion),
    });
    try {
      const { trust = TRUSTS_ALL } = options;
      const of = { input, context, trust };
      return outcomeOf(input, await ask(client, transport, of));
    } catch (error) {
      context.signal.throwIfAborted();
      return await failed(error, { input, transport });
    } finally {
      await link.end();
      await closeFully(client, transport);
    }
  };
}

async function openLink(
  input: CallInput,
  { host, sender, context }: McpActivityOptions & {
    readonly context: ActivityContext;
  },
): Promise<Pick<HttpLink, "transport" | "end">> {
  const { transport } = input;
  const { workingDirectory, secrets } = context;
  if (transport.kind === "stdio") {
    const child = new StdioTransport(host, {
      command: programOf(transport.command, { host, workingDirectory }),
      args: transport.args,
      env: { ...host.processes.baseEnv(), ...transport.environment },
      cwd: workingDirectory,
    }, secrets === undefined ? {} : { hide: secrets.hide });
    return { transport: child, end: () => Promise.resolve() };
  }
  const { uri, authentication, headers } = transport;
  return await openHttpLink({
    url: addressOf(uri),
    headers,
    clock: host.clock,
    network: { fetch: (request) => sender.fetch(request, authentication) },
  });
}

function addressOf(uri: string): URL {
  const url = URL.parse(uri);
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new StigmerError(
    "INVALID_ARGUMENT",
    `Cannot call the tool server at "${uri}": its address must begin with ` +
      '"http://" or "https://"',
  );
}

/** The version that the task asks for, and no other; absent means any. */
function versionOption(
  version: string | undefined,
): NonNullable<NewClientOptions["versions"]> {
  if (version === undefined) return {};
  return version < MODERN_VERSION
    ? { supportedProtocolVersions: [version] }
    : { versionNegotiation: { mode: { pin: version } } };
}

/** Connects, and sends the request. */
async function ask(
  client: Client,
  transport: Transport,
  of: {
    readonly input: CallInput;
    readonly context: ActivityContext;
    readonly trust: ToolTrust;
  },
): Promise<unknown> {
  const { input, context } = of;
  const { method, parameters, timeoutMs = CALL_TIMEOUT_MS_DEFAULT } = input;
  const options = { signal: context.signal, timeout: timeoutMs };
  await client.connect(transport, options);
  const word = (key: string): string => String(parameters[key] ?? "");
  // With a cursor it is that page; without one, all of them.
  const page = "cursor" in parameters ? { cursor: word("cursor") } : undefined;
  switch (method) {
    case "tools/list":
      return await client.listTools(page, options);
    case "tools/call":
      await refuseChangedTool(client, { ...of, options });
      return await client.callTool({
        ...parameters,
        name: word("name"),
        _meta: { [IDEMPOTENCY_META]: context.idempotencyKey },
      }, {
        ...options,
        resetTimeoutOnProgress: true,
        maxTotalTimeout: Math.max(timeoutMs, CALL_TOTAL_MS_MAX),
        onprogress: progressTeller((line) =>
          context.emit({ type: "OUTPUT_DELTA", text: `${line}\n` })
        ),
      });
    case "prompts/list":
      return await client.listPrompts(page, options);
    case "prompts/get":
      return await client.getPrompt(
        { ...parameters, name: word("name") },
        options,
      );
    case "resources/list":
      return await client.listResources(page, options);
    case "resources/read":
      return await client.readResource(
        { ...parameters, uri: word("uri") },
        options,
      );
    case "resources/templates/list":
      return await client.listResourceTemplates(page, options);
  }
}

/**
 * What the server answered. A tool that says that it failed is a task that
 * failed: there is no model here to read why and to try otherwise.
 */
function outcomeOf(input: CallInput, result: unknown): ActivityOutcome {
  const output = plainJson(result);
  if (input.method !== "tools/call" || !isFailed(result)) {
    return { kind: "completed", output };
  }
  const tool = String(input.parameters["name"]);
  return {
    kind: "failed",
    failure: failureOf(
      "runtime",
      `Tool "${tool}" of ${serverOf(input)} failed: ${toolResult(result).text}`,
    ),
  };
}

function isFailed(result: unknown): result is CallToolResult {
  return typeof result === "object" && result !== null &&
    "isError" in result && result.isError === true;
}

async function failed(
  error: unknown,
  of: { readonly input: CallInput; readonly transport: Transport },
): Promise<ActivityOutcome> {
  const { input, transport } = of;
  const act = `Cannot do "${input.method}" at ${serverOf(input)}`;
  const { ProtocolError } = await import("@modelcontextprotocol/client");
  if (error instanceof ProtocolError) {
    return {
      kind: "failed",
      failure: failureOf("runtime", `${act}: ${error.message}`),
    };
  }
  if (await isTimeout(error)) {
    const limitMs = input.timeoutMs ?? CALL_TIMEOUT_MS_DEFAULT;
    throw new StigmerError(
      "DEADLINE_EXCEEDED",
      `${act}: it did not answer within ${limitMs / 1000} s`,
      { cause: error },
    );
  }
  const why = transport instanceof StdioTransport && transport.hasEnded
    ? transport.trouble()
    : messageOf(error);
  const code = error instanceof StigmerError ? error.code : "UNAVAILABLE";
  throw new StigmerError(code, `${act}: ${why}`, { cause: error });
}

/** Names the server in an error. */
function serverOf({ transport }: CallInput): string {
  const where = transport.kind === "stdio"
    ? transport.command
    : URL.parse(transport.uri)?.origin ?? transport.uri;
  return `tool server "${where}"`;
}
