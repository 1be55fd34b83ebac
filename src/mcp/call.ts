/**
 * The `mcp` activity: one request of a workflow to a tool server.
 *
 * It has a connection of its own, which ends with it, also when the task is
 * aborted. Where the server is and what it is given comes with the task,
 * resolved: names of the catalog mean nothing here, and `${…}` is data. Of one
 * that is applied comes what its run has pinned, and it is given what it names.
 *
 * @module
 */

import type { CallToolResult } from "@modelcontextprotocol/client";
import type { Clock } from "../host/host.ts";
import type {
  Activity,
  ActivityContext,
  ActivityOutcome,
} from "../model/durable.ts";
import { failedPrecondition, StigmerError } from "../model/error.ts";
import { failureOf } from "../model/failure.ts";
import { type CallInput, parseCallInput } from "./call_input.ts";
import {
  type CallLink,
  type CallScope,
  openCall,
  openModernCall,
} from "./call_link.ts";
import { CALL_TOTAL_MS_MAX, IDEMPOTENCY_META } from "./connection.ts";
import { isTimeout } from "./failure.ts";
import { progressTeller } from "./progress.ts";
import { errorWords } from "./shown_line.ts";
import { refuseChangedTool } from "./call_trust.ts";
import { toolResult } from "./result.ts";
import { plainJson } from "./server_tool.ts";
import { StdioTransport } from "./stdio.ts";
import { type ToolTrust, TRUSTS_ALL } from "./tool_trust.ts";

/** Wall time of one request at the most, unless the task says. */
const CALL_TIMEOUT_MS_DEFAULT = 120_000;

/** What the activity needs. */
export interface McpActivityOptions extends Omit<CallScope, "context"> {
  /** Whether tools are what they were; default that all are. */
  readonly trust?: ToolTrust;
}

/** Makes the activity. */
export function createMcpActivity(options: McpActivityOptions): Activity {
  const { trust = TRUSTS_ALL, ...rest } = options;
  return async (json, context) => {
    const input = parseCallInput(json);
    refuseHiddenTool(input);
    const scope = { ...rest, context };
    let link = await openCall(input, scope);
    try {
      try {
        await connect(link, { input, context });
      } catch (error) {
        context.signal.throwIfAborted();
        const modern = await openModernCall(input, scope, error);
        if (modern === undefined) throw error;
        await link.close();
        link = modern;
        await connect(link, { input, context });
      }
      const { clock } = rest.host;
      const asked = await ask(link, { input, context, trust, clock });
      return outcomeOf(input, asked);
    } catch (error) {
      context.signal.throwIfAborted();
      return await failed(error, { input, link, context });
    } finally {
      await link.close();
    }
  };
}

/** What is asked, and for whom. */
interface Asking {
  readonly input: CallInput;
  readonly context: ActivityContext;
}

async function connect(
  { client, transport }: CallLink,
  { input, context }: Asking,
): Promise<void> {
  const timeout = input.timeoutMs ?? CALL_TIMEOUT_MS_DEFAULT;
  await client.connect(transport, { signal: context.signal, timeout });
}

/** Sends the request. */
async function ask(
  { client }: CallLink,
  of: Asking & { readonly trust: ToolTrust; readonly clock: Clock },
): Promise<unknown> {
  const { input, context } = of;
  const { method, parameters, timeoutMs = CALL_TIMEOUT_MS_DEFAULT } = input;
  const options = { signal: context.signal, timeout: timeoutMs };
  const word = (key: string): string => String(parameters[key] ?? "");
  // With a cursor it is that page; without one, all of them.
  const page = "cursor" in parameters ? { cursor: word("cursor") } : undefined;
  switch (method) {
    case "tools/list":
      return shownTools(input, await client.listTools(page, options));
    case "tools/call":
      await refuseChangedTool(client, { ...of, timeoutMs });
      return await client.callTool({
        ...parameters,
        name: word("name"),
        _meta: { [IDEMPOTENCY_META]: context.idempotencyKey },
      }, {
        ...options,
        resetTimeoutOnProgress: true,
        maxTotalTimeout: Math.max(timeoutMs, CALL_TOTAL_MS_MAX),
        onprogress: progressTeller(
          (line) => context.emit({ type: "OUTPUT_DELTA", text: `${line}\n` }),
          context.secrets?.hide,
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
  of: {
    readonly input: CallInput;
    readonly link: CallLink;
    readonly context: ActivityContext;
  },
): Promise<ActivityOutcome> {
  const { input, link: { transport }, context } = of;
  const words = errorWords(error, context.secrets?.hide);
  const act = `Cannot do "${input.method}" at ${serverOf(input)}`;
  const { ProtocolError } = await import("@modelcontextprotocol/client");
  if (error instanceof ProtocolError) {
    return {
      kind: "failed",
      failure: failureOf("runtime", `${act}: ${words}`),
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
    : words;
  const code = error instanceof StigmerError ? error.code : "UNAVAILABLE";
  throw new StigmerError(code, `${act}: ${why}`, { cause: error });
}

/** The tools that an applied server lets be used; empty means all. */
function enabledTools({ transport }: CallInput): readonly string[] {
  return transport.kind === "applied" ? transport.server.enabledTools : [];
}

/**
 * Refuses the call of a tool that an applied server keeps to itself.
 *
 * @throws {StigmerError} FAILED_PRECONDITION.
 */
function refuseHiddenTool(input: CallInput): void {
  const enabled = enabledTools(input);
  if (input.method !== "tools/call" || enabled.length === 0) return;
  const tool = String(input.parameters["name"] ?? "");
  if (enabled.includes(tool)) return;
  throw failedPrecondition(
    `Cannot call tool "${tool}" of ${serverOf(input)}: its "enabledTools" ` +
      `are ${enabled.join(", ")}`,
  );
}

/** A list without the tools that an applied server keeps to itself. */
function shownTools(
  input: CallInput,
  result: { readonly tools: readonly { readonly name: string }[] },
): unknown {
  const enabled = enabledTools(input);
  if (enabled.length === 0) return result;
  const tools = result.tools.filter(({ name }) => enabled.includes(name));
  return { ...result, tools };
}

/** Names the server in an error. */
function serverOf({ transport }: CallInput): string {
  switch (transport.kind) {
    case "applied":
      return `tool server "${transport.server.name}"`;
    case "stdio":
      return `tool server "${transport.command}"`;
    case "http": {
      const { uri } = transport;
      return `tool server "${URL.parse(uri)?.origin ?? uri}"`;
    }
  }
}
