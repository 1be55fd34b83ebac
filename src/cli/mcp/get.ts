/**
 * `stigmer mcp get`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Shows an applied tool server. */
export const command: Command = defineCommand({
  summary: "Show an applied MCP server, its agents and its trusted tools",
  arguments: {
    name: {
      kind: "required",
      summary: "Name, slug or id of the MCP server",
      complete: "mcp-server",
    },
  },
  options: {
    version: {
      kind: "value",
      placeholder: "VERSION",
      summary: "Show it as it was at this version, by number or id",
    },
  },
  examples: [
    { does: "Show an MCP server", line: "mcp get tickets" },
    { does: "Print its manifest", line: "mcp get tickets -o yaml" },
  ],
  async run(context, { args, options }) {
    const { MCP_SERVERS } = await import("./resource.ts");
    return await MCP_SERVERS.get(context, args.name, options);
  },
});
