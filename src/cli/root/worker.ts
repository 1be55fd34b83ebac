/**
 * `stigmer worker`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Runs what is pending. */
export const command: Command = defineCommand({
  summary: "Run what is pending or orphaned, until stopped",
  needs: "machine",
  details: [
    "It starts workflows whose schedules are due, too.",
    "Several workers share one home folder: each execution runs once. Ctrl-C and SIGTERM hand back what runs here; another worker goes on with it.",
  ],
  arguments: {},
  options: {
    untilIdle: {
      kind: "flag",
      summary: "End when nothing is left to run or due within a second",
    },
  },
  examples: [
    { does: "Run executions as they come", line: "worker" },
    { does: "Run what there is, then end", line: "worker --until-idle" },
  ],
  async run(context, { options }) {
    const { runWorker } = await import("../working.ts");
    return await runWorker(context, options);
  },
});
