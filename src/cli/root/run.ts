/**
 * `stigmer run`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { RUN_OPTIONS } from "../execution/request_options.ts";
import { PLAIN_SECRET_OPTIONS } from "../sources.ts";

/** Runs a workflow or an agent. */
export const command: Command = defineCommand({
  summary: "Run a workflow or an agent, from a file or by name",
  needs: "executions",
  details: [
    "A file is run without being applied: only the execution is stored. Its one workflow runs, or else its one agent; --name chooses among several.",
    "Ctrl-C cancels the run; a second one, or SIGTERM, leaves it to be resumed. Either ends with 130.",
  ],
  arguments: {
    target: {
      kind: "required",
      summary:
        "File, folder, - for standard input, or the name of what was applied",
      complete: "runnable",
    },
    message: {
      kind: "optional",
      summary: "Message to an agent, - for standard input",
    },
  },
  options: {
    name: {
      kind: "value",
      placeholder: "NAME",
      summary: "Run this one of the resources of the file",
    },
    ...RUN_OPTIONS,
    allowPlain: PLAIN_SECRET_OPTIONS.allowPlain,
  },
  timesExecution: true,
  examples: [
    {
      does: "Run a workflow from a file",
      line: "run pr-review.yaml --input pr=42 --input deep=true",
    },
    {
      does: "Ask an applied agent, and print its answer alone",
      line: 'run reviewer "Review the last commit" -q',
    },
  ],
  async run(context, { args, options }) {
    const { run } = await import("../running.ts");
    return await run(context, args, options);
  },
});
