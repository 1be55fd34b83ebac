/**
 * `stigmer workflow execute`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { RUN_OPTIONS } from "../execution/request_options.ts";

/** Runs a workflow. */
export const command: Command = defineCommand({
  summary: "Run a workflow and wait for its output",
  needs: "executions",
  details: [
    "Ctrl-C cancels the run; a second one, or SIGTERM, leaves it to be resumed. Either ends with 130.",
  ],
  arguments: {
    name: {
      kind: "required",
      summary: "Name, slug or id of the workflow",
      complete: "workflow",
    },
  },
  options: { ...RUN_OPTIONS },
  timesExecution: true,
  examples: [
    {
      does: "Run a workflow",
      line: "workflow execute pr-review --input pr=42",
    },
    {
      does: "Leave it to a worker, and print the id alone",
      line: "workflow execute pr-review --input-file input.json --detach -q",
    },
  ],
  async run(context, { args, options }) {
    const { runTarget } = await import("../execution/execute.ts");
    const target = {
      kind: "Workflow" as const,
      name: args.name,
      message: undefined,
    };
    return await runTarget(context, target, options);
  },
});
