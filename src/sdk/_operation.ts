/**
 * What a durable function asked for and waits for: a step, a timer, a signal,
 * a child, or the record of a task's end.
 *
 * @module
 */

import type { Command, JournalEvent } from "../model/durable.ts";
import {
  type Failure,
  failureFromJson,
  failureOf,
  failureToJson,
} from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import type { ServedKind } from "../model/served.ts";
import { ofContext, StepError } from "./step_error.ts";

/** What may be asked for. */
export type OperationKind = ServedKind | "record";

/** Something that a function asked for. */
export interface Operation {
  readonly path: string;
  readonly name: string;
  readonly kind: OperationKind;
  /** What it hands the function. */
  readonly promise: Promise<Json | undefined>;
  readonly resolve: (value: Json | undefined) => void;
  readonly reject: (error: unknown) => void;
  /** What is to be done for it; the first is issued when it is asked for. */
  readonly commands: readonly Command[];
  /** Takes what failed; says what is to be done instead of giving up. */
  readonly failed?: (failure: Failure, event: JournalEvent) => Command[];
  /** Says why it does not take what a signal carries; absent: it takes all. */
  readonly misfit?: (carried: Json) => string | undefined;
  /** Whether it is over: given, withdrawn, or given up. */
  isOver: boolean;
  /** Whether it was withdrawn: its end may come all the same. */
  isWithdrawn: boolean;
  /** Whether the journal tells of it. */
  isSeen: boolean;
}

/** What is asked for. */
export type AskedFor = Pick<
  Operation,
  "path" | "name" | "kind" | "commands" | "failed" | "misfit"
>;

/** Makes an operation that nobody has been told of. */
export function newOperation(asked: AskedFor): Operation {
  const { promise, resolve, reject } = Promise.withResolvers<
    Json | undefined
  >();
  // Whoever does not wait for it is not to end the process when it fails.
  promise.catch(() => undefined);
  return {
    ...asked,
    promise,
    resolve,
    reject,
    isOver: false,
    isWithdrawn: false,
    isSeen: false,
  };
}

/**
 * Ends an operation with what an event tells; gives what is done instead.
 *
 * @param isRetried Whether the journal has it that a failed try is made again.
 */
export function settle(
  operation: Operation,
  event: JournalEvent,
  isRetried: boolean,
): Command[] {
  switch (event.type) {
    case "TASK_COMPLETED":
    case "TIMER_FIRED":
    case "SIGNAL_RECEIVED":
      operation.isOver = true;
      operation.resolve(copyOf(event.data));
      return [];
    case "TASK_FAILED": {
      if (isRetried) return [];
      const failure = failureFromJson(event.data);
      const instead = operation.failed?.(failure, event) ?? [];
      if (instead.length === 0) fail(operation, event);
      return instead;
    }
    default:
      return [];
  }
}

/** A value for a function, which may change it: the journal's stays as it is. */
export function copyOf(value: Json): Json {
  return typeof value === "object" ? structuredClone(value) : value;
}

/** Ends an operation that failed for good. */
export function fail(operation: Operation, { data }: JournalEvent): void {
  operation.isOver = true;
  operation.reject(ofContext(new StepError(failureFromJson(data))));
}

/** What says in the journal that a signal was passed over, and why. */
export function misfitNote(
  { path, name }: Operation,
  { event, problem }: {
    readonly event: JournalEvent;
    readonly problem: string;
  },
): Command {
  const failure = failureOf(
    "validation",
    `Signal "${name}" was passed over: it does not fit its schema, ${problem}`,
  );
  const data = {
    failure: failureToJson(failure),
    nextAttemptAtMs: event.timeMs,
  };
  return {
    kind: "record",
    type: "TASK_RETRYING",
    path,
    name,
    attempt: 1,
    data,
  };
}

/** What withdraws what is being done for an operation. */
export function withdrawals({ commands }: Operation): Command[] {
  return commands.flatMap((command): Command[] => {
    const { path, name, attempt } = command;
    return command.kind === "record"
      ? []
      : [{ kind: "cancel", path, name, attempt }];
  });
}
