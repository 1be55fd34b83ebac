/**
 * `stigmer mcp versions`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { LIST_OPTIONS } from "../listing.ts";

/** Lists the versions of an applied tool server. */
export const command: Command = defineCommand({
  summary: "List the versions of an MCP server, newest first",
  arguments: {
    name: {
      kind: "required",
      summary: "Name, slug or id of the MCP server",
      complete: "mcp-server",
    },
  },
  options: { ...LIST_OPTIONS },
  examples: [
    {
      does: "List the versions of an MCP server",
      line: "mcp versions tickets",
    },
    {
      does: "Print the id of each version",
      line: "mcp versions tickets --all -o name",
    },
  ],
  async run(context, { args, options }) {
    const { listVersions } = await import("../versions.ts");
    const named = { kind: "McpServer", name: args.name };
    return await listVersions(context, named, options);
  },
});
