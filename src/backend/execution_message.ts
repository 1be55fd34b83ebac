/**
 * Executions and their journal in the words of the contract.
 *
 * @module
 */

import { create, fromJson } from "@bufbuild/protobuf";
import { type Timestamp, timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Execution,
  type ExecutionError,
  ExecutionErrorSchema,
  type ExecutionEvent,
  ExecutionEvent_Type,
  ExecutionEventSchema,
  ExecutionSchema,
  ExecutionSpecSchema,
  ExecutionStatusSchema,
  type HumanRequest as HumanRequestMessage,
  HumanRequestSchema,
  Phase,
  type TaskStatus,
  TaskStatusSchema,
  ToolCallQuestionSchema,
  type Usage,
  UsageSchema,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { HumanRequest, JournalEvent, TaskView } from "../model/durable.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import { type Failure, failureFromJson } from "../model/failure.ts";
import { AUTOMATIC_KEY_PREFIX } from "../model/idempotency_key.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { API_VERSION } from "../model/kind.ts";
import type { PhaseName } from "../model/phase.ts";
import type { ModelUsage } from "../model/usage.ts";
import { readableMessage, toProtoJson } from "./proto_json.ts";
import { shownRecord, shownTask } from "./shown.ts";

/** What a machine knows of an execution beyond its record. */
export interface ExecutionDetail {
  readonly tasks: readonly TaskView[];
  readonly usage?: ModelUsage;
}

/** Writes a stored execution as the contract's message. */
export function executionMessage(
  stored: ExecutionRecord,
  detail: ExecutionDetail = { tasks: [] },
): Execution {
  const record = shownRecord(stored);
  const { failure, output } = record;
  const usage = detail.usage ?? record.usage;
  return create(ExecutionSchema, {
    apiVersion: API_VERSION,
    kind: record.kind,
    metadata: {
      name: record.name,
      slug: record.id,
      id: record.id,
      labels: { ...record.labels },
    },
    spec: fromJson(ExecutionSpecSchema, toProtoJson(shownSpec(record.spec))),
    status: create(ExecutionStatusSchema, {
      phase: Phase[record.phase],
      tasks: detail.tasks.map((it) => taskMessage(shownTask(stored, it))),
      waitingFor: record.waitingFor ?? "",
      lastSequence: record.lastSequence,
      audit: {
        createdAt: timestampFromMs(record.createdAtMs),
        createdBy: record.createdBy,
        updatedAt: timestampFromMs(record.updatedAtMs),
        updatedBy: record.createdBy,
      },
      ...timestamps({
        startedAt: record.startedAtMs,
        completedAt: record.completedAtMs,
        dueAt: record.dueAtMs,
        journalRemovedAt: record.journalRemovedAtMs,
      }),
      ...(output === undefined ? {} : { output: readableMessage(output) }),
      ...(failure === undefined ? {} : { error: errorMessage(failure) }),
      ...(usage === undefined ? {} : { usage: usageMessage(usage) }),
    }),
  });
}

/** Writes an event of the journal as the contract's message. */
export function eventMessage(event: JournalEvent): ExecutionEvent {
  const { type, data } = event;
  const failed = type === "TASK_FAILED" || type === "EXECUTION_FAILED" ||
    type === "EXECUTION_CANCELLED";
  const retried = type === "TASK_RETRYING" && isJsonObject(data)
    ? member(data, "failure")
    : undefined;
  const failure = failed && isJsonObject(data) ? data : retried;
  return create(ExecutionEventSchema, {
    sequence: event.sequence,
    time: timestampFromMs(event.timeMs),
    type: ExecutionEvent_Type[type],
    path: event.path,
    name: event.name,
    attempt: event.attempt,
    ...(failure === undefined
      ? {}
      : { error: errorMessage(failureFromJson(failure)) }),
    ...(failed ? {} : { data: readableMessage(eventData(event)) }),
  });
}

/** What an event carries, with its times as people read them. */
function eventData(event: JournalEvent): Json {
  const { data, type } = event;
  if (!isJsonObject(data)) return data;
  switch (type) {
    case "TIMER_SET":
      return renamedTime(data, { from: "dueAtMs", to: "dueAt" });
    case "TASK_RETRYING":
      return renamedTime(
        { nextAttemptAtMs: data["nextAttemptAtMs"] ?? 0 },
        { from: "nextAttemptAtMs", to: "nextAttemptAt" },
      );
    default:
      return data;
  }
}

function renamedTime(
  data: { readonly [key: string]: Json },
  names: { readonly from: string; readonly to: string },
): Json {
  const { [names.from]: timeMs, ...rest } = data;
  if (typeof timeMs !== "number") return data;
  return { ...rest, [names.to]: new Date(timeMs).toISOString() };
}

/** Writes a failure as the contract's error. */
export function errorMessage(failure: Failure): ExecutionError {
  return create(ExecutionErrorSchema, { ...failure });
}

/** Writes how a task stands as the contract's message. */
export function taskMessage(task: TaskView): TaskStatus {
  return create(TaskStatusSchema, {
    path: task.path,
    pointer: task.pointer ?? "",
    name: task.name,
    kind: task.kind,
    phase: Phase[task.phase],
    attempts: task.attempts,
    childExecutionId: task.childExecutionId ?? "",
    model: task.model ?? "",
    call: task.call ?? "",
    rule: task.rule ?? "",
    ...(task.usage === undefined ? {} : { usage: usageMessage(task.usage) }),
    ...timestamps({
      startedAt: task.startedAtMs,
      completedAt: task.completedAtMs,
    }),
    ...(task.failure === undefined
      ? {}
      : { error: errorMessage(task.failure) }),
    ...(task.human === undefined ? {} : { human: humanMessage(task.human) }),
  });
}

function humanMessage(asked: HumanRequest): HumanRequestMessage {
  const { prompt, outcomes, schema, dueAtMs } = asked;
  const message = create(HumanRequestSchema, {
    prompt,
    outcomes: [...outcomes],
    ...timestamps({ dueAt: dueAtMs }),
  });
  if (isJsonObject(schema)) message.schema = JSON.parse(JSON.stringify(schema));
  const { toolCall } = asked;
  if (toolCall !== undefined) {
    message.toolCall = create(ToolCallQuestionSchema, {
      ...toolCall,
      // A `Struct` of the contract is plain JSON.
      arguments: JSON.parse(JSON.stringify(toolCall.arguments)),
    });
  }
  return message;
}

function usageMessage(usage: ModelUsage): Usage {
  return create(UsageSchema, { ...usage });
}

/** The times that are set, as timestamps. */
function timestamps<K extends string>(
  times: Readonly<Record<K, number | undefined>>,
): Partial<Record<K, Timestamp>> {
  const set: Partial<Record<K, Timestamp>> = {};
  for (const name in times) {
    const timeMs = times[name];
    if (timeMs !== undefined) set[name] = timestampFromMs(timeMs);
  }
  return set;
}

/** The name of a phase of the contract. */
export function phaseName(phase: Phase): PhaseName | undefined {
  switch (phase) {
    case Phase.PHASE_UNSPECIFIED:
      return undefined;
    case Phase.PENDING:
      return "PENDING";
    case Phase.RUNNING:
      return "RUNNING";
    case Phase.COMPLETED:
      return "COMPLETED";
    case Phase.FAILED:
      return "FAILED";
    case Phase.CANCELLED:
      return "CANCELLED";
    case Phase.PAUSED:
      return "PAUSED";
    case Phase.WAITING:
      return "WAITING";
    case Phase.SKIPPED:
      return "SKIPPED";
  }
}

/** The spec without the key that a client made up for its own repeats. */
function shownSpec(spec: JsonObject): JsonObject {
  const { idempotencyKey, ...rest } = spec;
  return typeof idempotencyKey === "string" &&
      idempotencyKey.startsWith(AUTOMATIC_KEY_PREFIX)
    ? rest
    : spec;
}
