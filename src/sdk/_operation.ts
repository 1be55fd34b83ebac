/**
 * What a durable function asked for and waits for: a step, a timer, a signal,
 * a child, or the record of a task's end.
 *
 * @module
 */

import type { Command, JournalEvent } from "../model/durable.ts";
import { type Failure, failureFromJson } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import type { ServedKind } from "../model/served.ts";
import { StepError } from "./step_error.ts";

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
  /** Whether it is over: given, withdrawn, or given up. */
  isOver: boolean;
}

/** Makes an operation that nobody has been told of. */
export function newOperation(
  asked: Omit<Operation, "promise" | "resolve" | "reject" | "isOver">,
): Operation {
  const { promise, resolve, reject } = Promise.withResolvers<
    Json | undefined
  >();
  // Whoever does not wait for it is not to end the process when it fails.
  promise.catch(() => undefined);
  return { ...asked, promise, resolve, reject, isOver: false };
}

/** Ends an operation with what an event tells; gives what follows from it. */
export function settle(operation: Operation, event: JournalEvent): Command[] {
  switch (event.type) {
    case "TASK_COMPLETED":
    case "TIMER_FIRED":
    case "SIGNAL_RECEIVED":
      operation.isOver = true;
      operation.resolve(event.data);
      return [];
    case "TASK_FAILED": {
      const failure = failureFromJson(event.data);
      const instead = operation.failed?.(failure, event) ?? [];
      if (instead.length > 0) return instead;
      operation.isOver = true;
      operation.reject(new StepError(failure));
      return [];
    }
    default:
      return [];
  }
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
