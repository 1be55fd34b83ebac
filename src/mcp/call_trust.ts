/**
 * Whether a tool that a workflow calls is what it was when it was first
 * called.
 *
 * @module
 */

import type { Client } from "@modelcontextprotocol/client";
import type { Clock } from "../host/host.ts";
import type { ActivityContext } from "../model/durable.ts";
import { failedPrecondition } from "../model/error.ts";
import type { CallInput } from "./call_input.ts";
import { inTime } from "./failure.ts";
import { listTools } from "./listing.ts";
import type { ToolTransport } from "./server.ts";
import type { KeyedServer } from "./server_key.ts";
import type { ServerTool } from "./server_tool.ts";
import { definitionOf } from "./tool_definition.ts";
import { type ToolTrust, TRUSTS_ALL } from "./tool_trust.ts";

/** What is called, and with what it is looked up. */
export interface TrustedCall {
  readonly input: CallInput;
  readonly context: ActivityContext;
  readonly trust: ToolTrust;
  readonly clock: Clock;
  /** How long its server may take to list its tools. */
  readonly timeoutMs: number;
}

/**
 * Refuses the call of a tool that its server describes otherwise by now.
 *
 * @throws {StigmerError} FAILED_PRECONDITION with what unblocks it.
 */
export async function refuseChangedTool(
  client: Client,
  { input, context, trust, clock, timeoutMs }: TrustedCall,
): Promise<void> {
  if (trust === TRUSTS_ALL) return;
  const name = String(input.parameters["name"] ?? "");
  const { signal } = context;
  const tools = await inTime(
    (signal) => listed(client, { signal, timeout: timeoutMs }),
    { clock, signal, totalMs: timeoutMs },
  );
  const tool = tools.find((it) => it.name === name);
  const { executionId, workingDirectory, secrets } = context;
  const { blocked, notices } = await trust.look({
    executionId,
    workingDirectory,
    server: keyedServer(input, secrets?.hide),
    ...(tool === undefined
      // It may know it all the same; what it said of it must not be slipped.
      ? { tools: [], unlisted: [name] }
      : { tools: [definitionOf(tool, secrets?.hide)] }),
  });
  for (const notice of notices) {
    context.emit({ type: "OUTPUT_DELTA", text: `${notice}\n` });
  }
  const reason = blocked.get(name);
  if (reason !== undefined) throw failedPrecondition(reason);
}

async function listed(
  client: Client,
  options: { readonly signal: AbortSignal; readonly timeout: number },
): Promise<readonly ServerTool[]> {
  const { ProtocolError } = await import("@modelcontextprotocol/client");
  try {
    return await listTools(client, options);
  } catch (error) {
    // One that lists nothing may be called all the same.
    if (error instanceof ProtocolError) return [];
    throw error;
  }
}

/**
 * Where it is comes resolved: what is secret in it is kept nowhere, and what is
 * data in it goes into no key.
 */
function keyedServer(
  { transport }: CallInput,
  hide: (text: string) => string = (text) => text,
): KeyedServer {
  switch (transport.kind) {
    case "applied":
      return transport.server;
    case "stdio": {
      const [command = "", ...args] = [transport.command, ...transport.args]
        .map(hide);
      const [program = "", ...rest] = transport.written;
      return {
        name: command,
        transport: stdioOf(command, args),
        written: stdioOf(program, rest),
      };
    }
    case "http": {
      const url = hide(transport.uri);
      return {
        name: URL.parse(url)?.origin ?? url,
        transport: { kind: "http", url, headers: {} },
        written: { kind: "http", url: transport.written, headers: {} },
      };
    }
  }
}

function stdioOf(command: string, args: readonly string[]): ToolTransport {
  return { kind: "stdio", command, args, env: {}, cwd: "" };
}
