/**
 * The turns and tool calls of an execution, as people see them.
 *
 * @module
 */

import type { HumanRequest, JournalEvent, TaskView } from "../model/durable.ts";
import { type Failure, failureFromJson, failureOf } from "../model/failure.ts";
import { isJsonObject, member } from "../model/json.ts";
import type { PhaseName } from "../model/phase.ts";
import type { ModelUsage } from "../model/usage.ts";
import { placeOf } from "./turn_path.ts";

/** Characters of a tool's own error that a task shows. */
const DETAIL_LENGTH_MAX = 2000;

/** What is known of a task that ended, besides its event. */
interface EndedTask {
  readonly usage?: ModelUsage | undefined;
  /** The model that answered. */
  readonly model?: string | undefined;
  /** What a tool says itself of its failure; absent when it did not fail. */
  readonly error?: string | undefined;
  /** Why it was not carried out. */
  readonly refusal?: Failure | undefined;
  /** Whether a person wanted it left out. */
  readonly isSkipped?: boolean | undefined;
}

/** How a call was ruled on. */
interface RuledTask {
  readonly path: string;
  readonly name: string;
  readonly rule: string;
  /** What a person is asked, while one is. */
  readonly human: HumanRequest | undefined;
}

/** Tasks in the order in which they started. */
export class TaskViews {
  readonly #views = new Map<string, TaskView>();
  /** What is called under a path, in the order in which models asked for it. */
  readonly #calls = new Map<string, string>();
  /** The rules that calls were made, asked about or refused by, by path. */
  readonly #rules = new Map<string, string>();

  /** Takes what a turn calls: by path, in its order. */
  expect(calls: Iterable<readonly [path: string, text: string]>): void {
    for (const [path, text] of calls) this.#calls.set(path, text);
  }

  /** Shows how a call was ruled on: one that a person is asked about waits. */
  rule(event: JournalEvent, { path, name, rule, human }: RuledTask): void {
    this.#rules.set(path, rule);
    const known = this.#views.get(path);
    if (human === undefined) {
      if (known?.human === undefined) return;
      const { human: _, ...view } = known;
      this.#views.set(path, { ...view, phase: "RUNNING" });
      return;
    }
    const view = begun({ ...event, path, name, attempt: 1 });
    this.#views.set(path, { ...view, phase: "WAITING", human });
  }

  start(event: JournalEvent): void {
    const before = this.#views.get(event.path);
    this.#views.set(event.path, {
      ...(before === undefined || event.attempt > before.attempts
        ? begun(event)
        : before),
      startedAtMs: before?.startedAtMs ?? event.timeMs,
      attempts: Math.max(before?.attempts ?? 0, event.attempt),
    });
  }

  /** Shows a task that another execution carries out. */
  startChild(event: JournalEvent): void {
    this.start(event);
    const view = this.#views.get(event.path) ?? begun(event);
    const id = isJsonObject(event.data)
      ? member(event.data, "executionId")
      : undefined;
    this.#views.set(event.path, {
      ...view,
      kind: "sub-agent",
      ...(typeof id === "string" ? { childExecutionId: id } : {}),
    });
  }

  end(event: JournalEvent, ended: EndedTask = {}): void {
    const { usage, model } = ended;
    const { human: _, ...view } = this.#views.get(event.path) ?? begun(event);
    const failure = failureOfEnd(event, ended);
    const shown: { -readonly [key in keyof TaskView]: TaskView[key] } = {
      ...view,
      phase: ended.isSkipped === true ? "SKIPPED" : phaseOf(event, failure),
      attempts: ended.refusal !== undefined && usage?.inputTokens === 0
        ? 0
        : Math.max(view.attempts, event.attempt),
      completedAtMs: event.timeMs,
    };
    if (usage !== undefined) shown.usage = usage;
    if (model !== undefined) shown.model = model;
    if (failure !== undefined) shown.failure = failure;
    this.#views.set(event.path, shown);
  }

  /** Shows what has not ended as cancelled, because the whole is over. */
  cancelOpen(timeMs: number): void {
    for (const [path, { human: _, ...view }] of this.#views) {
      if (view.phase !== "RUNNING" && view.phase !== "WAITING") continue;
      this.#views.set(path, {
        ...view,
        phase: "CANCELLED",
        completedAtMs: timeMs,
      });
    }
  }

  /** Calls stand in the order of their turn, whichever began first. */
  list(): readonly TaskView[] {
    const calls = [...this.#calls].flatMap(([path, call]) => {
      const view = this.#views.get(path);
      if (view === undefined) return [];
      const rule = this.#rules.get(path);
      return [{ ...view, call, ...(rule === undefined ? {} : { rule }) }];
    }).values();
    return [...this.#views.values()].map((view) =>
      this.#calls.has(view.path) ? calls.next().value ?? view : view
    );
  }
}

function begun(event: JournalEvent): TaskView {
  return {
    path: event.path,
    name: event.name,
    kind: kindOf(event.path),
    phase: "RUNNING",
    attempts: event.attempt,
    startedAtMs: event.timeMs,
  };
}

function kindOf(path: string): string {
  const place = placeOf(path);
  if (place?.isSummary === true) return "summary";
  return place?.call === undefined ? "model turn" : "tool call";
}

function phaseOf(
  event: JournalEvent,
  failure: Failure | undefined,
): PhaseName {
  if (event.type === "TASK_CANCELLED") return "CANCELLED";
  return failure === undefined ? "COMPLETED" : "FAILED";
}

/** A tool that says itself that it failed counts as failed too. */
function failureOfEnd(
  event: JournalEvent,
  { error, refusal }: EndedTask,
): Failure | undefined {
  if (refusal !== undefined) return refusal;
  if (event.type === "TASK_FAILED") return failureFromJson(event.data);
  if (event.type !== "TASK_COMPLETED" || error === undefined) return undefined;
  return failureOf("runtime", error.slice(0, DETAIL_LENGTH_MAX));
}
