/**
 * A run as a tree: its tasks, what they are parts of, and the tasks of the
 * executions that they wait for.
 *
 * @module
 */

import {
  type Execution,
  Phase,
  type TaskStatus,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { type Branch, branchesOf } from "./trace_tree.ts";

/** Executions inside one another that are descended into at the most. */
export const DEPTH_MAX = 8;

/** A run, a task of it, or what stands for several tasks. */
export interface RunNode {
  /** What people call it. */
  readonly label: string;
  /** Absent for the run as a whole. */
  readonly task?: TaskStatus;
  /** The run, or the execution that a task waits for. */
  readonly execution?: Execution;
  /** When its timer runs out, where it waits for one. */
  readonly dueAtMs?: number;
  readonly phase: Phase;
  readonly parts: readonly RunNode[];
}

/** What is known of a run. */
export interface KnownRun {
  readonly execution: Execution;
  /** Executions that its tasks wait for, and theirs, by id. */
  readonly children: ReadonlyMap<string, Execution>;
  /** When the timers of its tasks run out, by path. */
  readonly dueAtMs: ReadonlyMap<string, number>;
}

/** Makes the tree of a run. */
export function treeOf(run: KnownRun): RunNode {
  const { execution } = run;
  return {
    label: execution.spec?.resourceName ?? "",
    execution,
    phase: execution.status?.phase ?? Phase.PENDING,
    parts: nodesOf(run, execution, DEPTH_MAX),
  };
}

/** The executions that the tasks of one wait for. */
export function childIdsOf({ status }: Execution): readonly string[] {
  return (status?.tasks ?? []).flatMap(({ childExecutionId }) =>
    childExecutionId === "" ? [] : [childExecutionId]
  );
}

function nodesOf(
  run: KnownRun,
  execution: Execution,
  depth: number,
): readonly RunNode[] {
  if (depth === 0) return [];
  const tasks = execution.status?.tasks ?? [];
  const isOuter = execution === run.execution;
  const grow = ({ task, label, parts }: Branch<TaskStatus>): RunNode => {
    const child = run.children.get(task.childExecutionId);
    const due = isOuter ? run.dueAtMs.get(task.path) : undefined;
    const phase = phaseOf(task, child);
    return {
      label: isCall(task) ? task.call || label : label,
      task,
      phase,
      ...(child === undefined ? {} : { execution: child }),
      ...(due === undefined || isOver(phase) ? {} : { dueAtMs: due }),
      parts: [
        ...parts.map(grow),
        ...(child === undefined ? [] : nodesOf(run, child, depth - 1)),
      ],
    };
  };
  return branchesOf(tasks, (it) => it).map(grow);
}

function isCall({ kind }: TaskStatus): boolean {
  return kind === "tool call" || kind === "sub-agent";
}

/** A task that waits for an execution stands where that one does. */
function phaseOf(task: TaskStatus, child: Execution | undefined): Phase {
  const inner = child?.status?.phase;
  if (inner === undefined || isOver(task.phase) || isOver(inner)) {
    return task.phase;
  }
  return inner;
}

/** Whether nothing more happens in a phase. */
export function isOver(phase: Phase): boolean {
  return phase === Phase.COMPLETED || phase === Phase.FAILED ||
    phase === Phase.CANCELLED || phase === Phase.SKIPPED;
}
