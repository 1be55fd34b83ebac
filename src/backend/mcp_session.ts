/**
 * A tool server started or reached for a person, for as long as they need it.
 *
 * @module
 */

import { connect, type Connection } from "../mcp/connection.ts";
import { messageOf, StigmerError } from "../model/error.ts";
import type { ServiceDeps } from "./deps.ts";
import { loginCommand, mcpLogins } from "./mcp_logins.ts";
import type { ResolvedServer } from "./mcp_target.ts";

/** How long a server may take to start, a first download included. */
const START_TIMEOUT_MS = 120_000;

/** How a server is met. */
export interface McpSessionOptions {
  readonly signal: AbortSignal;
  /** Is told each line that the server logs, without what is secret. */
  readonly onLog?: (line: string) => void;
}

/**
 * Starts or reaches a server, works with it and ends it.
 *
 * @throws {StigmerError} What connecting and the work throw, without secrets.
 */
export async function withMcpServer<T>(
  deps: ServiceDeps,
  { server, scope, mask, word }: ResolvedServer,
  options: McpSessionOptions & {
    readonly work: (connection: Connection) => Promise<T>;
  },
): Promise<T> {
  const { signal, onLog = () => {}, work } = options;
  const { host } = deps;
  let connection: Connection | undefined;
  try {
    connection = await connect(server, {
      ...scope,
      host,
      logins: { ...mcpLogins(deps), command: () => loginCommand(word) },
      signal,
      startTimeoutMs: START_TIMEOUT_MS,
      onLog: (line) => onLog(mask.text(line)),
    });
    return await work(connection);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof StigmerError)) throw error;
    const { code, hints } = error;
    throw new StigmerError(code, mask.text(messageOf(error)), {
      hints: hints.map(mask.text),
      cause: error,
    });
  } finally {
    await connection?.close();
  }
}
