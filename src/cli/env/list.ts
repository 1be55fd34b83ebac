/**
 * `stigmer env list`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { LABEL_FILTER, LIST_OPTIONS } from "../listing.ts";

/** Lists environments. */
export const command: Command = defineCommand({
  summary: "List environments, newest first",
  arguments: {},
  options: { label: LABEL_FILTER, ...LIST_OPTIONS },
  examples: [
    { does: "List the newest environments", line: "env list" },
    {
      does: "List those of a team, their slugs only",
      line: "env list -l team=search -o name",
    },
  ],
  async run(context, { options }) {
    const { ENVIRONMENTS } = await import("./resource.ts");
    return await ENVIRONMENTS.list(context, {
      limit: options.limit,
      pageToken: options.pageToken,
      all: options.all,
      label: options.label,
    });
  },
});
