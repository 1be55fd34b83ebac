/**
 * Workflows that are functions of a program, as everyone else sees them: how
 * their tasks stand, and with what a retry begins, told from the journal alone.
 *
 * @module
 */

import { pointerTo } from "../model/diagnostic.ts";
import type { JournalEvent, Machine, TaskView } from "../model/durable.ts";
import { failureFromJson } from "../model/failure.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import type { NewEvent } from "../model/run.ts";
import {
  parseServedPath,
  type ServedKind,
  servedPath,
} from "../model/served.ts";
import { VERSION } from "../model/version.ts";
import type { Plan } from "../workflow/tree.ts";
import type { MachineOptions } from "./ports.ts";
import type { Reused } from "./reuse.ts";

/** How a task stands; grows while it runs. */
type View = { -readonly [Key in keyof TaskView]: TaskView[Key] };

/** What the journal tells of the tasks. */
interface Fold {
  readonly names: readonly string[];
  readonly traced: boolean;
  readonly views: Map<string, View>;
  /** What the next of the tasks gets. */
  input: Json;
}

const WORDS: Readonly<Record<ServedKind, string>> = {
  step: "step",
  sleep: "sleep",
  signal: "signal",
  agent: "agent",
  workflow: "run workflow",
  random: "random",
};

/**
 * Makes the machine of such a workflow: what the program makes decides, if it
 * is here; how the tasks stand, the journal tells.
 */
export function createServedMachine(
  plan: Plan,
  own: Machine | undefined,
  { traced = false }: MachineOptions = {},
): Machine {
  const tasks = plan.body.kind === "sequence" ? plan.body.tasks : [];
  const fold: Fold = {
    names: tasks.map(({ name }) => name),
    traced,
    views: new Map(),
    input: null,
  };
  return {
    apply(event) {
      note(fold, event);
      own?.apply(event);
    },
    decide: () => own?.decide() ?? { kind: "blocked", commands: [] },
    tasks: () => [...fold.views.values()],
    settling: () => own?.settling?.(),
    listen: (wake) => own?.listen?.(wake),
  };
}

function note(fold: Fold, event: JournalEvent): void {
  const { views } = fold;
  switch (event.type) {
    case "EXECUTION_CREATED":
      fold.input = event.data;
      return;
    case "EXECUTION_STARTED":
      if (views.size === 0) beginTask(fold, 0, event);
      return;
    case "EXECUTION_WAITING":
      return beginWait(fold, event);
    case "SIGNAL_RECEIVED": {
      const view = openWait(fold, event.name);
      if (view !== undefined) end(view, event, "COMPLETED");
      return;
    }
    case "EXECUTION_COMPLETED":
    case "EXECUTION_FAILED":
    case "EXECUTION_CANCELLED":
      for (const view of views.values()) {
        if (view.completedAtMs === undefined) end(view, event, "CANCELLED");
      }
      return;
    default:
      if (event.path !== "") noteTask(fold, event);
  }
}

function noteTask(fold: Fold, event: JournalEvent): void {
  const view = viewAt(fold, event);
  if (view === undefined) return noteTimeout(fold, event);
  view.attempts = Math.max(view.attempts, event.attempt);
  switch (event.type) {
    case "CHILD_STARTED":
      view.childExecutionId = textOf(event.data, "executionId");
      return;
    case "TASK_CANCELLED":
      return end(view, event, "CANCELLED");
    case "TASK_FAILED":
      view.failure = failureFromJson(event.data);
      return end(view, event, "FAILED");
    case "TASK_RETRYING":
      // It is tried again: it has neither failed nor ended.
      view.phase = isWait(event.path) ? "WAITING" : "RUNNING";
      delete view.failure;
      delete view.completedAtMs;
      return;
    case "TIMER_FIRED":
      return end(view, event, "COMPLETED");
    case "TASK_COMPLETED":
      if (fold.traced) view.output = event.data;
      end(view, event, "COMPLETED");
      return noteTaskEnd(fold, event);
    default:
      return;
  }
}

const WAIT_REGEXP = /^signal "(.+)"$/s;

/**
 * A wait for a signal begins, which no event of its own tells: that the run
 * came to rest says it.
 */
function beginWait(fold: Fold, event: JournalEvent): void {
  const name = WAIT_REGEXP.exec(textOf(event.data, "waitingFor"))?.[1];
  if (name === undefined || openWait(fold, name) !== undefined) return;
  const task = taskAtWork(fold);
  if (task === undefined) return;
  const place = { kind: "signal", name } as const;
  let visit = 1;
  while (fold.views.has(servedPath(task, { ...place, visit }))) visit++;
  const path = servedPath(task, { ...place, visit });
  viewAt(fold, { ...event, path, attempt: 1 });
}

/** A wait whose time was over came to its end by that. */
function noteTimeout({ views }: Fold, event: JournalEvent): void {
  const { path, type } = event;
  if (type !== "TIMER_FIRED" || !path.endsWith("/timeout")) return;
  const view = views.get(path.slice(0, -"/timeout".length));
  if (view?.kind === WORDS.signal) end(view, event, "COMPLETED");
}

/** The wait for a signal that has not come. */
function openWait({ views }: Fold, name: string): View | undefined {
  return views.values().find((it) =>
    it.name === name && it.kind === WORDS.signal &&
    it.completedAtMs === undefined
  );
}

function taskAtWork({ views }: Fold): string | undefined {
  return views.values().find(({ pointer, completedAtMs }) =>
    pointer !== undefined && completedAtMs === undefined
  )?.path;
}

/** One of the workflow's own tasks ended: the next one begins. */
function noteTaskEnd(fold: Fold, event: JournalEvent): void {
  const index = fold.names.findIndex((_, i) =>
    taskPath(fold.names, i) === event.path
  );
  if (index === -1) return;
  fold.input = event.data;
  // What it waits for no more, as it lost a race, it says nowhere.
  for (const view of fold.views.values()) {
    const isOpen = view.completedAtMs === undefined;
    if (isOpen && view.path.startsWith(`${event.path}/signal/`)) {
      end(view, event, "CANCELLED");
    }
  }
  if (index + 1 < fold.names.length) beginTask(fold, index + 1, event);
}

function beginTask(fold: Fold, index: number, event: JournalEvent): void {
  const path = taskPath(fold.names, index);
  fold.views.set(path, {
    path,
    pointer: path,
    name: fold.names[index] ?? "",
    kind: "call typescript",
    phase: "RUNNING",
    attempts: 1,
    startedAtMs: event.timeMs,
    ...(fold.traced ? { input: fold.input } : {}),
  });
}

/** The path of one of the workflow's own tasks. */
function taskPath(names: readonly string[], index: number): string {
  return pointerTo(pointerTo("/do", index), names[index] ?? "");
}

/** The view of what an event is about, made with the first one. */
function viewAt(fold: Fold, event: JournalEvent): View | undefined {
  const { views } = fold;
  const known = views.get(event.path);
  if (known !== undefined) return known;
  const place = parseServedPath(event.path);
  if (place === undefined || place.part !== "") return undefined;
  const view: View = {
    path: event.path,
    name: place.name,
    kind: WORDS[place.kind],
    phase: isWait(event.path) ? "WAITING" : "RUNNING",
    attempts: event.attempt,
    startedAtMs: event.timeMs,
  };
  views.set(event.path, view);
  return view;
}

/** Whether what a path is of does nothing but wait. */
function isWait(path: string): boolean {
  const kind = parseServedPath(path)?.kind;
  return kind === "sleep" || kind === "signal";
}

function end(
  view: View,
  event: JournalEvent,
  phase: "COMPLETED" | "FAILED" | "CANCELLED",
): void {
  view.phase = phase;
  view.completedAtMs = event.timeMs;
}

function textOf(data: Json, key: string): string {
  const value = isJsonObject(data) ? member(data, key) : undefined;
  return typeof value === "string" ? value : "";
}

/**
 * The beginning of a retry: all that the earlier run recorded, without what is
 * left out. The program that takes it up says whether it fits.
 */
export function reuseServed(
  { input, events, isLeftOut, nowMs }: {
    readonly input: Json;
    readonly events: readonly JournalEvent[];
    readonly isLeftOut: (event: JournalEvent, path: string) => boolean;
    readonly nowMs: number;
  },
): Reused {
  const out = events.filter((it) => it.path !== "" && isLeftOut(it, it.path));
  const kept = events.filter((it) =>
    it.type === "SIGNAL_RECEIVED" ||
    it.path !== "" && !isLeftOut(it, it.path) && !isOutdated(it, out)
  );
  const begun: NewEvent[] = [
    ofRun("EXECUTION_CREATED", input),
    ofRun("EXECUTION_STARTED", { epoch: 0, version: VERSION }),
    ...kept,
  ];
  return {
    events: begun.map(({ type, path, name, attempt, data }, i) => ({
      sequence: i + 1,
      timeMs: nowMs,
      type,
      path,
      name,
      attempt,
      data,
    })),
    resultCount: kept.filter(isResult).length,
  };
}

/** Whether an event is the end of a task of which something is done again. */
function isOutdated(
  { path, type }: JournalEvent,
  out: readonly JournalEvent[],
): boolean {
  if (parseServedPath(path) !== undefined) return false;
  return type === "TASK_FAILED" ||
    out.some((it) => it.path.startsWith(`${path}/`));
}

function isResult({ type }: JournalEvent): boolean {
  return type === "TASK_COMPLETED" || type === "TIMER_FIRED" ||
    type === "SIGNAL_RECEIVED";
}

function ofRun(type: NewEvent["type"], data: Json): NewEvent {
  return { type, path: "", name: "", attempt: 0, data };
}
