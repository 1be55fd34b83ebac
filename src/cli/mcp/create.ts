/**
 * `stigmer mcp create`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { MCP_DRAFT_OPTIONS } from "./draft_options.ts";

/** Creates a tool server that agents can name. */
export const command: Command = defineCommand({
  summary: "Create an MCP server that agents can name",
  details: [
    'An agent names it in its manifest, as mcpServers: [{server: "tickets"}]. Nothing is started: stigmer mcp tools shows what it offers.',
  ],
  arguments: {
    name: { kind: "optional", summary: "What people call it" },
    args: {
      kind: "rest",
      summary: "Arguments of its program, behind --",
    },
  },
  options: { ...MCP_DRAFT_OPTIONS },
  examples: [
    {
      does: "Create one that is a program",
      line:
        "mcp create tickets --command npx --env 'TICKETS_TOKEN=${TICKETS_TOKEN}' --secret TICKETS_TOKEN -- -y tickets-mcp",
    },
    {
      does: "Create one that is reached by HTTP",
      line: "mcp create wiki --url https://wiki.example.com/mcp",
    },
    {
      does: "Create one of the catalog, of which agents see two tools",
      line:
        "mcp create notes --catalog filesystem --tool read_text_file --tool list_directory -- notes",
    },
  ],
  async run(context, { args, options }) {
    const { createMcpServer } = await import("./draft.ts");
    return await createMcpServer(context, args, options);
  },
});
