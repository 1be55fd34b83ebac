/**
 * `stigmer execution pause`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Pauses executions. */
export const command: Command = defineCommand({
  summary: "Hold executions before their next task",
  arguments: {
    ids: {
      kind: "variadic",
      summary: "Ids of the executions, or last",
      complete: "execution",
    },
  },
  options: {},
  examples: [
    {
      does: "Pause an execution",
      line: "execution pause wex-01k3v8z6q4m9d2c7r5t1w0x8yb",
    },
    {
      does: "Pause whatever runs",
      line:
        "execution list --phase running -o name | xargs -r stigmer execution pause",
    },
  ],
  async run(context, { args }) {
    const { pauseExecutions } = await import("./steer.ts");
    return await pauseExecutions(context, args.ids);
  },
});
