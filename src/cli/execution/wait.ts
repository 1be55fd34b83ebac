/**
 * `stigmer execution wait`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Waits for executions. */
export const command: Command = defineCommand({
  summary: "Wait until executions end",
  details: [
    "Ends with 0 when all completed, or reached the phase that was asked for.",
  ],
  arguments: {
    ids: {
      kind: "variadic",
      summary: "Ids of the executions, or last",
      complete: "execution",
    },
  },
  options: {
    for: {
      kind: "value",
      placeholder: "PHASE",
      summary: "Wait for this phase instead of the end",
    },
  },
  examples: [
    {
      does: "Wait for two executions",
      line:
        "execution wait wex-01k3v8z6q4m9d2c7r5t1w0x8yb aex-01k3v8zb2n5p8s1v4y7a0d3gkm",
    },
    {
      does: "Wait until one holds, a minute at the most",
      line:
        "execution wait wex-01k3v8z6q4m9d2c7r5t1w0x8yb --for paused --timeout 1m",
    },
  ],
  async run(context, { args, options }) {
    const { waitForExecutions } = await import("./wait_for.ts");
    return await waitForExecutions(context, args.ids, options);
  },
});
