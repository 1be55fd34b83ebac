/**
 * `stigmer execution get`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Shows an execution. */
export const command: Command = defineCommand({
  summary: "Show an execution and its tasks",
  details: [
    "Here, and wherever an execution is named, `last` is the newest one that no other one started.",
  ],
  arguments: {
    id: {
      kind: "required",
      summary: "Id of the execution, or last",
      complete: "execution",
    },
  },
  options: {},
  examples: [
    {
      does: "Show an execution",
      line: "execution get wex-01k3v8z6q4m9d2c7r5t1w0x8yb",
    },
    {
      does: "Show the one that was begun last",
      line: "execution get last",
    },
    {
      does: "Print its output alone",
      line:
        "execution get wex-01k3v8z6q4m9d2c7r5t1w0x8yb -o json | jq .status.output",
    },
  ],
  async run(context, { args }) {
    const { EXECUTIONS } = await import("./resource.ts");
    return await EXECUTIONS.get(context, args.id);
  },
});
