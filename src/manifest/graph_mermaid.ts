/**
 * Writes the graph of a workflow as a Mermaid flowchart, which GitHub and
 * many editors draw.
 *
 * @module
 */

import {
  membersOf,
  nodeTitle,
  PHASE_LOOKS,
  type PhaseLook,
  shortened,
} from "./_graph_text.ts";
import type { GraphEdge, GraphNode, WorkflowGraph } from "./workflow_graph.ts";

/** Writes a graph in the language of Mermaid, with a final newline. */
export function toMermaid(graph: WorkflowGraph): string {
  const ids = new Map(graph.nodes.map(({ id }, i) => [id, `n${i}`]));
  const lines = [
    "flowchart TD",
    ...nodeLines(undefined, {
      ids,
      membersIn: membersOf(graph),
      indent: "  ",
    }),
    ...graph.edges.map((edge) => `  ${edgeLine(edge, ids)}`),
    ...classLines(graph, ids),
  ];
  return `${lines.join("\n")}\n`;
}

/** How nodes are written. */
interface Writing {
  readonly ids: ReadonlyMap<string, string>;
  readonly membersIn: ReturnType<typeof membersOf>;
  readonly indent: string;
}

function nodeLines(
  group: string | undefined,
  writing: Writing,
): readonly string[] {
  const { ids, membersIn, indent } = writing;
  const { nodes, groups } = membersIn(group);
  return [
    ...nodes.map((node) => `${indent}${ids.get(node.id) ?? ""}${shape(node)}`),
    ...groups.flatMap(([i, { id, label }]) => [
      `${indent}subgraph g${i}["${escape(label)}"]`,
      ...nodeLines(id, { ...writing, indent: `${indent}  ` }),
      `${indent}end`,
    ]),
  ];
}

/** The shape of a node says what it does: choices are diamonds. */
function shape(node: GraphNode): string {
  const text = `"${nodeTitle(node).map(escape).join("<br/>")}"`;
  switch (node.kind) {
    case "start":
    case "end":
      return `([${text}])`;
    case "join":
      return `((${text}))`;
    case "switch":
      return `{${text}}`;
    case "for":
    case "fork":
    case "try":
    case "do":
      return `{{${text}}}`;
    case "listen":
    case "emit":
    case "wait":
    case "human":
      return `(${text})`;
    case "raise":
      return `>${text}]`;
    default:
      return `[${text}]`;
  }
}

function edgeLine(edge: GraphEdge, ids: ReadonlyMap<string, string>): string {
  const dotted = edge.kind === "error" || edge.kind === "retry" ||
    edge.kind === "again" || edge.kind === "call";
  const arrow = dotted ? "-.->" : "-->";
  const label = edge.label === undefined
    ? ""
    : `|"${escape(shortened(edge.label))}"|`;
  return `${ids.get(edge.from) ?? ""} ${arrow}${label} ${
    ids.get(edge.to) ?? ""
  }`;
}

/** Colours the nodes that a run has come to. */
function classLines(
  { nodes }: WorkflowGraph,
  ids: ReadonlyMap<string, string>,
): readonly string[] {
  return Object.entries(PHASE_LOOKS).flatMap(([phase, look]) => {
    const members = nodes.filter(({ state }) => state?.phase === phase)
      .map(({ id }) => ids.get(id) ?? "");
    if (members.length === 0) return [];
    const name = phase.toLowerCase();
    return [
      `  classDef ${name} ${classStyle(look)}`,
      `  class ${members.join(",")} ${name}`,
    ];
  });
}

function classStyle({ fill, line }: PhaseLook): string {
  return `fill:${fill},stroke:${line},color:#111111`;
}

/**
 * Writes a text so that nothing in it is a sign of Mermaid's: what is neither
 * letter, digit nor harmless goes by its number.
 */
function escape(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.replaceAll(
    /[^\p{L}\p{N}×… .,:_/()$=+*'?!-]/gu,
    (letter) => `#${letter.codePointAt(0)};`,
  );
}
