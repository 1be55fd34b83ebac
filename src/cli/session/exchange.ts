/**
 * One message of a conversation with all that came of it: what the model said,
 * what it called, what that gave, and what it used.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import type { TraceExecutionResponse } from "../../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  type Execution,
  type TaskTrace,
  type Usage,
  UsageSchema,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { failureText } from "../../model/failure_text.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../../model/json.ts";
import { jsonOfValue } from "../../backend/proto_json.ts";
import { saidIn } from "../agent/transcript.ts";
import { usageText } from "../execution/usage_text.ts";
import { pretty, printable } from "../view.ts";

/** A call that a model asked for, and what came of it. */
interface Call {
  readonly id: string;
  readonly name: string;
  readonly arguments: Json;
  readonly result?: Json;
  readonly error?: string;
  /** The execution of a sub-agent. */
  readonly executionId?: string;
}

/** What a model said in one turn. */
interface Turn {
  readonly text: string;
  readonly model: string;
  readonly usage?: Json;
  readonly calls: readonly Call[];
}

/** One message and all that came of it. */
export interface Exchange {
  readonly executionId: string;
  readonly sessionId: string;
  readonly agent: string;
  readonly at: string;
  readonly phase: string;
  readonly message: string;
  readonly turns: readonly Turn[];
  readonly answer: string;
  readonly usage: Usage | undefined;
}

/** Reads an exchange from the trace of its execution. */
export function exchangeOf(
  execution: Execution,
  { tasks }: Pick<TraceExecutionResponse, "tasks">,
): Exchange {
  const { spec, status } = execution;
  const { executionId, message, phase, answer } = saidIn(execution);
  const byPath = new Map(tasks.map((it) => [it.status?.path ?? "", it]));
  return {
    executionId,
    sessionId: spec?.sessionId ?? "",
    agent: spec?.resourceName ?? "",
    at: timeText(status?.audit?.createdAt),
    phase,
    message,
    turns: tasks.filter((it) => it.status?.kind === "model turn")
      .map((it) => turnOf(it, byPath)),
    answer,
    usage: status?.usage,
  };
}

/** Writes an exchange as JSON. */
export function exchangeJson(exchange: Exchange): JsonObject {
  const { usage, turns, ...rest } = exchange;
  return {
    ...rest,
    turns: turns.map(({ calls, ...turn }) => ({
      ...turn,
      calls: calls.map((it) => ({ ...it })),
    })),
    ...(usage === undefined ? {} : { usage: toJson(UsageSchema, usage) }),
  };
}

/** Writes an exchange as Markdown. */
export function exchangeText(exchange: Exchange): string {
  const { at, executionId, message, turns, phase, answer, usage } = exchange;
  const outcome = phase === "COMPLETED" ? answer : `*${phase}* ${answer}`;
  const parts = [
    `## ${at} ${executionId}`,
    "**You**",
    message.trim(),
    // What was said last is the answer.
    ...turns.flatMap(({ text, calls }) =>
      calls.length === 0
        ? []
        : [...(text.trim() === "" ? [] : [text.trim()]), ...calls.map(callText)]
    ),
    `**${exchange.agent}**`,
    outcome.trim(),
    ...(usage === undefined ? [] : [`*${usageText(usage)}*`]),
  ];
  return `${parts.map(printable).join("\n\n")}\n`;
}

function turnOf(
  task: TaskTrace,
  byPath: ReadonlyMap<string, TaskTrace>,
): Turn {
  const { status } = task;
  const output = outputOf(task);
  const calls = member(output, "toolCalls");
  return {
    text: textMember(output, "text"),
    model: status?.model ?? "",
    ...(status?.usage === undefined
      ? {}
      : { usage: toJson(UsageSchema, status.usage) }),
    calls: (Array.isArray(calls) ? calls : []).map((it) => {
      const call = isJsonObject(it) ? it : {};
      const id = textMember(call, "id");
      return callOf(call, byPath.get(`${status?.path}/tool/${id}`));
    }),
  };
}

function callOf(call: JsonObject, task: TaskTrace | undefined): Call {
  const { error, childExecutionId = "" } = task?.status ?? {};
  return {
    id: textMember(call, "id"),
    name: textMember(call, "name"),
    arguments: member(call, "arguments") ?? null,
    ...(task?.output === undefined ? {} : { result: resultOf(task) }),
    ...(error === undefined ? {} : { error: failureText(error) }),
    ...(childExecutionId === "" ? {} : { executionId: childExecutionId }),
  };
}

function resultOf({ output }: TaskTrace): Json {
  return jsonOfValue(output, { absent: null, what: "a result" });
}

function outputOf(task: TaskTrace): JsonObject {
  const output = resultOf(task);
  return isJsonObject(output) ? output : {};
}

function callText({ name, arguments: given, result, error }: Call): string {
  const came = error ?? (result === undefined ? "" : textOf(result));
  const lines = [
    `Called \`${name}\` with \`${JSON.stringify(given)}\`:`,
    ...(came === "" ? [] : ["", fenced(came.trimEnd())]),
  ];
  return lines.join("\n");
}

/** A block of text, with a longer fence than any in it. */
function fenced(text: string): string {
  const longest = [...text.matchAll(/`{3,}/g)]
    .reduce((length, [it]) => Math.max(length, it.length), 2);
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

function textOf(result: Json): string {
  if (typeof result === "string") return result;
  const text = isJsonObject(result) ? member(result, "text") : undefined;
  return typeof text === "string" ? text : pretty(result);
}

function textMember(object: JsonObject, key: string): string {
  const value = member(object, key);
  return typeof value === "string" ? value : "";
}

function timeText(time: Timestamp | undefined): string {
  return time === undefined ? "" : new Date(timestampMs(time)).toISOString();
}
