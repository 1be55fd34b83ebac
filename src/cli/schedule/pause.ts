/**
 * `stigmer schedule pause`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Holds schedules. */
export const command: Command = defineCommand({
  summary: "Hold the schedules of workflows",
  details: [
    "What is held starts nothing; what runs already goes on. Ticks and events that pass meanwhile are left out.",
  ],
  arguments: {
    names: {
      kind: "variadic",
      summary: "Names, slugs or ids of the workflows",
      complete: "workflow",
    },
  },
  options: {},
  examples: [
    { does: "Hold a schedule", line: "schedule pause nightly" },
    { does: "Hold several", line: "schedule pause nightly weekly" },
  ],
  async run(context, { args }) {
    const { pauseSchedules } = await import("./resource.ts");
    return await pauseSchedules(context, args.names);
  },
});
