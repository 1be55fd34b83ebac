/**
 * Writes the graph of a workflow in the language of Graphviz.
 *
 * @module
 */

import { membersOf, nodeTitle, PHASE_LOOKS, shortened } from "./_graph_text.ts";
import type { GraphEdge, GraphNode, WorkflowGraph } from "./workflow_graph.ts";

/** Writes a graph in the DOT language, with a final newline. */
export function toDot(graph: WorkflowGraph): string {
  const lines = [
    `digraph ${quoted(graph.name)} {`,
    '  node [shape=box, style="rounded,filled", fillcolor="#ffffff", fontname="sans-serif"];',
    '  edge [fontname="sans-serif", fontsize=10];',
    ...nodeLines(membersOf(graph), undefined, "  "),
    ...graph.edges.map((edge) => `  ${edgeLine(edge)}`),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

function nodeLines(
  membersIn: ReturnType<typeof membersOf>,
  group: string | undefined,
  indent: string,
): readonly string[] {
  const { nodes, groups } = membersIn(group);
  return [
    ...nodes.map((node) =>
      `${indent}${quoted(node.id)} [${attributes(nodeAttributes(node))}];`
    ),
    ...groups.flatMap(([i, { id, label }]) => [
      // Only what is called a cluster is drawn with a frame.
      `${indent}subgraph "cluster_${i}" {`,
      `${indent}  label=${quoted(label)};`,
      ...nodeLines(membersIn, id, `${indent}  `),
      `${indent}}`,
    ]),
  ];
}

type Attributes = Readonly<Record<string, string>>;

function nodeAttributes(node: GraphNode): Attributes {
  const look = node.state && PHASE_LOOKS[node.state.phase];
  const shape = shapeOf(node);
  return {
    label: nodeTitle(node).join("\n"),
    ...(shape === undefined ? {} : { shape }),
    ...(look === undefined ? {} : { fillcolor: look.fill, color: look.line }),
  };
}

/** The shape of a node says what it does: choices are diamonds. */
function shapeOf({ kind }: GraphNode): string | undefined {
  switch (kind) {
    case "start":
    case "end":
      return "oval";
    case "join":
      return "circle";
    case "switch":
      return "diamond";
    case "for":
    case "fork":
    case "try":
    case "do":
      return "hexagon";
    default:
      return undefined;
  }
}

function edgeLine({ from, to, kind, label }: GraphEdge): string {
  const dashed = kind === "error" || kind === "retry" || kind === "again" ||
    kind === "call";
  const more = attributes({
    ...(label === undefined ? {} : { label: shortened(label) }),
    ...(dashed ? { style: "dashed" } : {}),
  });
  const end = more === "" ? ";" : ` [${more}];`;
  return `${quoted(from)} -> ${quoted(to)}${end}`;
}

function attributes(given: Attributes): string {
  return Object.entries(given).map(([key, value]) => `${key}=${quoted(value)}`)
    .join(", ");
}

/** A text in quotes; Graphviz knows no escapes there but these. */
function quoted(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')
    .replaceAll("\n", "\\n");
  return `"${escaped}"`;
}
