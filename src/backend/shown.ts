/**
 * Executions without what stands for secrets in their data: whoever reads
 * them sees `***` for it.
 *
 * @module
 */

import type { JournalEvent, TaskView } from "../model/durable.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import {
  type Failure,
  failureFromJson,
  failureToJson,
} from "../model/failure.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { hideReferences } from "../model/sealed.ts";

/** An execution, or what is known of it. */
type Marked = Pick<ExecutionRecord, "sealMark">;

/** The value as it is shown. */
export function shownValue({ sealMark = "" }: Marked, value: Json): Json {
  return hideReferences(value, sealMark);
}

/** The failure as it is shown. */
export function shownFailure(of: Marked, failure: Failure): Failure {
  if (of.sealMark === undefined) return failure;
  return failureFromJson(shownValue(of, failureToJson(failure)));
}

/** The execution as it is shown. */
export function shownRecord(record: ExecutionRecord): ExecutionRecord {
  if (record.sealMark === undefined) return record;
  const { spec, input, output, failure, waitingFor } = record;
  return {
    ...record,
    spec: shownObject(record, spec),
    input: shownValue(record, input),
    ...(output === undefined ? {} : { output: shownValue(record, output) }),
    ...(failure === undefined
      ? {}
      : { failure: shownFailure(record, failure) }),
    ...(waitingFor === undefined
      ? {}
      : { waitingFor: shownText(record, waitingFor) }),
  };
}

/** The event as it is shown. */
export function shownEvent(of: Marked, event: JournalEvent): JournalEvent {
  if (of.sealMark === undefined) return event;
  return { ...event, data: shownValue(of, event.data) };
}

/** How a task stands, as it is shown. */
export function shownTask(of: Marked, task: TaskView): TaskView {
  if (of.sealMark === undefined) return task;
  const { failure, human, input, output } = task;
  return {
    ...task,
    ...(failure === undefined ? {} : { failure: shownFailure(of, failure) }),
    ...(human === undefined
      ? {}
      : { human: { ...human, prompt: shownText(of, human.prompt) } }),
    ...(input === undefined ? {} : { input: shownValue(of, input) }),
    ...(output === undefined ? {} : { output: shownValue(of, output) }),
  };
}

/** The text as it is shown. */
export function shownText(of: Marked, text: string): string {
  const shown = shownValue(of, text);
  return typeof shown === "string" ? shown : text;
}

function shownObject(of: Marked, object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, it]) => [key, shownValue(of, it)]),
  );
}
