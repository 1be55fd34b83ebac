/**
 * `stigmer agent create`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { AGENT_DRAFT_OPTIONS } from "./draft_options.ts";

/** Creates an agent. */
export const command: Command = defineCommand({
  summary: "Create an agent",
  arguments: { name: { kind: "optional", summary: "What people call it" } },
  options: { ...AGENT_DRAFT_OPTIONS },
  examples: [
    {
      does: "Create an agent that may read files",
      line:
        "agent create reviewer --instructions 'Review code for defects' --mcp-server filesystem",
    },
    {
      does: "Create an agent from a manifest",
      line: "agent create -f agent.yaml",
    },
  ],
  async run(context, { args, options }) {
    const { createAgent } = await import("./draft.ts");
    return await createAgent(context, args.name, options);
  },
});
