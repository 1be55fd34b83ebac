/**
 * `stigmer mcp list`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { LABEL_FILTER, LIST_OPTIONS } from "../listing.ts";

/** Lists applied tool servers. */
export const command: Command = defineCommand({
  summary: "List applied MCP servers, newest first",
  details: ["None of them is started; stigmer mcp tools looks at one."],
  arguments: {},
  options: { label: LABEL_FILTER, ...LIST_OPTIONS },
  examples: [
    { does: "List them, and the agents that name each", line: "mcp list" },
    {
      does: "List those of a team, their slugs only",
      line: "mcp list -l team=search -o name",
    },
  ],
  async run(context, { options }) {
    const { MCP_SERVERS } = await import("./resource.ts");
    return await MCP_SERVERS.list(context, {
      limit: options.limit,
      pageToken: options.pageToken,
      all: options.all,
      label: options.label,
    });
  },
});
