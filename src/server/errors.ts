/**
 * What callers are told of errors: all of those that were expected, and of the
 * others the request's id alone.
 *
 * @module
 */

import { Code, ConnectError } from "@connectrpc/connect";
import { toConnectError } from "../backend/errors.ts";
import { messageOf, StigmerError } from "../model/error.ts";
import type { ServerLog } from "./log.ts";

/**
 * Makes the error that goes to the caller. What nobody expected goes to the
 * log with its stack: its words may name paths or statements.
 */
export function shownError(
  thrown: unknown,
  { requestId, log, method }: {
    readonly requestId: string;
    readonly log: ServerLog;
    readonly method: string;
  },
): ConnectError {
  const error = toConnectError(thrown);
  const origin = originOf(thrown);
  if (error.code !== Code.Internal || isExpected(origin)) return error;
  log.write("error", `Unexpected failure in ${method}: ${messageOf(origin)}`, {
    request_id: requestId,
    stack: origin instanceof Error ? origin.stack : undefined,
  });
  return toConnectError(
    new StigmerError("INTERNAL", `Unexpected failure in "${method}"`, {
      hints: [
        `The log of the server says more under request id "${requestId}"`,
      ],
    }),
  );
}

function isExpected(thrown: unknown): boolean {
  return thrown instanceof StigmerError || thrown instanceof ConnectError;
}

/** What was thrown first, also where it came by a client in this process. */
function originOf(thrown: unknown): unknown {
  if (!(thrown instanceof ConnectError)) return thrown;
  const { cause } = thrown;
  return cause instanceof StigmerError && cause.code === "INTERNAL"
    ? cause.cause ?? thrown
    : thrown;
}
