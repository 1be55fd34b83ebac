/**
 * `stigmer mcp update`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { MCP_DRAFT_OPTIONS } from "./draft_options.ts";

/** Updates an applied tool server. */
export const command: Command = defineCommand({
  summary: "Change an MCP server",
  details: [
    "What is not named stays as it is; each change makes a version. Executions go on with the version that they began with.",
  ],
  arguments: {
    name: {
      kind: "optional",
      summary: "Name, slug or id of the MCP server",
      complete: "mcp-server",
    },
    args: {
      kind: "rest",
      summary: "Arguments of its program, behind --",
    },
  },
  options: {
    ...MCP_DRAFT_OPTIONS,
    message: {
      kind: "value",
      short: "m",
      placeholder: "TEXT",
      summary: "Say why, for the new version",
    },
  },
  examples: [
    {
      does: "Reach it elsewhere",
      line: "mcp update wiki --url https://wiki.example.org/mcp -m 'It moved'",
    },
    {
      does: "Replace an MCP server by that of a manifest",
      line: "mcp update -f tickets.yaml",
    },
  ],
  async run(context, { args, options }) {
    const { updateMcpServer } = await import("./draft.ts");
    return await updateMcpServer(context, args, options);
  },
});
