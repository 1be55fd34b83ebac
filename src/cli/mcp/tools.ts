/**
 * `stigmer mcp tools`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { SERVER_ARGUMENT, TARGET_OPTIONS } from "./target_option_specs.ts";

/** Shows what a tool server offers. */
export const command: Command = defineCommand({
  summary: "Start an MCP server and show its tools, resources and prompts",
  needs: "executions",
  details: [
    "It is started or reached as a run would, looked at, and ended. Nothing that it offers is used.",
    "EFFECT is what a tool does to the world as its server says; permissions go by it. TRUST says whether it is what it was when it was first used: a changed one is kept from agents until somebody trusts it.",
  ],
  arguments: {
    name: SERVER_ARGUMENT,
    args: { kind: "rest", summary: "Arguments of a catalog entry, behind --" },
  },
  options: {
    schema: {
      kind: "flag",
      summary: "Show what each tool takes and gives, as JSON Schema",
    },
    ...TARGET_OPTIONS,
  },
  examples: [
    { does: "See what an applied server offers", line: "mcp tools tickets" },
    {
      does: "See what a tool of the catalog takes, before an agent has it",
      line: "mcp tools filesystem --schema -- docs",
    },
    {
      does: "See what an agent's own server offers, with a token",
      line: "mcp tools reviewer/search --secret TOKEN -o json",
    },
  ],
  async run(context, { args, options }) {
    const { showTools } = await import("./looking.ts");
    return await showTools(context, args, options);
  },
});
