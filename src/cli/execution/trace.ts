/**
 * `stigmer execution trace`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Prints the tasks of an execution with all that passed through them. */
export const command: Command = defineCommand({
  summary: "Print the tasks of an execution with their inputs and outputs",
  details: [
    "A value is cut to a line; --full and -o wide, json and yaml print it whole.",
  ],
  arguments: {
    id: {
      kind: "required",
      summary: "Id of the execution, or last",
      complete: "execution",
    },
  },
  options: {
    full: { kind: "flag", summary: "Print values whole" },
    children: {
      kind: "flag",
      summary: "Descend into the executions that it started",
    },
  },
  examples: [
    {
      does: "See what each task was given and gave",
      line: "execution trace wex-01k3v8z6q4m9d2c7r5t1w0x8yb",
    },
    {
      does: "Print the input of one task",
      line:
        "execution trace wex-01k3v8z6q4m9d2c7r5t1w0x8yb -o json | jq '.tasks[] | select(.status.name == \"fetch\").input'",
    },
  ],
  async run(context, { args, options }) {
    const { showTrace } = await import("./tracing.ts");
    return await showTrace(context, args.id, options);
  },
});
