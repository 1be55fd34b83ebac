/**
 * `stigmer schedule get`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Shows a schedule. */
export const command: Command = defineCommand({
  summary: "Show the schedule of a workflow",
  arguments: {
    name: {
      kind: "required",
      summary: "Name, slug or id of the workflow",
      complete: "workflow",
    },
  },
  options: {},
  examples: [
    { does: "Show a schedule", line: "schedule get nightly" },
    {
      does: "Print when it starts next",
      line: "schedule get nightly -o json | jq -r .nextAt",
    },
  ],
  async run(context, { args }) {
    const { SCHEDULES } = await import("./resource.ts");
    return await SCHEDULES.get(context, args.name);
  },
});
