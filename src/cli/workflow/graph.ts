/**
 * `stigmer workflow graph`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Draws a workflow. */
export const command: Command = defineCommand({
  summary: "Draw the tasks of a workflow and where each leads",
  details: [
    "A file is drawn without a backend. With --execution the workflow is drawn as that run has it, each task with how it stands.",
  ],
  arguments: {
    workflow: {
      kind: "optional",
      summary: "Name, slug or id of the workflow, or a file",
      complete: "workflow",
    },
  },
  options: {
    execution: {
      kind: "value",
      placeholder: "ID",
      summary: "Show how the tasks of this execution stand, or last",
      complete: "execution",
    },
    name: {
      kind: "value",
      placeholder: "NAME",
      summary: "Which workflow of a file with several",
    },
  },
  undemanding: true,
  formats: ["mermaid", "dot", "json"],
  examples: [
    {
      does: "Draw a workflow for a Markdown page",
      line: "workflow graph pr-review.yaml",
    },
    {
      does: "Draw how far a run has come, with Graphviz",
      line:
        "workflow graph --execution wex-01k3v8z6q4m9d2c7r5t1w0x8yb -o dot | dot -Tsvg",
    },
  ],
  async run(context, { args, options }) {
    const { drawGraph } = await import("./graphing.ts");
    return await drawGraph(context, { workflow: args.workflow, ...options });
  },
});
