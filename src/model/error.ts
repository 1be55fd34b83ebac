/**
 * The one error class, and the table from its codes to exit codes.
 *
 * What was expected is a value (`undefined`, diagnostics, an outcome); what
 * was not is a {@linkcode StigmerError}. It is caught in `cli/main.ts` and at
 * the engine's task border, nowhere else.
 *
 * @module
 */

import type { Diagnostic } from "./diagnostic.ts";

/** The codes of Connect, the same on every path. */
export type ErrorCode =
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "INVALID_ARGUMENT"
  | "FAILED_PRECONDITION"
  | "UNAUTHENTICATED"
  | "PERMISSION_DENIED"
  | "RESOURCE_EXHAUSTED"
  | "UNAVAILABLE"
  | "DEADLINE_EXCEEDED"
  | "ABORTED"
  | "CANCELLED"
  | "UNIMPLEMENTED"
  | "DATA_LOSS"
  | "INTERNAL";

/** Causes of an error, one under the other, that are looked at. */
const CAUSES_MAX = 8;

/** The exit code of the CLI for each error code. */
export const EXIT_CODES: Readonly<Record<ErrorCode, number>> = {
  NOT_FOUND: 3,
  ALREADY_EXISTS: 5,
  INVALID_ARGUMENT: 2,
  FAILED_PRECONDITION: 5,
  UNAUTHENTICATED: 4,
  PERMISSION_DENIED: 4,
  RESOURCE_EXHAUSTED: 1,
  UNAVAILABLE: 1,
  DEADLINE_EXCEEDED: 124,
  ABORTED: 5,
  CANCELLED: 130,
  UNIMPLEMENTED: 1,
  DATA_LOSS: 1,
  INTERNAL: 1,
};

/**
 * The exit code of a run that waits for a person where nobody can be
 * asked: the present state does not let it go on, as with a conflict.
 */
export const WAITING_EXIT_CODE: number = EXIT_CODES.FAILED_PRECONDITION;

/** The exit code of `stigmer upgrade --check` when a newer release is there. */
export const NEWER_EXIT_CODE = 100;

/** What goes with an error. */
export interface StigmerErrorOptions {
  /** What the reader can do about it, most useful first. */
  readonly hints?: readonly string[];
  /** What is wrong with a definition, where that is the error. */
  readonly diagnostics?: readonly Diagnostic[];
  /** The error underneath. */
  readonly cause?: unknown;
}

/**
 * An error with a code, hints and a cause.
 *
 * Its message names the act, the value and the way out, in sentence case,
 * without a final period.
 */
export class StigmerError extends Error {
  /** `StigmerError`. */
  override readonly name = "StigmerError";
  /** What sort of error it is. */
  readonly code: ErrorCode;
  /** What the reader can do about it, most useful first. */
  readonly hints: readonly string[];
  /** What is wrong with a definition, where that is the error. */
  readonly diagnostics: readonly Diagnostic[];

  /** Makes an error from its code and message. */
  constructor(
    code: ErrorCode,
    message: string,
    options: StigmerErrorOptions = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hints = options.hints ?? [];
    this.diagnostics = options.diagnostics ?? [];
  }
}

/** Makes the error for a thing that is not there. */
export function notFound(kind: string, name: string): StigmerError {
  return new StigmerError("NOT_FOUND", `Cannot find ${kind} "${name}"`);
}

/** Makes the error for an argument that breaks its rule. */
export function invalidArgument(
  message: string,
  options: StigmerErrorOptions = {},
): StigmerError {
  return new StigmerError("INVALID_ARGUMENT", message, options);
}

/** Makes the error for a call that the present state does not allow. */
export function failedPrecondition(
  message: string,
  options: StigmerErrorOptions = {},
): StigmerError {
  return new StigmerError("FAILED_PRECONDITION", message, options);
}

/** Says the message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Says the message of what lies under an error; `fetch` says all in there. */
export function innermostCause(error: unknown): string {
  let at: unknown = error;
  for (let i = 0; i < CAUSES_MAX; i++) {
    if (!(at instanceof Error) || at.cause === undefined) break;
    at = at.cause;
  }
  return at instanceof Error ? at.message : String(at);
}
