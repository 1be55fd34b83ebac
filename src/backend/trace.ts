/**
 * All that is known of the tasks of an execution: what each was given and
 * gave, and its tries, folded anew from the journal.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type TaskTrace,
  TaskTraceSchema,
  type TaskTry,
  TaskTrySchema,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { JournalEvent, Machine, TaskView } from "../model/durable.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import { type Failure, failureFromJson } from "../model/failure.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import { roughSize } from "../model/json_size.ts";
import type { ServiceDeps } from "./deps.ts";
import { errorMessage, taskMessage } from "./execution_message.ts";
import { takenEvents } from "./journal_now.ts";
import { createLoadProgram } from "./programs.ts";
import { readableMessage } from "./proto_json.ts";
import { shownEvent, shownTask, shownValue } from "./shown.ts";

/** One try of a task, as far as the journal tells. */
interface Try {
  readonly attempt: number;
  readonly startedAtMs: number;
  readonly completedAtMs?: number;
  readonly failure?: Failure;
}

/** What the journal tells of tasks, by their paths. */
interface Notes {
  /** What effects were given. */
  readonly inputs: Map<string, Json>;
  /** What effects gave. */
  readonly outputs: Map<string, Json>;
  readonly tries: Map<string, Map<number, Try>>;
}

/** Characters of all inputs and outputs of a trace at the most. */
export const TRACE_VALUES_MAX: number = 8 * 1024 * 1024;

/**
 * Folds the journal of an execution with all that passes through its tasks;
 * where that is too much, with what passed through the last ones.
 *
 * @throws {StigmerError} When what it ran cannot be read any more.
 */
export async function traceOf(
  deps: ServiceDeps,
  record: ExecutionRecord,
): Promise<readonly TaskTrace[]> {
  const load = createLoadProgram(deps, { toRun: false });
  const machine = (await load(record)).createMachine({ traced: true });
  const notes: Notes = {
    inputs: new Map(),
    outputs: new Map(),
    tries: new Map(),
  };
  let last: JournalEvent | undefined;
  const take = (event: JournalEvent, next?: JournalEvent): void => {
    machine.apply(event);
    // What a run began at its end came to nothing; where its time was over, it
    // would be computed again.
    if (next?.type !== "EXECUTION_FAILED") noteInputs(notes, machine, record);
    noteEvent(notes, shownEvent(record, event));
  };
  takenEvents(deps.store.database, record.id, (event) => {
    if (last !== undefined) take(last, event);
    last = event;
  });
  if (last !== undefined) take(last);
  const room = { left: TRACE_VALUES_MAX };
  return machine.tasks().toReversed()
    .map((view) => traceMessage(shownTask(record, view), notes, room))
    .toReversed();
}

/** Notes what effects are asked for with; what needs secrets stays unknown. */
function noteInputs(
  { inputs }: Notes,
  machine: Machine,
  record: ExecutionRecord,
): void {
  const decision = machine.decide();
  if (decision.kind !== "blocked") return;
  for (const command of decision.commands) {
    if (command.kind !== "run" || command.request.reveal !== undefined) {
      continue;
    }
    inputs.set(command.path, shownValue(record, command.request.input));
  }
}

function noteEvent(notes: Notes, event: JournalEvent): void {
  switch (event.type) {
    case "TASK_STARTED":
      return noteTry(notes, event, {});
    case "TASK_COMPLETED":
      notes.outputs.set(event.path, event.data);
      return noteTry(notes, event, { completedAtMs: event.timeMs });
    case "TASK_CANCELLED":
      return noteTry(notes, event, { completedAtMs: event.timeMs });
    case "TASK_FAILED":
    case "TASK_RETRYING":
      return noteTry(notes, event, {
        completedAtMs: event.timeMs,
        failure: failureOf(event),
      });
    case "TIMER_FIRED":
      return noteRetry(notes, event);
    default:
  }
}

function failureOf({ type, data }: JournalEvent): Failure {
  const failure = type === "TASK_RETRYING" && isJsonObject(data)
    ? member(data, "failure")
    : data;
  return failureFromJson(failure ?? null);
}

function noteTry(
  { tries }: Notes,
  { path, attempt, timeMs }: JournalEvent,
  more: Pick<Try, "completedAtMs" | "failure">,
): void {
  const known = tries.get(path) ?? new Map<number, Try>();
  tries.set(path, known);
  const before = known.get(attempt) ?? { attempt, startedAtMs: timeMs };
  // A retry repeats the failure that it follows.
  if (before.completedAtMs !== undefined && more.failure !== undefined) return;
  known.set(attempt, { ...before, ...more });
}

/** The end of the wait before a further try is when that begins. */
function noteRetry(notes: Notes, event: JournalEvent): void {
  if (!event.path.endsWith(RETRY_SUFFIX)) return;
  const path = event.path.slice(0, -RETRY_SUFFIX.length);
  if (!notes.tries.has(path)) return;
  noteTry(notes, { ...event, path, attempt: event.attempt + 1 }, {});
}

const RETRY_SUFFIX = "/retry";

function traceMessage(
  view: TaskView,
  notes: Notes,
  room: { left: number },
): TaskTrace {
  const input = view.input ?? notes.inputs.get(view.path);
  const output = view.phase === "COMPLETED"
    ? view.output ?? notes.outputs.get(view.path)
    : undefined;
  const told = {
    status: taskMessage(view),
    tries: triesOf(view, notes).map(tryMessage),
  };
  const isAny = input !== undefined || output !== undefined;
  if (isAny && !takesRoom(room, [input ?? null, output ?? null])) {
    return create(TaskTraceSchema, { ...told, valuesLeftOut: true });
  }
  return create(TaskTraceSchema, {
    ...told,
    ...(input === undefined ? {} : { input: readableMessage(input) }),
    ...(output === undefined ? {} : { output: readableMessage(output) }),
  });
}

/** Takes room for values; once some do not fit, nothing does any more. */
function takesRoom(room: { left: number }, values: readonly Json[]): boolean {
  const size = roughSize(values, room.left);
  const fits = size < room.left;
  room.left = fits ? room.left - size : 0;
  return fits;
}

/** The tries of a task; the first begins with the task itself. */
function triesOf(view: TaskView, notes: Notes): readonly Try[] {
  const known = [...notes.tries.get(view.path)?.values() ?? []]
    .toSorted((a, b) => a.attempt - b.attempt);
  return known.map((it) => ({
    ...it,
    startedAtMs: it.attempt === 1
      ? Math.min(it.startedAtMs, view.startedAtMs)
      : it.startedAtMs,
    ...(it === known.at(-1) ? endOf(view, it) : {}),
  }));
}

/** A try whose end is that of its task is not told of by itself. */
function endOf(
  { completedAtMs, failure }: TaskView,
  last: Try,
): Pick<Try, "completedAtMs" | "failure"> {
  if (last.completedAtMs !== undefined || completedAtMs === undefined) {
    return {};
  }
  return { completedAtMs, ...(failure === undefined ? {} : { failure }) };
}

function tryMessage(it: Try): TaskTry {
  const { attempt, startedAtMs, completedAtMs, failure } = it;
  return create(TaskTrySchema, {
    attempt,
    startedAt: timestampFromMs(startedAtMs),
    ...(completedAtMs === undefined
      ? {}
      : { completedAt: timestampFromMs(completedAtMs) }),
    ...(failure === undefined ? {} : { error: errorMessage(failure) }),
  });
}
