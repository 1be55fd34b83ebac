/**
 * `stigmer retention set`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Changes how long things are kept. */
export const command: Command = defineCommand({
  summary: "Change how long things are kept; what is not named stays",
  details: [
    "The names are executions, journals, artifacts, events and audit, with a time as 12h, 30d, 8w or 2y, and versions, with a number. The word none keeps all of it for good.",
    "Nothing is removed by it: that is done once an hour by workers and servers, or by `stigmer gc`.",
  ],
  arguments: {
    settings: {
      kind: "variadic",
      summary: "What is kept for how long, as executions=30d",
    },
  },
  options: {},
  examples: [
    {
      does: "Keep runs for a month, and their journals for a week",
      line: "retention set executions=30d journals=7d",
    },
    {
      does: "Keep 20 versions, and all events",
      line: "retention set versions=20 events=none",
    },
  ],
  async run(context, { args }) {
    const { setRetention } = await import("../retaining.ts");
    return await setRetention(context, args.settings);
  },
});
