/**
 * What a backend is doing now: what runs and waits, at which task, what it
 * uses, and what the last hour was.
 *
 * @module
 */

import { timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type Execution,
  Phase,
  type Usage,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { failureText } from "../model/failure_text.ts";
import { isOver } from "./execution/run_tree.ts";
import { isLeft } from "./execution/resource.ts";

/** How an overview may be sorted. */
export const SORTS = ["age", "name", "phase", "tokens", "cost"] as const;
/** One of the ways in which an overview is sorted. */
export type Sort = typeof SORTS[number];

/** Names of tasks inside one another that are shown, the innermost ones. */
const NAMES_MAX = 2;
/** Executions inside one another that are descended into at the most. */
const DEPTH_MAX = 8;

/** What was got to make an overview of. */
export interface Gathered {
  /** What has not ended, inside of others as well. */
  readonly open: readonly Execution[];
  /** What has ended of those created within the last hour, at the top. */
  readonly ended: readonly Execution[];
  /** Executions with their tasks, by id, as far as they were looked into. */
  readonly detailed: ReadonlyMap<string, Execution>;
  readonly nowMs: number;
  /** Whether there is more than was got: these are the newest. */
  readonly isPartial: boolean;
}

/** An execution of an overview. */
export interface OverviewRow {
  readonly id: string;
  readonly name: string;
  readonly phase: string;
  /** What it is at, or what it waits for. */
  readonly task: string;
  readonly ageMs: number;
  /** Tokens read and written; absent where there was no model turn. */
  readonly usage: Usage | undefined;
}

/** What a backend is doing. */
export interface Overview {
  readonly rows: readonly OverviewRow[];
  readonly running: number;
  readonly waiting: number;
  readonly pending: number;
  readonly paused: number;
  /** What could go on, and no worker goes on with. */
  readonly left: number;
  readonly toolsInFlight: number;
  /** Whether there is more: it is of the newest. */
  readonly isPartial: boolean;
  readonly lastHour: {
    readonly completed: number;
    readonly failed: number;
    readonly cancelled: number;
    readonly inputTokens: number;
    readonly outputTokens: number;
    /** Absent where no price is known. */
    readonly costUsd: number | undefined;
  };
}

/** How long an execution counts as one of late. */
export const LATE_MS = 3_600_000;

/** Makes an overview of what was got. */
export function overviewOf(gathered: Gathered): Overview {
  const { open, ended, detailed, nowMs } = gathered;
  const outer = open.filter((it) => it.spec?.parentExecutionId === "");
  const count = (all: readonly Execution[], phase: Phase): number =>
    all.filter((it) => it.status?.phase === phase).length;
  const failed = ended.filter((it) => it.status?.phase === Phase.FAILED);
  const isLate = (it: Execution): boolean =>
    nowMs - createdMs(it, nowMs) <= LATE_MS;
  const usages = [...outer.filter(isLate), ...ended]
    .flatMap((it) => usageOf(it, detailed) ?? []);
  const costs = usages.flatMap(({ costUsd }) => costUsd ?? []);
  return {
    rows: [...outer, ...failed].map((it) => rowOf(it, gathered)),
    running: count(outer, Phase.RUNNING),
    waiting: count(outer, Phase.WAITING),
    pending: count(outer, Phase.PENDING),
    paused: count(outer, Phase.PAUSED),
    left: outer.filter(isLeft).length,
    toolsInFlight: open.reduce(
      (sum, it) => sum + toolsOf(detailed.get(it.metadata?.id ?? "")),
      0,
    ),
    isPartial: gathered.isPartial,
    lastHour: {
      completed: count(ended, Phase.COMPLETED),
      failed: failed.length,
      cancelled: count(ended, Phase.CANCELLED),
      inputTokens: usages.reduce((sum, it) => sum + it.inputTokens, 0),
      outputTokens: usages.reduce((sum, it) => sum + it.outputTokens, 0),
      costUsd: costs.length === 0
        ? undefined
        : costs.reduce((sum, it) => sum + it, 0),
    },
  };
}

/** Sorts what an overview shows: the most first, names and phases by letter. */
export function sorted(
  rows: readonly OverviewRow[],
  by: Sort,
  isTurned: boolean,
): readonly OverviewRow[] {
  const compare = (a: OverviewRow, b: OverviewRow): number => {
    switch (by) {
      case "age":
        return a.ageMs - b.ageMs;
      case "name":
        return byText(a.name, b.name);
      case "phase":
        return byText(a.phase, b.phase);
      case "tokens":
        return tokensOf(b) - tokensOf(a);
      case "cost":
        return (b.usage?.costUsd ?? 0) - (a.usage?.costUsd ?? 0);
    }
  };
  const sign = isTurned ? -1 : 1;
  return rows.toSorted((a, b) =>
    sign * compare(a, b) || a.ageMs - b.ageMs || byText(a.id, b.id)
  );
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function tokensOf({ usage }: OverviewRow): number {
  return (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0);
}

function rowOf(
  execution: Execution,
  { detailed, nowMs }: Gathered,
): OverviewRow {
  const { metadata, spec, status } = execution;
  const names = isOver(status?.phase ?? Phase.PENDING)
    ? []
    : namesAt(execution, detailed, DEPTH_MAX);
  const waits = status?.waitingFor ?? "";
  return {
    id: metadata?.id ?? "",
    name: spec?.resourceName ?? "",
    phase: Phase[status?.phase ?? 0] ?? "",
    task: [
      names.slice(-NAMES_MAX).join(" › "),
      waits === "" ? "" : `for ${waits}`,
      failureText(status?.error),
    ].filter((it) => it !== "").join(" · "),
    ageMs: nowMs - createdMs(execution, nowMs),
    usage: usageOf(execution, detailed),
  };
}

/** The task that an execution is at, after those that it is a part of. */
function namesAt(
  execution: Execution,
  detailed: ReadonlyMap<string, Execution>,
  depth: number,
): readonly string[] {
  const known = detailed.get(execution.metadata?.id ?? "");
  const task = known?.status?.tasks.findLast(({ phase }) =>
    phase === Phase.RUNNING || phase === Phase.WAITING
  );
  if (task === undefined) return [];
  const child = detailed.get(task.childExecutionId);
  const inner = child === undefined || depth === 0
    ? []
    : namesAt(child, detailed, depth - 1);
  return [task.call || task.name, ...inner];
}

/** What is known of what it used: of one that runs, what a look into it says. */
function usageOf(
  execution: Execution,
  detailed: ReadonlyMap<string, Execution>,
): Usage | undefined {
  const known = detailed.get(execution.metadata?.id ?? "");
  return known?.status?.usage ?? execution.status?.usage;
}

function toolsOf(execution: Execution | undefined): number {
  if (execution === undefined) return 0;
  return (execution.status?.tasks ?? []).filter(({ kind, phase }) =>
    kind === "tool call" && phase === Phase.RUNNING
  ).length;
}

function createdMs({ status }: Execution, nowMs: number): number {
  const created = status?.audit?.createdAt;
  return created === undefined ? nowMs : timestampMs(created);
}

/** Which executions to look into: what is at work, before what waits. */
export function worthALook(
  open: readonly Execution[],
  max: number,
): readonly string[] {
  const inPhase = (phase: Phase): readonly string[] =>
    open.filter((it) => it.status?.phase === phase)
      .map((it) => it.metadata?.id ?? "");
  return [...inPhase(Phase.RUNNING), ...inPhase(Phase.WAITING)].slice(0, max);
}
