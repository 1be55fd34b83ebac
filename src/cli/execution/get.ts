/**
 * `stigmer execution get`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Shows an execution. */
export const command: Command = defineCommand({
  summary: "Show an execution and its tasks",
  arguments: {
    id: {
      kind: "required",
      summary: "Id of the execution",
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
