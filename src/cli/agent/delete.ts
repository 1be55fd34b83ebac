/**
 * `stigmer agent delete`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { YES_OPTION } from "../confirm.ts";

/** Deletes agents. */
export const command: Command = defineCommand({
  summary: "Delete agents",
  arguments: {
    names: {
      kind: "variadic",
      summary: "Names, slugs or ids of the agents",
      complete: "agent",
    },
  },
  options: { yes: YES_OPTION },
  examples: [
    { does: "Delete an agent", line: "agent delete reviewer" },
    {
      does: "Delete two of them without being asked",
      line: "agent delete reviewer planner --yes",
    },
  ],
  async run(context, { args, options }) {
    const { AGENTS } = await import("./resource.ts");
    return await AGENTS.remove(context, args.names, options);
  },
});
