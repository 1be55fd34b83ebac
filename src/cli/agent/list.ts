/**
 * `stigmer agent list`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { LABEL_FILTER, LIST_OPTIONS } from "../listing.ts";

/** Lists agents. */
export const command: Command = defineCommand({
  summary: "List agents, newest first",
  arguments: {},
  options: { label: LABEL_FILTER, ...LIST_OPTIONS },
  examples: [
    { does: "List the newest agents", line: "agent list" },
    {
      does: "List those of a team, their slugs only",
      line: "agent list -l team=search -o name",
    },
  ],
  async run(context, { options }) {
    const { AGENTS } = await import("./resource.ts");
    return await AGENTS.list(context, {
      limit: options.limit,
      pageToken: options.pageToken,
      all: options.all,
      label: options.label,
    });
  },
});
