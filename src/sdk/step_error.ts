/**
 * How what a durable function asked for fails, the same when it happened and
 * when it is read back from the journal.
 *
 * @module
 */

import { messageOf, StigmerError } from "../model/error.ts";
import { type Failure, failureOf } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import { toJournal } from "./journalled.ts";

/** The type of failures that are not tried again. */
const TERMINAL_TYPE = "https://stigmer.ai/errors/terminal";
const TERMINAL_STATUS = 500;
/** Errors behind one that are looked at. */
const CAUSES_MAX = 16;

/**
 * A step, an agent or a workflow that failed for good, as its journal has it.
 *
 * @example
 * ```ts
 * import { StepError, workflow } from "@stigmer/cli/sdk";
 *
 * export default workflow("import").task("fetch", async (ctx) => {
 *   try {
 *     return await ctx.step("get", () => "rows");
 *   } catch (error) {
 *     if (error instanceof StepError) return `Without rows: ${error.message}`;
 *     throw error;
 *   }
 * });
 * ```
 */
export class StepError extends Error {
  /** `StepError`, or what is more particular. */
  override readonly name: string = "StepError";
  /** A URI that names the sort of error. */
  readonly type: string;
  /** As an HTTP status code. */
  readonly status: number;
  /** The sort of error, in words. */
  readonly title: string;

  /** Makes the error of a failure. */
  constructor(failure: Omit<Failure, "instance">) {
    super(failure.detail);
    this.type = failure.type;
    this.status = failure.status;
    this.title = failure.title;
  }
}

/**
 * An execution that failed or was cancelled.
 */
export class ExecutionError extends StepError {
  /** Always `ExecutionError`. */
  override readonly name = "ExecutionError";
  /** Its id, for `stigmer execution get` and `retry`. */
  readonly executionId: string;
  /** How it ended. */
  readonly phase: "FAILED" | "CANCELLED";

  /** Makes the error of an execution. */
  constructor(
    executionId: string,
    phase: "FAILED" | "CANCELLED",
    failure: ConstructorParameters<typeof StepError>[0],
  ) {
    super(failure);
    this.executionId = executionId;
    this.phase = phase;
    // Of an error that nobody catches, Deno shows the message and the cause.
    this.cause = new EndedExecution(executionId, phase);
  }
}

/** Which execution it was, and what can be done about it, in words. */
class EndedExecution extends Error {
  override readonly name = "Execution";

  constructor(id: string, phase: ExecutionError["phase"]) {
    const ended = phase === "FAILED" ? "failed" : "was cancelled";
    super(
      `${id} ${ended}. Look at it: stigmer execution get ${id}, ` +
        `go on with it: stigmer execution retry ${id}`,
    );
    // It was thrown nowhere.
    Error.captureStackTrace(this, EndedExecution);
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** Has an error of an execution begin where the function was called. */
export function fromCaller(
  error: unknown,
  // deno-lint-ignore ban-types -- what the stack of an error begins above.
  called: Function,
): unknown {
  if (error instanceof ExecutionError) Error.captureStackTrace(error, called);
  return error;
}

/**
 * Thrown in a step whose failure no further try can mend: it is not retried.
 *
 * @example
 * ```ts
 * import { TerminalError, workflow } from "@stigmer/cli/sdk";
 *
 * export default workflow("charge").task("pay", (ctx, order: { cents: number }) =>
 *   ctx.step("charge", () => {
 *     if (order.cents <= 0) throw new TerminalError("Nothing to charge");
 *     return { paid: order.cents };
 *   }, { retry: 5 }));
 * ```
 */
export class TerminalError extends Error {
  /** Always `TerminalError`. */
  override readonly name = "TerminalError";
}

/**
 * Writes what somebody gives as JSON.
 *
 * @param of Who gives it, as `step "fetch"`.
 * @throws {TerminalError} Naming both: no further try would mend it.
 */
export function recorded(of: string, value: unknown): Json {
  try {
    return toJournal(value);
  } catch (error) {
    throw new TerminalError(
      `Cannot record what ${of} gives: ${messageOf(error)}`,
    );
  }
}

/** Whether a failure is tried again when tries are left. */
export function isRetryable({ type }: Failure): boolean {
  return type !== TERMINAL_TYPE;
}

/** Makes the failure of what a function threw. */
export function failureOfError(error: unknown): Failure {
  if (error instanceof TerminalError) {
    return {
      type: TERMINAL_TYPE,
      status: TERMINAL_STATUS,
      title: "Terminal error",
      detail: error.message,
      instance: "",
    };
  }
  if (error instanceof StepError) {
    const { type, status, title } = error;
    return { type, status, title, detail: detailOf(error), instance: "" };
  }
  if (error instanceof StigmerError) return ofCode(error);
  const name = error instanceof Error && error.name !== "Error"
    ? `${error.name}: `
    : "";
  return failureOf("runtime", `${name}${messageOf(error)}`);
}

/** Which execution it was is to be found in that which it made fail. */
function detailOf(error: StepError): string {
  if (!(error instanceof ExecutionError)) return error.message;
  const ended = error.phase === "FAILED" ? "failed" : "was cancelled";
  return `Execution ${error.executionId} ${ended}: ${error.message}`;
}

/** The specification has sorts for some of the codes. */
function ofCode(error: StigmerError): Failure {
  switch (error.code) {
    case "PERMISSION_DENIED":
      return failureOf("authorization", error.message);
    case "UNAUTHENTICATED":
      return failureOf("authentication", error.message);
    case "INVALID_ARGUMENT":
      return failureOf("validation", error.message);
    case "DEADLINE_EXCEEDED":
      return failureOf("timeout", error.message);
    default:
      return failureOf("runtime", error.message);
  }
}

/** Errors that a context gave a function. */
const OF_CONTEXT: WeakSet<Error> = new WeakSet();

/** Notes that a context gives a function an error. */
export function ofContext<E extends Error>(error: E): E {
  OF_CONTEXT.add(error);
  return error;
}

/** Whether it is an error that a context gave, or was made of one. */
export function isOfContext(reason: unknown): boolean {
  for (let it = reason, i = 0; it instanceof Error && i < CAUSES_MAX; i++) {
    if (OF_CONTEXT.has(it)) return true;
    it = it.cause;
  }
  return false;
}
