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
  resolved: ResolvedServer,
  options: McpSessionOptions & {
    readonly work: (connection: Connection) => Promise<T>;
  },
): Promise<T> {
  const { server, scope, mask, word } = resolved;
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
    throw maskedError(error, resolved);
  } finally {
    await connection?.close();
  }
}

/** Whatever a server answers may hold what it was given. */
function maskedError(
  error: unknown,
  { mask, word }: ResolvedServer,
): StigmerError {
  const text = mask.text(messageOf(error));
  if (!(error instanceof StigmerError)) {
    const message = `Cannot use MCP server "${word}": ${text}`;
    return new StigmerError("UNAVAILABLE", message, { cause: error });
  }
  const hints = error.hints.map(mask.text);
  return new StigmerError(error.code, text, { hints, cause: error });
}
