/**
 * `stigmer workflow list`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { LABEL_FILTER, LIST_OPTIONS } from "../listing.ts";

/** Lists workflows. */
export const command: Command = defineCommand({
  summary: "List workflows, newest first",
  arguments: {},
  options: { label: LABEL_FILTER, ...LIST_OPTIONS },
  examples: [
    { does: "List the newest workflows", line: "workflow list" },
    {
      does: "List those of a team, their slugs only",
      line: "workflow list -l team=search -o name",
    },
  ],
  async run(context, { options }) {
    const { WORKFLOWS } = await import("./resource.ts");
    return await WORKFLOWS.list(context, {
      limit: options.limit,
      pageToken: options.pageToken,
      all: options.all,
      label: options.label,
    });
  },
});
