/**
 * The turns and tool calls of an execution, as people see them.
 *
 * @module
 */

import type { JournalEvent, TaskView } from "../model/durable.ts";
import { type Failure, failureFromJson, failureOf } from "../model/failure.ts";
import type { PhaseName } from "../model/phase.ts";
import { toolFromJson } from "./turn.ts";

/** Characters of a tool's own error that a task shows. */
const DETAIL_LENGTH_MAX = 2000;

/** Tasks in the order in which they started. */
export class TaskViews {
  readonly #views = new Map<string, TaskView>();

  start(event: JournalEvent): void {
    const before = this.#views.get(event.path);
    this.#views.set(event.path, {
      ...(before ?? begun(event)),
      attempts: Math.max(before?.attempts ?? 0, event.attempt),
    });
  }

  end(event: JournalEvent): void {
    const view = this.#views.get(event.path) ?? begun(event);
    const failure = failureOfEnd(event);
    this.#views.set(event.path, {
      ...view,
      phase: phaseOf(event, failure),
      attempts: Math.max(view.attempts, event.attempt),
      completedAtMs: event.timeMs,
      ...(failure === undefined ? {} : { failure }),
    });
  }

  /** Shows what has not ended as cancelled, because the whole is over. */
  cancelOpen(timeMs: number): void {
    for (const [path, view] of this.#views) {
      if (view.phase !== "RUNNING") continue;
      this.#views.set(path, {
        ...view,
        phase: "CANCELLED",
        completedAtMs: timeMs,
      });
    }
  }

  list(): readonly TaskView[] {
    return [...this.#views.values()];
  }
}

function begun(event: JournalEvent): TaskView {
  return {
    path: event.path,
    name: event.name,
    kind: isToolCall(event.path) ? "tool call" : "model turn",
    phase: "RUNNING",
    attempts: event.attempt,
    startedAtMs: event.timeMs,
  };
}

function isToolCall(path: string): boolean {
  return path.includes("/tool/");
}

function phaseOf(
  event: JournalEvent,
  failure: Failure | undefined,
): PhaseName {
  if (event.type === "TASK_CANCELLED") return "CANCELLED";
  return failure === undefined ? "COMPLETED" : "FAILED";
}

/** A tool that says itself that it failed counts as failed too. */
function failureOfEnd(event: JournalEvent): Failure | undefined {
  if (event.type === "TASK_FAILED") return failureFromJson(event.data);
  if (event.type !== "TASK_COMPLETED" || !isToolCall(event.path)) {
    return undefined;
  }
  const { isError, text } = toolFromJson(event.data);
  if (!isError) return undefined;
  return failureOf("runtime", text.slice(0, DETAIL_LENGTH_MAX));
}
