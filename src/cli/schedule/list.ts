/**
 * `stigmer schedule list`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { LIST_OPTIONS, WATCH_OPTION } from "../listing.ts";

/** Lists schedules. */
export const command: Command = defineCommand({
  summary: "List schedules by the names of their workflows",
  arguments: {},
  options: { ...LIST_OPTIONS, watch: WATCH_OPTION },
  examples: [
    { does: "List when workflows start by themselves", line: "schedule list" },
    {
      does: "Hold all of them",
      line: "schedule list --all -o name | xargs -r stigmer schedule pause",
    },
  ],
  async run(context, { options }) {
    const { SCHEDULES } = await import("./resource.ts");
    return await SCHEDULES.list(context, options);
  },
});
