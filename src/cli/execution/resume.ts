/**
 * `stigmer execution resume`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Resumes an execution. */
export const command: Command = defineCommand({
  summary: "Go on with an execution, here and now",
  needs: "executions",
  details: [
    "For an execution that is paused, or whose process ended before it did. What it waits for and nobody runs goes on here, too.",
  ],
  arguments: {
    id: {
      kind: "required",
      summary: "Id of the execution, or last",
      complete: "execution",
    },
  },
  options: {
    detach: { kind: "flag", short: "d", summary: "Leave it to a worker" },
  },
  examples: [
    {
      does: "Go on with an execution whose process ended",
      line: "execution resume wex-01k3v8z6q4m9d2c7r5t1w0x8yb",
    },
    {
      does: "Let a worker go on with a paused one",
      line: "execution resume wex-01k3v8z6q4m9d2c7r5t1w0x8yb --detach",
    },
  ],
  async run(context, { args, options }) {
    const { resumeExecution } = await import("./steer.ts");
    return await resumeExecution(context, args.id, options);
  },
});
