/**
 * Says on stderr what a run is doing, once it takes over a second.
 *
 * On a terminal its tasks are drawn over and over, as a tree or as one line;
 * elsewhere each thing that happens is a line of its own, from the first one
 * on.
 *
 * @module
 */

import {
  type Execution,
  type ExecutionEvent,
  ExecutionEvent_Type as Type,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { failureText } from "../../model/failure_text.ts";
import { isJsonObject, type Json, member } from "../../model/json.ts";
import { parseServedPath } from "../../model/served.ts";
import { importUnseen } from "../../model/unseen.ts";
import type { Context } from "../context.ts";
import { formatDuration } from "../duration.ts";
import { oneLine } from "../one_line.ts";
import { printable } from "../printable.ts";
import { fit } from "../width.ts";
import type { RunView } from "./run_view.ts";

/** How long a run may take before anything is said. */
export const SILENCE_MS = 1000;
/** Lines of that time that are kept, at the most. */
export const KEPT_MAX = 1000;
/** Columns of what a tool says of its failure at the most. */
const ERROR_WIDTH_MAX = 200;

/** Says what a run is doing. */
export interface Progress extends Disposable {
  /** Takes an event of the run. */
  take(event: ExecutionEvent): void;
  /** What the run waited for was answered here: it is told of no more. */
  answered(): void;
  /** Someone here cancels the run, and was told so: no more lines about it. */
  cancelling(): void;
  /** Writes a line that stays, above what is drawn. */
  say(line: string): void;
  /** Takes away what is drawn, so that something else can be written. */
  clear(): void;
  /** Draws nothing while a line that others write is not at its end. */
  hold(isHeld: boolean): void;
  /**
   * Has what was drawn stay as it ended: all of the tree, or its first line.
   * Nothing stays of a run that ended before anything was drawn, unless it
   * shall in any case.
   */
  finish(
    execution: Execution,
    how: { readonly lines: "all" | "one"; readonly always: boolean },
  ): Promise<void>;
}

/**
 * Makes what says what a run is doing.
 *
 * @param view What its tree is drawn from; without it, one line is.
 */
export async function createProgress(
  context: Context,
  view?: RunView,
): Promise<Progress> {
  if (context.io.quiet) {
    return {
      take() {},
      answered() {},
      cancelling() {},
      say() {},
      finish: () => Promise.resolve(),
      clear() {},
      hold() {},
      [Symbol.dispose]() {},
    };
  }
  if (!context.io.live) return plainProgress(context);
  const { liveProgress } = await importUnseen<
    typeof import("./live_progress.ts")
  >("./live_progress.ts", import.meta.url);
  return liveProgress(context, view);
}

function plainProgress(context: Context): Progress {
  const { host, io } = context;
  const starts = new Map<string, number>();
  /** What happened so far, until that is worth a word. */
  const kept: string[] = [];
  let missing = 0;
  let speaking = false;
  let isBegun = false;
  let isCancelling = false;
  let last = "";
  const write = (text: string): void => io.note(io.err.dim(printable(text)));
  const say = (text: string): void => {
    // What it waited for before an event that did not fit, it waits for still.
    if (text === last || isCancelling) return;
    last = text;
    if (speaking) return write(text);
    kept.push(text);
    if (kept.length > KEPT_MAX) {
      kept.shift();
      missing++;
    }
  };
  // A run of less than a second is not worth a word. Of any other one all is
  // said, so that the same run says the same.
  const speak = (): void => {
    speaking = true;
    if (isCancelling) return;
    if (missing > 0) write(`${missing} lines before these are left out`);
    for (const text of kept.splice(0)) write(text);
  };
  const stop = host.clock.timer(SILENCE_MS, speak);
  return {
    take(event) {
      if (
        event.type === Type.TASK_STARTED || event.type === Type.CHILD_STARTED
      ) starts.set(event.path, timeMs(event));
      if (event.type === Type.EXECUTION_STARTED && !isBegun) {
        isBegun = true;
        say("Running");
      }
      const line = lineOf(event, starts);
      if (line !== undefined) say(line);
    },
    answered() {},
    cancelling() {
      isCancelling = true;
    },
    say: (line) => io.note(line),
    clear() {},
    hold() {},
    finish: () => Promise.resolve(),
    [Symbol.dispose]: stop,
  };
}

/** When an event happened. */
export function timeMs(event: ExecutionEvent): number {
  const { time } = event;
  return time === undefined
    ? 0
    : Number(time.seconds) * 1000 + time.nanos / 1_000_000;
}

function lineOf(
  event: ExecutionEvent,
  starts: ReadonlyMap<string, number>,
): string | undefined {
  const label = labelOf(event);
  switch (event.type) {
    case Type.TASK_STARTED:
      return `${label} started`;
    case Type.CHILD_STARTED:
      return `${label} started${childOf(event)}`;
    case Type.TASK_COMPLETED: {
      const why = failureIn(event);
      if (why !== undefined) return `${label} failed: ${why}`;
      const startMs = starts.get(event.path);
      const took = startMs === undefined
        ? ""
        : ` in ${formatDuration(timeMs(event) - startMs)}`;
      return `${label} completed${took}`;
    }
    case Type.TASK_FAILED:
      return `${label} failed: ${failureText(event.error)}`;
    case Type.TASK_RETRYING:
      return passedOver(event) ??
        `${label} failed and is tried again: ${failureText(event.error)}`;
    case Type.TASK_CANCELLED:
      return `${label} cancelled`;
    case Type.EVENT_RECEIVED:
      return `${label} took an event${typeOf(event)}`;
    default:
      return stateOf(event);
  }
}

/** That a durable function passed a signal over; its wait did not fail. */
export function passedOver(
  { path, error }: ExecutionEvent,
): string | undefined {
  return parseServedPath(path)?.kind === "signal" ? error?.detail : undefined;
}

/** The execution that does the work, after a blank. */
function childOf(event: ExecutionEvent): string {
  const data = jsonOf(event);
  const id = isJsonObject(data) ? member(data, "executionId") : undefined;
  return typeof id === "string" ? ` (${id})` : "";
}

/** Why a sub-agent or a tool failed, whose failure is a result like another. */
export function failureIn(event: ExecutionEvent): string | undefined {
  const data = jsonOf(event);
  if (!isJsonObject(data) || !event.path.includes("/tool/")) return undefined;
  if (member(data, "isError") === true) {
    return fit(oneLine(String(member(data, "text"))), ERROR_WIDTH_MAX);
  }
  const phase = member(data, "phase");
  if (phase !== "FAILED" && phase !== "CANCELLED") return undefined;
  const failure = member(data, "failure") ?? null;
  const detail = isJsonObject(failure) ? member(failure, "detail") : undefined;
  return typeof detail === "string" ? detail : String(phase).toLowerCase();
}

/** What the run as a whole does now, where an event says so. */
export function stateOf(event: ExecutionEvent): string | undefined {
  switch (event.type) {
    case Type.EXECUTION_WAITING:
      return waitingText(event);
    case Type.EXECUTION_PAUSED:
      return "Paused";
    case Type.EXECUTION_CANCEL_REQUESTED:
      return "Cancelling";
    default:
      return undefined;
  }
}

function waitingText(event: ExecutionEvent): string {
  const data = jsonOf(event);
  if (typeof data === "string" && data !== "") return `Waiting for ${data}`;
  const named = isJsonObject(data) ? member(data, "waitingFor") : undefined;
  return typeof named === "string" && named !== ""
    ? `Waiting for ${named}`
    : "Waiting";
}

/** The type of the event that a task took, after a blank. */
function typeOf(event: ExecutionEvent): string {
  const data = jsonOf(event);
  const type = isJsonObject(data) ? member(data, "type") : undefined;
  return typeof type === "string" ? ` ${type}` : "";
}

/** Whether an event is of a task, and one of the journal. */
export function isTaskEvent(event: ExecutionEvent): boolean {
  return event.path !== "" && event.sequence !== 0;
}

/** What people call a task. */
export function labelOf(event: ExecutionEvent): string {
  return event.name || event.path || "Task";
}

/** The data of an event as JSON. */
export function jsonOf(event: ExecutionEvent): Json {
  return valueJson(event.data);
}

/** Reads a protobuf value as the JSON that it stands for. */
function valueJson(value: ExecutionEvent["data"]): Json {
  switch (value?.kind.case) {
    case "stringValue":
    case "numberValue":
    case "boolValue":
      return value.kind.value;
    case "listValue":
      return value.kind.value.values.map(valueJson);
    case "structValue":
      return Object.fromEntries(
        Object.entries(value.kind.value.fields).map((
          [key, it],
        ) => [key, valueJson(it)]),
      );
    default:
      return null;
  }
}
