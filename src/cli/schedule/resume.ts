/**
 * `stigmer schedule resume`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Lets schedules go on. */
export const command: Command = defineCommand({
  summary: "Let held schedules go on",
  arguments: {
    names: {
      kind: "variadic",
      summary: "Names, slugs or ids of the workflows",
      complete: "workflow",
    },
  },
  options: {},
  examples: [
    { does: "Let a schedule go on", line: "schedule resume nightly" },
    {
      does: "Let all of them go on",
      line: "schedule list --all -o name | xargs -r stigmer schedule resume",
    },
  ],
  async run(context, { args }) {
    const { resumeSchedules } = await import("./resource.ts");
    return await resumeSchedules(context, args.names);
  },
});
