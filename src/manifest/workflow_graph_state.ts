/**
 * How the tasks of a run stand, put on the nodes of its workflow.
 *
 * A run may go through one place of the definition many times: in the rounds
 * of a loop, the visits of a task, the calls of a function.
 *
 * @module
 */

import type { GraphNode, NodeState, WorkflowGraph } from "./workflow_graph.ts";

/** One task of a run. */
export interface TaskPhase {
  /** Its place in the definition. */
  readonly pointer: string;
  /** As `RUNNING`. */
  readonly phase: string;
}

/** A run: how it stands, and its tasks in the order in which they began. */
export interface RunPhases {
  readonly phase: string;
  readonly tasks: readonly TaskPhase[];
}

/** Phases of what is not over. */
const OPEN_PHASES: readonly string[] = [
  "RUNNING",
  "WAITING",
  "PAUSED",
  "PENDING",
];
/** Phases that a run ends with. */
const END_PHASES: readonly string[] = ["COMPLETED", "FAILED", "CANCELLED"];

/** Gives the graph with the states of a run on its nodes. */
export function withRun(graph: WorkflowGraph, run: RunPhases): WorkflowGraph {
  const phases = new Map<string, string[]>();
  for (const { pointer, phase } of run.tasks) {
    const known = phases.get(pointer) ?? [];
    phases.set(pointer, known);
    known.push(phase);
  }
  if (run.tasks.length > 0) phases.set("start", ["COMPLETED"]);
  if (END_PHASES.includes(run.phase)) phases.set("end", [run.phase]);
  return { ...graph, nodes: graph.nodes.map((it) => withState(it, phases)) };
}

function withState(
  node: GraphNode,
  phases: ReadonlyMap<string, readonly string[]>,
): GraphNode {
  // A join is where its fork ends.
  const id = node.kind === "join" ? node.id.replace(/\/join$/, "") : node.id;
  const state = stateOf(phases.get(id) ?? []);
  return state === undefined ? node : { ...node, state };
}

function stateOf(phases: readonly string[]): NodeState | undefined {
  const last = phases.at(-1);
  if (last === undefined) return undefined;
  const counts: Record<string, number> = {};
  for (const phase of phases) counts[phase] = (counts[phase] ?? 0) + 1;
  const open = OPEN_PHASES.find((phase) => counts[phase] !== undefined);
  return { phase: open ?? last, runs: phases.length, phases: counts };
}
