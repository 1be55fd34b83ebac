/**
 * The tool servers of one execution: started when they are first needed,
 * shared by its turns, ended together.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { StigmerError } from "../model/error.ts";
import type { JsonObject } from "../model/json.ts";
import { listedText, offeredText } from "../model/offered.ts";
import { connect, type Connection } from "./connection.ts";
import { isUnmade } from "./failure.ts";
import { qualifiedName } from "./names.ts";
import type { NamedValues } from "./needs.ts";
import type { OAuthLogins } from "./oauth.ts";
import type { ToolResult } from "./result.ts";
import type { ToolServer } from "./server.ts";
import type { ServerTool } from "./server_tool.ts";

/** How often one execution starts one server at the most. */
const SERVER_STARTS_MAX = 5;

/** A tool that an agent may call. */
export interface Tool extends Omit<ServerTool, "name"> {
  /** Its own name on its server. */
  readonly tool: string;
  readonly server: ToolServer;
  /** As models see it; unique within an agent. */
  readonly name: string;
}

/** A call of one tool. */
export interface ToolCall {
  readonly server: ToolServer;
  /** Its own name on that server. */
  readonly tool: string;
  readonly arguments: JsonObject;
  /** The same for each run of the same call. */
  readonly idempotencyKey: string;
  /** How long its server may say nothing: each progress begins it anew. */
  readonly timeoutMs: number;
  /** Wall time at the most. */
  readonly totalMs?: number;
  /** Is told how far it has come, a line at a time. */
  readonly onProgress?: (line: string) => void;
  /** Throws where it must not be called as its server describes it now. */
  readonly check?: (tool: ServerTool) => Promise<void>;
}

/** What of the execution servers are started with. */
export interface HubScope extends NamedValues {
  /** Absolute. */
  readonly workingDirectory: string;
  readonly signal: AbortSignal;
  /** The execution that they are for, where they are for one. */
  readonly executionId?: string;
}

/** The tool servers of one execution. */
export interface ToolHub {
  /**
   * The tools of some servers, starting those that are not up, all at once;
   * those of a server that says that they have changed are listed anew.
   */
  tools(
    servers: readonly ToolServer[],
    scope: HubScope,
  ): Promise<readonly Tool[]>;
  /** Calls a tool, starting its server if it is not up. */
  call(call: ToolCall, scope: HubScope): Promise<ToolResult>;
  /** Ends all of them; resolves once they are gone. */
  close(): Promise<void>;
}

/** One server with what is up of it. */
interface Entry {
  starts: number;
  connection: Promise<Connection> | undefined;
  /** What it listed last, also where it has died since. */
  listed: readonly ServerTool[] | undefined;
}

/** How long a server may take to start, a first download included. */
const START_TIMEOUT_MS_DEFAULT = 120_000;

/** What a hub needs. */
export interface ToolHubOptions {
  readonly host: Host;
  /** How long a server may take to start; default two minutes. */
  readonly startTimeoutMs?: number;
  /** Where logins to servers are kept; absent where nobody can log in. */
  readonly logins?: OAuthLogins;
}

/** Makes the hub of one execution. */
export function createToolHub(options: ToolHubOptions): ToolHub {
  const { host, startTimeoutMs = START_TIMEOUT_MS_DEFAULT, logins } = options;
  const entries = new Map<string, Entry>();
  /** Connections whose end was no crash. */
  const forgotten = new WeakSet<Connection>();
  const closing = new AbortController();

  function entryOf(server: ToolServer): Entry {
    let entry = entries.get(server.name);
    if (entry === undefined) {
      entry = { starts: 0, connection: undefined, listed: undefined };
      entries.set(server.name, entry);
    }
    return entry;
  }

  async function connectionOf(
    server: ToolServer,
    scope: HubScope,
  ): Promise<Connection> {
    closing.signal.throwIfAborted();
    scope.signal.throwIfAborted();
    const entry = entryOf(server);
    for (let current = entry.connection; current !== undefined;) {
      const connection = await current;
      if (!connection.closed) return connection;
      // Another caller may have started it again meanwhile.
      if (entry.connection === current) entry.connection = undefined;
      current = entry.connection;
    }
    // It may have been closed while that was waited for.
    closing.signal.throwIfAborted();
    if (entry.starts >= SERVER_STARTS_MAX) throw tooManyStarts(server);
    entry.starts++;
    // One call that is aborted must not end the start that others wait for.
    const started = connect(server, {
      ...scope,
      host,
      ...(logins === undefined ? {} : { logins }),
      startTimeoutMs,
      signal: closing.signal,
    });
    entry.connection = started;
    try {
      const connection = await started;
      entry.listed = connection.tools;
      return connection;
    } catch (error) {
      if (entry.connection === started) entry.connection = undefined;
      throw error;
    }
  }

  async function toolsOf(
    server: ToolServer,
    scope: HubScope,
  ): Promise<readonly ServerTool[]> {
    const entry = entryOf(server);
    const { listed } = entry;
    const { signal } = scope;
    if (listed === undefined) {
      const starting = connectionOf(server, scope);
      return enabledOf(server, (await orAborted(starting, signal)).tools);
    }
    // A server that died meanwhile is started again when it is called, so
    // that a crash costs one call and not the execution; who calls it hears of
    // a start that fails.
    const starting = entry.connection?.catch(() => undefined);
    const connection = await orAborted(Promise.resolve(starting), signal);
    if (connection !== undefined) {
      await relisted(entry, { connection, signal }).catch(async (error) => {
        // One that has forgotten us is met anew as well when it is called.
        if (!await isForgottenBy(connection, error)) throw error;
      });
    }
    const { enabledTools } = server;
    const now = entry.listed ?? listed;
    // What was there and is gone by now is not missed.
    return enabledTools.length === 0
      ? now
      : now.filter(({ name }) => enabledTools.includes(name));
  }

  /** Lists the tools anew of a server that says that they have changed. */
  async function relisted(
    entry: Entry,
    { connection, signal }: {
      readonly connection: Connection;
      readonly signal: AbortSignal;
    },
  ): Promise<void> {
    if (!connection.hasChangedTools || connection.closed) return;
    await connection.relist(signal);
    entry.listed = connection.tools;
  }

  /** Calls a tool; once more where the server had forgotten the session. */
  async function callTool(
    call: ToolCall,
    scope: HubScope,
  ): Promise<ToolResult> {
    for (let isAgain = false;; isAgain = true) {
      const starting = connectionOf(call.server, scope);
      const connection = await orAborted(starting, scope.signal);
      try {
        return await checkedCall(connection, { call, signal: scope.signal });
      } catch (error) {
        if (isAgain || !await isForgottenBy(connection, error)) throw error;
        if (!forgotten.has(connection)) entryOf(call.server).starts--;
        forgotten.add(connection);
      }
    }
  }

  async function checkedCall(
    connection: Connection,
    { call, signal }: {
      readonly call: ToolCall;
      readonly signal: AbortSignal;
    },
  ): Promise<ToolResult> {
    await relisted(entryOf(call.server), { connection, signal });
    const tool = connection.tools.find(({ name }) => name === call.tool);
    // What is not described cannot be checked.
    if (tool === undefined) throw notListed(call);
    await call.check?.(tool);
    return await connection.call({ ...call, signal });
  }

  return {
    async tools(servers, scope) {
      const lists = await Promise.all(
        servers.map((server) => toolsOf(server, scope)),
      );
      const taken = new Set<string>();
      return servers.flatMap((server, index) =>
        (lists[index] ?? []).map((tool) => ({
          ...tool,
          server,
          tool: tool.name,
          name: qualifiedName(server.name, tool.name, taken),
        }))
      );
    },
    call: callTool,
    async close() {
      closing.abort(
        new StigmerError("CANCELLED", "The execution's tool servers are ended"),
      );
      const all = [...entries.values()].map((it) => it.connection);
      entries.clear();
      await Promise.all(all.map(async (starting) => {
        const connection = await starting?.catch(() => undefined);
        await connection?.close();
      }));
    },
  };
}

/** Whether nothing was done because a server knows nothing of a session. */
async function isForgottenBy(
  connection: Connection,
  error: unknown,
): Promise<boolean> {
  return connection.hasExpired && await isUnmade(error);
}

function enabledOf(
  server: ToolServer,
  tools: readonly ServerTool[],
): readonly ServerTool[] {
  const { enabledTools, name } = server;
  if (enabledTools.length === 0) return tools;
  const known = new Set(tools.map((tool) => tool.name));
  const missing = enabledTools.filter((tool) => !known.has(tool));
  const [first] = missing;
  if (first !== undefined) {
    const tool = listedText(missing.map((it) => `"${it}"`));
    throw new StigmerError(
      "FAILED_PRECONDITION",
      `Cannot use tool ${tool} of tool server "${name}": ` +
        offeredText(first, [...known]),
    );
  }
  return tools.filter((tool) => enabledTools.includes(tool.name));
}

function notListed({ tool, server }: ToolCall): StigmerError {
  return new StigmerError(
    "FAILED_PRECONDITION",
    `Cannot call "${tool}" of tool server "${server.name}": it lists no such ` +
      "tool now",
  );
}

function tooManyStarts(server: ToolServer): StigmerError {
  return new StigmerError(
    "UNAVAILABLE",
    `Cannot start tool server "${server.name}": it ended ` +
      `${SERVER_STARTS_MAX} times already`,
  );
}

/** Stops waiting when aborted; what is waited for goes on by itself. */
async function orAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  // Whoever stops waiting, or never began, must not hear of a later failure.
  promise.catch(() => {});
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
