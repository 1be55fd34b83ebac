/**
 * Executions: how they are listed and shown.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type Execution,
  ExecutionSchema,
  Phase,
  type TaskStatus,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import type { Backend } from "../../backend/open.ts";
import { notFound } from "../../model/error.ts";
import { failureText } from "../../model/failure_text.ts";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { isProgramWait, programWait } from "../../model/turn_wait.ts";
import { limitsText } from "../agent/limits_text.ts";
import type { Context } from "../context.ts";
import { type Door, doorOf } from "../door.ts";
import { formatDuration } from "../duration.ts";
import { renderTable } from "../table.ts";
import type { Style } from "../style.ts";
import { approvalWord } from "./approval_mode.ts";
import { questionsOf, questionText } from "./questions.ts";
import { taskTokens, usageText } from "./usage_text.ts";
import {
  ageOf,
  labelsFact,
  pretty,
  printable,
  timeFact,
  type View,
} from "../view.ts";
import { executionIdOf } from "./last.ts";

/** How executions are shown. */
export const EXECUTION_VIEW: View<Execution> = {
  columns: [
    { header: "ID", whole: true, value: idOf },
    { header: "KIND", spare: 4, value: kindOf },
    { header: "NAME", value: (it) => it.spec?.resourceName ?? "" },
    { header: "PHASE", value: phaseOf },
    { header: "DURATION", right: true, spare: 3, value: durationOf },
    {
      header: "AGE",
      right: true,
      spare: 2,
      value: (it, nowMs) => ageOf(it.status?.audit?.createdAt, nowMs),
    },
    { header: "SESSION", wide: true, value: (it) => it.spec?.sessionId ?? "" },
    {
      header: "PARENT",
      wide: true,
      value: (it) => it.spec?.parentExecutionId ?? "",
    },
    {
      header: "WAITS FOR",
      wide: true,
      value: (it) => it.status?.waitingFor ?? "",
    },
    {
      header: "ERROR",
      wide: true,
      value: (it) => failureText(it.status?.error),
    },
  ],
  identify: idOf,
  json: (it) => toJson(ExecutionSchema, it),
  describe: (it, nowMs) => [
    ["Id", idOf(it)],
    [kindOf(it) === "agent" ? "Agent" : "Workflow", runsOf(it)],
    ["Phase", phaseOf(it)],
    ["Waits for", waitOf(it)],
    ["Due", timeFact(it.status?.dueAt, nowMs)],
    ["Session", it.spec?.sessionId ?? ""],
    ["Parent", it.spec?.parentExecutionId ?? ""],
    ["Started by", it.spec?.startedByExecutionId ?? ""],
    ["Scheduled", timeFact(it.spec?.scheduledAt, nowMs)],
    ["Retry of", it.spec?.retryOf ?? ""],
    ["Model", it.spec?.model ?? ""],
    ["Approval", approvalWord(it.spec?.approval)],
    ["Limits", limitsText(it.spec?.limits)],
    ["Labels", labelsFact(it.metadata?.labels ?? {})],
    ["Created", timeFact(it.status?.audit?.createdAt, nowMs)],
    ["Started", timeFact(it.status?.startedAt, nowMs)],
    ["Ended", timeFact(it.status?.completedAt, nowMs)],
    ["Duration", durationOf(it, nowMs)],
    ["Journal", removedFact(it, nowMs)],
    ["Usage", usageOf(it)],
    ["Message", it.spec?.message ?? "", "cut"],
    ["Input", valueFact(it, "input"), "cut"],
    ["Error", errorOf(it)],
    ["Output", valueFact(it, "output"), "cut"],
  ],
  appendix: questionsAndTasks,
};

/** The verbs of executions. */
export const EXECUTIONS: Door = doorOf<Execution>({
  noun: "execution",
  view: EXECUTION_VIEW,
  async list(client, { page, labels }, call) {
    const answer = await client.listExecutions({
      page,
      ...(labels === undefined ? {} : { labels: { match: labels } }),
    }, call);
    return { items: answer.executions, nextPageToken: answer.nextPageToken };
  },
  async get(client, word, call) {
    const id = await executionIdOf(client, word, call.signal);
    const { execution } = await client.getExecution({ id }, call);
    if (execution === undefined) throw notFound("execution", id);
    return execution;
  },
});

/** Names a phase. */
export function phaseOf(execution: Execution): string {
  return Phase[execution.status?.phase ?? 0] ?? "";
}

/** The id of an execution. */
export function idOf(execution: Execution): string {
  return execution.metadata?.id ?? "";
}

function kindOf(execution: Execution): string {
  return execution.kind === "AgentExecution" ? "agent" : "workflow";
}

function runsOf({ spec }: Execution): string {
  if (spec === undefined) return "";
  if (spec.resourceId !== "") {
    return `${spec.resourceName} (${spec.resourceId})`;
  }
  const origin = spec.subAgent === "" ? "from a file" : "a sub-agent";
  return `${spec.resourceName} (${origin})`;
}

/** What it waits for; when that is who goes on with it, how to be that. */
function waitOf(execution: Execution): string {
  const waitingFor = execution.status?.waitingFor ?? "";
  return isLeft(execution)
    ? `${waitingFor}: stigmer execution resume ${idOf(execution)}`
    : waitingFor;
}

/** Says whether an execution could go on, and nobody goes on with it. */
export function isLeft({ status }: Execution): boolean {
  return status?.waitingFor.startsWith("a worker, ") ?? false;
}

/** The program that alone runs it, in words; of a durable function. */
export function programOf(
  { spec, status }: Execution,
): string | undefined {
  const waitingFor = status?.waitingFor ?? "";
  if (isProgramWait(waitingFor)) return printable(waitingFor);
  const isServed = status?.tasks.some(({ kind }) => kind === "call typescript");
  return isServed === true
    ? printable(programWait(spec?.resourceName ?? ""))
    : undefined;
}

/** Says who goes on with what was left to others. */
export function takenBy(type: Backend["type"], execution: Execution): string {
  const program = programOf(execution);
  if (program !== undefined) {
    return `It is taken by ${program}, and by nothing else`;
  }
  const id = idOf(execution);
  return type === "local"
    ? "A worker takes it from here: stigmer worker"
    : `The server runs it, follow it with: stigmer execution watch ${id}`;
}

/** Says why a run does not begin or go on, and how it would. */
export function unrunText(
  type: Backend["type"],
  { id, state }: { readonly id: string; readonly state: string },
): string {
  return type === "local"
    ? `${id} ${state}, but no worker runs it. Start one with ` +
      `"stigmer worker", or go on with it here: stigmer execution resume ${id}`
    : `${id} ${state}, but the server does not run it now: it has all the ` +
      "work that it may have at once, or none (stigmer server --workers)";
}

function durationOf(execution: Execution, nowMs: number): string {
  const { status } = execution;
  if (status?.startedAt === undefined) return "";
  // Nobody knows when it stopped, and it does not get longer. What was answered
  // waits for longer still.
  if (isLeft(execution) && status.phase === Phase.RUNNING) return "";
  const endMs = status.completedAt === undefined
    ? nowMs
    : timestampMs(status.completedAt);
  return formatDuration(endMs - timestampMs(status.startedAt));
}

function removedFact({ status }: Execution, nowMs: number): string {
  const removed = timeFact(status?.journalRemovedAt, nowMs);
  return removed === "" ? "" : `removed ${removed}`;
}

function usageOf({ status }: Execution): string {
  return status?.usage === undefined ? "" : usageText(status.usage);
}

function errorOf({ status }: Execution): string {
  const error = status?.error;
  if (error === undefined) return "";
  const text = failureText(error);
  // "Cancelled: Enough" says all that "Cancelled" does.
  const isTold = text === error.title || text.startsWith(`${error.title}: `);
  const { instance } = error;
  const facts = [
    isTold ? "" : `Kind: ${error.title}`,
    instance === "" ? "" : isTold ? `At: ${instance}` : `at ${instance}`,
  ].filter((it) => it !== "").join(" ");
  return facts === "" ? text : `${text}\n${facts}`;
}

function valueFact(execution: Execution, which: "input" | "output"): string {
  const message = which === "input"
    ? execution.spec?.input
    : execution.status?.output;
  if (message === undefined) return "";
  const value = valueOf(execution, which);
  // What was run without input has an empty one.
  if (which === "input" && isJsonObject(value) && isEmpty(value)) return "";
  return typeof value === "string" ? value : pretty(value);
}

function isEmpty(object: JsonObject): boolean {
  return Object.keys(object).length === 0;
}

/** Reads the input or the output of an execution as JSON. */
export function valueOf(
  execution: Execution,
  which: "input" | "output",
): Json {
  const json = toJson(ExecutionSchema, execution);
  const value = which === "input" ? json.spec?.input : json.status?.output;
  return value ?? null;
}

async function questionsAndTasks(
  execution: Execution,
  context: Context,
): Promise<string> {
  const { wrap } = await import("../wrap.ts");
  const questions = questionsOf(execution).map((it) =>
    wrap(questionText(it, context.io.out), context.io.columns)
  );
  const tasks = await taskTable(execution, context);
  return [...questions, tasks].filter((it) => it !== "").join("\n\n");
}

async function taskTable(
  execution: Execution,
  context: Context,
): Promise<string> {
  const { io, host } = context;
  const tasks = execution.status?.tasks ?? [];
  if (tasks.length === 0) return "";
  const nowMs = host.clock.now();
  const asksModels = tasks.some(({ usage }) => usage !== undefined);
  const hasModels = tasks.some(({ model }) => model !== "");
  const hasChildren = tasks.some((it) => it.childExecutionId !== "");
  const hasCalls = tasks.some(({ call }) => call !== "");
  const hasRules = tasks.some(({ rule }) => rule !== "");
  const rows = tasks.map((task) => [
    task.path,
    task.kind,
    ...(hasCalls ? [task.call] : []),
    ...(hasChildren ? [task.childExecutionId] : []),
    Phase[task.phase] ?? "",
    `${task.attempts}`,
    taskDuration(task, isLeft(execution) ? undefined : nowMs),
    ...(asksModels ? [taskTokens(task.usage)] : []),
    ...(hasModels ? [task.model] : []),
    ...(hasRules ? [task.rule] : []),
    failureText(task.error),
  ]);
  return await renderTable(
    [
      { header: "TASK" },
      { header: "KIND", spare: 3 },
      ...(hasCalls ? [{ header: "CALL" }] : []),
      ...(hasChildren ? [{ header: "EXECUTION", spare: 2 }] : []),
      { header: "PHASE" },
      { header: "ATTEMPTS", right: true, spare: 2 },
      { header: "DURATION", right: true, spare: 1 },
      ...(asksModels ? [{ header: "TOKENS", right: true, spare: 4 }] : []),
      ...(hasModels ? [{ header: "MODEL", spare: 5 }] : []),
      ...(hasRules ? [{ header: "RULE" }] : []),
      { header: "ERROR" },
    ],
    rows,
    { columns: io.columns, style: io.out },
  );
}

/** How long a task took, up to now when it has not ended. */
function taskDuration(task: TaskStatus, nowMs: number | undefined): string {
  if (task.startedAt === undefined) return "";
  const endMs = task.completedAt === undefined
    ? nowMs
    : timestampMs(task.completedAt);
  if (endMs === undefined) return "";
  return formatDuration(endMs - timestampMs(task.startedAt));
}

/** Dresses a phase by what it means. */
export function dressPhase(phase: string, style: Style): string {
  switch (phase) {
    case "COMPLETED":
      return style.green(phase);
    case "FAILED":
      return style.red(phase);
    case "CANCELLED":
    case "PAUSED":
    case "WAITING":
      return style.yellow(phase);
    default:
      return phase;
  }
}
