/**
 * `stigmer agent get`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Shows an agent. */
export const command: Command = defineCommand({
  summary: "Show an agent",
  arguments: {
    name: {
      kind: "required",
      summary: "Name, slug or id of the agent",
      complete: "agent",
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
    { does: "Show an agent", line: "agent get reviewer" },
    {
      does: "Show it as it was at its first version",
      line: "agent get reviewer --version 1",
    },
  ],
  async run(context, { args, options }) {
    const { AGENTS } = await import("./resource.ts");
    return await AGENTS.get(context, args.name, options);
  },
});
