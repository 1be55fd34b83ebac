/**
 * `stigmer mcp call`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { SERVER_ARGUMENT, TARGET_OPTIONS } from "./target_option_specs.ts";

/** Calls a tool of a tool server. */
export const command: Command = defineCommand({
  summary: "Call a tool of an MCP server",
  needs: "executions",
  details: [
    "The server is started or reached as a run would, and ended afterwards. Its progress goes to stderr, the result to stdout; a tool that says that it failed is exit code 1. Ctrl-C cancels the call.",
    "No permissions are asked: whoever calls decides. A tool that changed since it was first used is refused.",
  ],
  arguments: {
    name: SERVER_ARGUMENT,
    tool: {
      kind: "required",
      summary: "The tool's own name",
      complete: "mcp-tool",
    },
    args: { kind: "rest", summary: "Arguments of a catalog entry, behind --" },
  },
  options: {
    arg: {
      kind: "list",
      short: "a",
      placeholder: "KEY=VALUE",
      summary:
        "Give an argument, as JSON where it parses; 'id=\"5\"' is a text",
    },
    data: {
      kind: "value",
      placeholder: "JSON|@FILE|-",
      summary: "Give all arguments as an object; --arg lies over it",
    },
    allowChanged: {
      kind: "flag",
      summary: "Call the tool although it changed since it was first used",
    },
    ...TARGET_OPTIONS,
  },
  examples: [
    {
      does: "Call a tool of an applied server",
      line: 'mcp call tickets search --arg query="login fails" --arg limit=5',
    },
    {
      does: "Read a file through the catalog's server, as JSON",
      line: "mcp call filesystem read_text_file -a path=README.md -o json -- .",
    },
  ],
  async run(context, { args, options }) {
    const { callTool } = await import("./calling.ts");
    return await callTool(context, args, options);
  },
});
