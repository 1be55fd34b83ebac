/**
 * Errors across the contract: Stigmer's own on both sides, Connect's between.
 *
 * Hints and diagnostics ride along as an `ErrorDetail`, so that local and
 * cloud say the same.
 *
 * @module
 */

import { Code, ConnectError } from "@connectrpc/connect";
import {
  type ErrorDetail,
  ErrorDetailSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { missingPermission } from "../host/missing_permission.ts";
import { type ErrorCode, messageOf, StigmerError } from "../model/error.ts";
import { fromDiagnosticMessage, toDiagnosticMessage } from "./diagnostics.ts";

const CONNECT_CODES: Readonly<Record<ErrorCode, Code>> = {
  NOT_FOUND: Code.NotFound,
  ALREADY_EXISTS: Code.AlreadyExists,
  INVALID_ARGUMENT: Code.InvalidArgument,
  FAILED_PRECONDITION: Code.FailedPrecondition,
  UNAUTHENTICATED: Code.Unauthenticated,
  PERMISSION_DENIED: Code.PermissionDenied,
  RESOURCE_EXHAUSTED: Code.ResourceExhausted,
  UNAVAILABLE: Code.Unavailable,
  DEADLINE_EXCEEDED: Code.DeadlineExceeded,
  ABORTED: Code.Aborted,
  CANCELLED: Code.Canceled,
  UNIMPLEMENTED: Code.Unimplemented,
  DATA_LOSS: Code.DataLoss,
  INTERNAL: Code.Internal,
};

/**
 * Makes of whatever was thrown the error that goes over the wire.
 *
 * What nobody expected becomes INTERNAL with its message and without its
 * stack, which is kept as the cause on this side only.
 */
export function toConnectError(thrown: unknown): ConnectError {
  if (thrown instanceof ConnectError) return thrown;
  const error = thrown instanceof StigmerError ? thrown : fromUnknown(thrown);
  return new ConnectError(
    error.message,
    CONNECT_CODES[error.code],
    undefined,
    [{
      desc: ErrorDetailSchema,
      value: {
        hints: [...error.hints],
        diagnostics: error.diagnostics.map(toDiagnosticMessage),
      },
    }],
    error,
  );
}

/** Why a call ended early: its deadline, or the caller left. */
export function abortError({ reason }: AbortSignal): ConnectError {
  if (reason instanceof ConnectError) return reason;
  return new ConnectError(
    "The call was cancelled",
    Code.Canceled,
    undefined,
    undefined,
    reason,
  );
}

/**
 * Makes a Stigmer error of whatever a call threw, with the hints and
 * diagnostics that came along.
 */
export function toStigmerError(thrown: unknown): StigmerError {
  if (thrown instanceof StigmerError) return thrown;
  if (!(thrown instanceof ConnectError)) return fromUnknown(thrown);
  const detail = thrown.findDetails(ErrorDetailSchema).at(0);
  const code = errorCode(thrown);
  return new StigmerError(code, thrown.rawMessage, {
    cause: thrown,
    hints: detail?.hints ?? hintsOf(code),
    diagnostics: diagnosticsOf(detail),
  });
}

function diagnosticsOf(
  detail: ErrorDetail | undefined,
): StigmerError["diagnostics"] {
  return (detail?.diagnostics ?? []).map(fromDiagnosticMessage);
}

/** Names a Connect code as Stigmer does. */
function errorCode(error: ConnectError): ErrorCode {
  switch (error.code) {
    case Code.NotFound:
      return "NOT_FOUND";
    case Code.AlreadyExists:
      return "ALREADY_EXISTS";
    case Code.InvalidArgument:
    case Code.OutOfRange:
      return "INVALID_ARGUMENT";
    case Code.FailedPrecondition:
      return "FAILED_PRECONDITION";
    case Code.Unauthenticated:
      return "UNAUTHENTICATED";
    case Code.PermissionDenied:
      return "PERMISSION_DENIED";
    case Code.ResourceExhausted:
      return "RESOURCE_EXHAUSTED";
    case Code.Unavailable:
      return "UNAVAILABLE";
    case Code.DeadlineExceeded:
      return "DEADLINE_EXCEEDED";
    case Code.Aborted:
      return "ABORTED";
    case Code.Canceled:
      return "CANCELLED";
    case Code.Unimplemented:
      return "UNIMPLEMENTED";
    case Code.DataLoss:
      return "DATA_LOSS";
    case Code.Internal:
      return "INTERNAL";
    case Code.Unknown:
      return "INTERNAL";
  }
}

/** What to do about errors that the transport makes without a detail. */
function hintsOf(code: ErrorCode): readonly string[] {
  switch (code) {
    case "UNAVAILABLE":
      return ["Check that the backend is reachable and try again"];
    case "DEADLINE_EXCEEDED":
      return ["Give it more time with --timeout"];
    case "UNIMPLEMENTED":
      return ["The backend is of another release, update it"];
    default:
      return [];
  }
}

function fromUnknown(thrown: unknown): StigmerError {
  const missing = missingPermission(thrown);
  if (missing !== undefined) {
    const { act, reason, hint } = missing;
    return new StigmerError("PERMISSION_DENIED", `Cannot ${act}: ${reason}`, {
      cause: thrown,
      hints: [hint],
    });
  }
  const name = thrown instanceof Error ? thrown.name : "";
  const text = messageOf(thrown);
  switch (name) {
    case "AbortError":
      return new StigmerError("CANCELLED", text, { cause: thrown });
    case "TimeoutError":
      return new StigmerError("DEADLINE_EXCEEDED", text, {
        cause: thrown,
        hints: hintsOf("DEADLINE_EXCEEDED"),
      });
    default:
      return new StigmerError("INTERNAL", `Unexpected failure: ${text}`, {
        cause: thrown,
        hints: ["This is a defect of Stigmer, please report it with --debug"],
      });
  }
}
