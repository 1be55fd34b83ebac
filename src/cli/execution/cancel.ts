/**
 * `stigmer execution cancel`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Cancels executions. */
export const command: Command = defineCommand({
  summary: "Cancel executions",
  arguments: {
    ids: {
      kind: "variadic",
      summary: "Ids of the executions, or last",
      complete: "execution",
    },
  },
  options: {
    reason: { kind: "value", placeholder: "TEXT", summary: "Say why" },
  },
  examples: [
    {
      does: "Cancel an execution",
      line: "execution cancel wex-01k3v8z6q4m9d2c7r5t1w0x8yb",
    },
    {
      does: "Cancel two and say why",
      line:
        "execution cancel wex-01k3v8z6q4m9d2c7r5t1w0x8yb aex-01k3v8zb2n5p8s1v4y7a0d3gkm --reason 'wrong input'",
    },
  ],
  async run(context, { args, options }) {
    const { cancelExecutions } = await import("./steer.ts");
    return await cancelExecutions(context, args.ids, options);
  },
});
