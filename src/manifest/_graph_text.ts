/**
 * What the graph of a workflow says in words and colours, whatever draws it.
 *
 * @module
 */

import type { GraphGroup, GraphNode, WorkflowGraph } from "./workflow_graph.ts";

/** What stands in a list, without what stands in the lists inside it. */
export interface Members {
  readonly nodes: readonly GraphNode[];
  /** Each with its index, which makes its id. */
  readonly groups: readonly (readonly [index: number, group: GraphGroup])[];
}

/** Says what stands in each list; absent is the top. */
export function membersOf(
  { nodes, groups }: WorkflowGraph,
): (group: string | undefined) => Members {
  const nodesIn = Map.groupBy(nodes, ({ group }) => group);
  const groupsIn = Map.groupBy(groups.entries(), ([, { group }]) => group);
  return (group) => ({
    nodes: nodesIn.get(group) ?? [],
    groups: groupsIn.get(group) ?? [],
  });
}

/** The colours of a phase. */
export interface PhaseLook {
  readonly fill: string;
  readonly line: string;
}

/** The colours of each phase that a node may be in. */
export const PHASE_LOOKS: Readonly<Record<string, PhaseLook>> = {
  COMPLETED: { fill: "#d3f9d8", line: "#2b8a3e" },
  RUNNING: { fill: "#d0ebff", line: "#1864ab" },
  WAITING: { fill: "#fff3bf", line: "#e67700" },
  PAUSED: { fill: "#fff3bf", line: "#e67700" },
  PENDING: { fill: "#f1f3f5", line: "#495057" },
  FAILED: { fill: "#ffe3e3", line: "#c92a2a" },
  CANCELLED: { fill: "#e9ecef", line: "#868e96" },
  SKIPPED: { fill: "#f8f9fa", line: "#adb5bd" },
};

/** What kinds of task are called as they are written. */
const KIND_WORDS: Readonly<Partial<Record<GraphNode["kind"], string>>> = {
  a2a: "call a2a",
  agent: "agent",
  asyncapi: "call asyncapi",
  container: "run container",
  function: "call function",
  grpc: "call grpc",
  http: "call http",
  human: "call human",
  llm: "call llm",
  mcp: "call mcp",
  openapi: "call openapi",
  script: "run script",
  shell: "run shell",
  typescript: "TypeScript",
  workflow: "run workflow",
};
/** How much of a condition is shown. */
const CONDITION_LENGTH_MAX = 60;

/** The lines of a node: its name, what it is, when it runs, how it stands. */
export function nodeTitle(node: GraphNode): readonly string[] {
  const { kind, name, condition, state } = node;
  if (kind === "start" || kind === "end" || kind === "join") return [name];
  return [
    name,
    KIND_WORDS[kind] ?? kind,
    ...(condition === undefined ? [] : [`if ${shortened(condition)}`]),
    ...(state === undefined ? [] : [stateText(state)]),
  ];
}

/** Cuts a condition that a drawing has no room for. */
export function shortened(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, " ");
  const letters = Array.from(line);
  return letters.length <= CONDITION_LENGTH_MAX
    ? line
    : `${letters.slice(0, CONDITION_LENGTH_MAX).join("")}…`;
}

/** As `COMPLETED`, or in a loop `RUNNING (3 of 4 COMPLETED)`. */
function stateText({ phase, runs, phases }: NonNullable<GraphNode["state"]>) {
  if (runs === 1) return phase;
  const counts = Object.entries(phases).map(([name, n]) => `${n} ${name}`);
  return counts.length === 1 ? `${phase} ×${runs}` : counts.join(", ");
}
