/**
 * How a call ended, as logs and metrics name it.
 *
 * @module
 */

import { Code, type ConnectError } from "@connectrpc/connect";

const NAMES: Readonly<Record<Code, string>> = {
  [Code.Canceled]: "canceled",
  [Code.Unknown]: "unknown",
  [Code.InvalidArgument]: "invalid_argument",
  [Code.DeadlineExceeded]: "deadline_exceeded",
  [Code.NotFound]: "not_found",
  [Code.AlreadyExists]: "already_exists",
  [Code.PermissionDenied]: "permission_denied",
  [Code.ResourceExhausted]: "resource_exhausted",
  [Code.FailedPrecondition]: "failed_precondition",
  [Code.Aborted]: "aborted",
  [Code.OutOfRange]: "out_of_range",
  [Code.Unimplemented]: "unimplemented",
  [Code.Internal]: "internal",
  [Code.Unavailable]: "unavailable",
  [Code.DataLoss]: "data_loss",
  [Code.Unauthenticated]: "unauthenticated",
};

/**
 * What the status says of a message that never got as far as a handler: it
 * could not be read, was too large, or is of a type that nobody knows.
 */
const STATUS_NAMES: Readonly<Record<number, string>> = {
  400: "invalid_argument",
  405: "method_not_allowed",
  408: "deadline_exceeded",
  415: "unsupported_media_type",
  429: "resource_exhausted",
  499: "canceled",
  500: "internal",
  501: "unimplemented",
  504: "deadline_exceeded",
};

/** The statuses of HTTP for the codes, as Connect has them. */
const STATUSES: Readonly<Record<Code, number>> = {
  [Code.Canceled]: 499,
  [Code.Unknown]: 500,
  [Code.InvalidArgument]: 400,
  [Code.DeadlineExceeded]: 504,
  [Code.NotFound]: 404,
  [Code.AlreadyExists]: 409,
  [Code.PermissionDenied]: 403,
  [Code.ResourceExhausted]: 429,
  [Code.FailedPrecondition]: 400,
  [Code.Aborted]: 409,
  [Code.OutOfRange]: 400,
  [Code.Unimplemented]: 501,
  [Code.Internal]: 500,
  [Code.Unavailable]: 503,
  [Code.DataLoss]: 500,
  [Code.Unauthenticated]: 401,
};

/** Names how a call ended: `ok`, or the code of its error. */
export function codeName(
  error: ConnectError | undefined,
  status = 200,
): string {
  if (error !== undefined) return NAMES[error.code];
  return status < 400 ? "ok" : STATUS_NAMES[status] ?? `http_${status}`;
}

/** The status of HTTP for an error. */
export function httpStatus(error: ConnectError): number {
  return STATUSES[error.code];
}
