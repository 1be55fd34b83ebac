/**
 * Writes to stdout, and knows when nobody reads any more.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { StigmerError } from "../model/error.ts";

/** Marks the error of a pipe that was closed. */
const PIPE_CLOSED: unique symbol = Symbol("pipe closed");

/**
 * Writes to stdout.
 *
 * @throws {StigmerError} When the pipe is closed, which ends the command
 * ({@linkcode isPipeClosed} tells it); or when it cannot be written.
 */
export function writeStdout(
  host: Host,
  text: string | Uint8Array<ArrayBuffer>,
): void {
  let isRead: boolean;
  try {
    isRead = host.terminal.write("stdout", text);
  } catch (error) {
    throw cannotWrite(error);
  }
  if (isRead) return;
  throw new StigmerError("CANCELLED", "Nobody reads standard output", {
    cause: PIPE_CLOSED,
  });
}

/** Says whether a command ended because its output is not read any more. */
export function isPipeClosed(thrown: unknown): boolean {
  return thrown instanceof StigmerError && thrown.cause === PIPE_CLOSED;
}

function cannotWrite(error: unknown): StigmerError {
  const why = error instanceof Error
    ? (error.message.split(" (os error")[0] ?? "").toLowerCase()
    : String(error);
  return new StigmerError(
    "RESOURCE_EXHAUSTED",
    `Cannot write to standard output: ${why}`,
    {
      hints: ["What was asked for may be done: only its result is not shown"],
      cause: error,
    },
  );
}
