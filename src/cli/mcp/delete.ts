/**
 * `stigmer mcp delete`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { YES_OPTION } from "../confirm.ts";

/** Deletes applied tool servers. */
export const command: Command = defineCommand({
  summary: "Delete applied MCP servers that no agent names",
  arguments: {
    names: {
      kind: "variadic",
      summary: "Names, slugs or ids of the MCP servers",
      complete: "mcp-server",
    },
  },
  options: { yes: YES_OPTION },
  examples: [
    { does: "Delete an MCP server", line: "mcp delete tickets" },
    {
      does: "Delete two of them without being asked",
      line: "mcp delete tickets wiki --yes",
    },
  ],
  async run(context, { args, options }) {
    const { MCP_SERVERS } = await import("./resource.ts");
    return await MCP_SERVERS.remove(context, args.names, options);
  },
});
