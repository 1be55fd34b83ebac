/**
 * Prints what happened in an execution, task by task.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type TraceExecutionResponse,
  TraceExecutionResponseSchema,
} from "../../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  Phase,
  type TaskTrace,
  TaskTraceSchema,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import type { BackendClient } from "../../backend/open.ts";
import { failureText } from "../../model/failure_text.ts";
import { isJsonObject, type Json, member } from "../../model/json.ts";
import type { Ending } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { formatDuration } from "../duration.ts";
import { oneLine } from "../one_line.ts";
import { PIPE_WIDTH, pretty, printable, showJson } from "../view.ts";
import { fit } from "../width.ts";
import { dressPhase, idOf, phaseOf } from "./resource.ts";
import { type Placed, placesOf } from "./trace_tree.ts";
import { executionIdOf } from "./last.ts";

/** What a trace is asked for with. */
export interface TraceInput {
  readonly full: boolean;
  readonly children: boolean;
}

/** An execution with its tasks, and those that it started. */
interface Traced {
  readonly answer: TraceExecutionResponse;
  /** By their ids. */
  readonly children: ReadonlyMap<string, Traced>;
}

/** Executions inside one another that are descended into at the most. */
const DEPTH_MAX = 16;
/** Columns that a cut value keeps at the least. */
const VALUE_WIDTH_MIN = 20;
const STEP = "  ";

/** Prints the tasks of an execution. */
export async function showTrace(
  context: Context,
  word: string,
  input: TraceInput,
): Promise<Ending> {
  const { io } = context;
  await using backend = await openFor(context);
  const id = await executionIdOf(backend.client, word, context.signal);
  const traced = await traceOf(context, backend.client, {
    id,
    depth: input.children ? DEPTH_MAX : 0,
  });
  switch (io.format) {
    case "json":
    case "yaml":
      await showJson(context, jsonOf(traced));
      break;
    case "jsonl":
      for (const task of tasksOf(traced)) {
        io.data(JSON.stringify(toJson(TaskTraceSchema, task)));
      }
      break;
    case "name":
      for (const task of tasksOf(traced)) io.data(task.status?.path ?? "");
      break;
    case "table":
    case "wide":
      for (const line of linesOf(context, traced, { ...input, indent: "" })) {
        io.data(line);
      }
  }
  return "ok";
}

async function traceOf(
  context: Context,
  client: BackendClient,
  of: { readonly id: string; readonly depth: number },
): Promise<Traced> {
  const { id, depth } = of;
  const call = { signal: context.signal };
  const answer = await client.traceExecution({ id }, call);
  const children = new Map<string, Traced>();
  if (depth === 0) return { answer, children };
  for (const { status } of answer.tasks) {
    const child = status?.childExecutionId ?? "";
    if (child === "") continue;
    const inner = { id: child, depth: depth - 1 };
    children.set(child, await traceOf(context, client, inner));
  }
  return { answer, children };
}

/** The tasks of an execution, then those of each that it started. */
function tasksOf({ answer, children }: Traced): readonly TaskTrace[] {
  return [...answer.tasks, ...[...children.values()].flatMap(tasksOf)];
}

function jsonOf({ answer, children }: Traced): Json {
  const json: Json = toJson(TraceExecutionResponseSchema, answer);
  if (children.size === 0 || !isJsonObject(json)) return json;
  return { ...json, children: [...children.values()].map(jsonOf) };
}

interface Shape extends TraceInput {
  readonly indent: string;
}

function* linesOf(
  context: Context,
  traced: Traced,
  shape: Shape,
): Generator<string> {
  const { answer: { execution, tasks }, children } = traced;
  const { out } = context.io;
  if (execution !== undefined) {
    yield shape.indent +
      `${out.bold(oneLine(execution.spec?.resourceName ?? ""))} ` +
      `${dressPhase(phaseOf(execution), out)} ${out.dim(idOf(execution))}`;
  }
  for (const placed of placesOf(tasks)) {
    const indent = shape.indent + STEP.repeat(placed.depth + 1);
    yield* taskLines(context, placed, { ...shape, indent });
    const child = children.get(placed.task.status?.childExecutionId ?? "");
    if (child === undefined) continue;
    const inner = { ...shape, indent: indent + STEP };
    yield* linesOf(context, child, inner);
  }
}

function taskLines(
  context: Context,
  { task, label }: Placed,
  shape: Shape,
): readonly string[] {
  const { io, host } = context;
  const { status, tries } = task;
  if (status === undefined) return [];
  const nowMs = host.clock.now();
  const inner = shape.indent + STEP;
  const words = [
    io.out.bold(oneLine(label)),
    io.out.dim(status.kind),
    dressPhase(Phase[status.phase] ?? "", io.out),
    lengthOf(status, nowMs),
    ...(status.childExecutionId === ""
      ? []
      : [io.out.dim(status.childExecutionId)]),
    ...(io.format === "wide" ? [io.out.dim(status.path)] : []),
  ];
  const several = tries.length > 1
    ? tries.map((it) =>
      factLine(context, {
        name: `try ${it.attempt}`,
        text: `${lengthOf(it, nowMs)} ${failureText(it.error)}`.trim(),
        shape: { ...shape, indent: inner },
      })
    )
    : [];
  return [
    shape.indent + words.filter((it) => it !== "").join("  "),
    ...valueLine(context, task, { key: "input", shape, indent: inner }),
    ...(status.rule === "" ? [] : [factLine(context, {
      name: "rule",
      text: status.rule,
      shape: { ...shape, indent: inner },
    })]),
    ...several,
    ...valueLine(context, task, { key: "output", shape, indent: inner }),
    ...(task.valuesLeftOut
      ? [`${inner}${io.out.dim("input and output left out: too large")}`]
      : []),
    ...(status.error === undefined ? [] : [factLine(context, {
      name: "error",
      text: failureText(status.error),
      shape: { ...shape, indent: inner },
    })]),
  ];
}

/** A value that a task was given or gave; nothing where there is none. */
function valueLine(
  context: Context,
  task: TaskTrace,
  of: {
    readonly key: "input" | "output";
    readonly shape: Shape;
    readonly indent: string;
  },
): readonly string[] {
  const { key, shape, indent } = of;
  if (task[key] === undefined) return [];
  const json: Json = toJson(TaskTraceSchema, task);
  const value = isJsonObject(json) ? member(json, key) ?? null : null;
  const isWhole = shape.full || context.io.format === "wide";
  const text = typeof value === "string"
    ? value
    : isWhole
    ? pretty(value)
    : JSON.stringify(value);
  return [factLine(context, { name: key, text, shape: { ...shape, indent } })];
}

function factLine(
  { io }: Context,
  of: { readonly name: string; readonly text: string; readonly shape: Shape },
): string {
  const { name, text, shape: { indent, full } } = of;
  const start = `${indent}${name}: `;
  if (full || io.format === "wide") {
    const lines = printable(text).trimEnd();
    return start + lines.replaceAll("\n", `\n${" ".repeat(start.length)}`);
  }
  const width = Math.max(
    VALUE_WIDTH_MIN,
    (io.columns ?? PIPE_WIDTH) - start.length,
  );
  return start + fit(oneLine(text), width);
}

function lengthOf(
  of: {
    readonly startedAt?: Timestamp | undefined;
    readonly completedAt?: Timestamp | undefined;
  },
  nowMs: number,
): string {
  if (of.startedAt === undefined) return "";
  const endMs = of.completedAt === undefined
    ? nowMs
    : timestampMs(of.completedAt);
  return formatDuration(endMs - timestampMs(of.startedAt));
}
