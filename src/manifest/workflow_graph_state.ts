/**
 * How the tasks of a run stand, put on the nodes of its workflow.
 *
 * A run speaks of paths, which name the rounds of loops and the visits of
 * tasks (`/do/0/each/for/3/do/0/get#2`); the definition has one place for all
 * of them (`/do/0/each/do/0/get`).
 *
 * @module
 */

import { pointerKeys, pointerTo } from "../model/diagnostic.ts";
import type { GraphNode, NodeState, WorkflowGraph } from "./workflow_graph.ts";

/** One task of a run. */
export interface TaskPhase {
  readonly path: string;
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
  const places = placesOf(graph);
  const phases = new Map<string, string[]>();
  for (const { path, phase } of run.tasks) {
    const id = nodeOfPath(places, path);
    if (id === undefined) continue;
    const known = phases.get(id) ?? [];
    phases.set(id, known);
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

/** The places of a definition that a path may lead through. */
interface Places {
  /** Names of the nodes by id. */
  readonly nodes: ReadonlyMap<string, string>;
  /** Every pointer on the way to a node. */
  readonly prefixes: ReadonlySet<string>;
}

function placesOf({ nodes }: WorkflowGraph): Places {
  const tasks = nodes.filter(({ id }) => id.startsWith("/"));
  const prefixes = new Set<string>();
  for (const { id } of tasks) {
    let pointer = "";
    for (const key of pointerKeys(id)) {
      pointer = pointerTo(pointer, key);
      prefixes.add(pointer);
    }
  }
  return {
    nodes: new Map(tasks.map(({ id, name }) => [id, name])),
    prefixes,
  };
}

/** Finds the node that a path of a run is about. */
function nodeOfPath(places: Places, path: string): string | undefined {
  const keys = pointerKeys(path);
  const walk = (index: number, pointer: string): string | undefined => {
    const key = keys[index];
    if (key === undefined) {
      return places.nodes.has(pointer) ? pointer : undefined;
    }
    for (const it of [key, key.replace(/#\d+$/, "")]) {
      const next = pointerTo(pointer, it);
      const found = places.prefixes.has(next)
        ? walk(index + 1, next)
        : undefined;
      if (found !== undefined) return found;
    }
    const skipped = skipLength(keys.slice(index), places.nodes.get(pointer));
    return skipped === 0 ? undefined : walk(index + skipped, pointer);
  };
  return walk(0, "");
}

/** How many keys of a path the definition does not have: rounds, and names. */
function skipLength(
  [key = "", next = ""]: readonly string[],
  name: string | undefined,
): number {
  if (/^(?:for|foreach)$/.test(key) && /^\d+$/.test(next)) return 2;
  // A task of a graph stands at its index, and has its name in the path.
  return key.replace(/#\d+$/, "") === name || /^\d+$/.test(key) ? 1 : 0;
}
