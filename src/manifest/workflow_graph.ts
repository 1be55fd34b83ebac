/**
 * What a workflow looks like: its tasks as nodes, where each leads as edges.
 *
 * Every task is there once. A list inside a task is a group; a task that holds
 * lists is a node beside them, from which they are entered. Ids are the
 * pointers of the definition, so that what is known of a task (a diagnostic, a
 * run) finds its node.
 *
 * @module
 */

import type { Task } from "../workflow/tree.ts";

/** A workflow as nodes and edges. */
export interface WorkflowGraph {
  readonly name: string;
  readonly version: string;
  readonly nodes: readonly GraphNode[];
  readonly groups: readonly GraphGroup[];
  readonly edges: readonly GraphEdge[];
}

/** A task, or one of the places where a run begins, ends and comes together. */
export interface GraphNode {
  /** The pointer of the task; `start`, `end`, or that of a fork and `/join`. */
  readonly id: string;
  readonly kind: Task["kind"] | "start" | "end" | "join";
  /** As the definition calls it. */
  readonly name: string;
  /** Its `if`. */
  readonly condition?: string;
  /** The list that it stands in; absent at the top. */
  readonly group?: string;
  /** How it stands in a run; absent where it has not been begun. */
  readonly state?: NodeState;
}

/** How a task stands in a run. */
export interface NodeState {
  /** Of what goes on now, else of the last time. */
  readonly phase: string;
  /** How often it was begun, as in a loop. */
  readonly runs: number;
  /** How many of them stand in each phase. */
  readonly phases: Readonly<Record<string, number>>;
}

/** A list of tasks inside a task, a function or an extension. */
export interface GraphGroup {
  /** The pointer of the list. */
  readonly id: string;
  readonly label: string;
  /** The group around it; absent at the top. */
  readonly group?: string;
}

/** What an edge means. */
export type GraphEdgeKind =
  /** One after the other, as the list or a `then` says. */
  | "next"
  /** A case of a switch, with its condition. */
  | "case"
  /** None of the cases. */
  | "otherwise"
  /** The task's `if` did not hold. */
  | "skip"
  /** Into a list. */
  | "enter"
  /** A branch of a fork. */
  | "branch"
  /** To the next round of a loop. */
  | "again"
  /** Where a caught error goes. */
  | "error"
  | "retry"
  /** To the function that is called. */
  | "call"
  /** A task of a graph waits for another. */
  | "dependency";

/** From one node to another. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: GraphEdgeKind;
  readonly label?: string;
}
