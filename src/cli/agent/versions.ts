/**
 * `stigmer agent versions`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { LIST_OPTIONS } from "../listing.ts";

/** Lists the versions of an agent. */
export const command: Command = defineCommand({
  summary: "List the versions of an agent, newest first",
  arguments: {
    name: {
      kind: "required",
      summary: "Name, slug or id of the agent",
      complete: "agent",
    },
  },
  options: { ...LIST_OPTIONS },
  examples: [
    { does: "List the versions of an agent", line: "agent versions reviewer" },
    {
      does: "Print the id of each version",
      line: "agent versions reviewer --all -o name",
    },
  ],
  async run(context, { args, options }) {
    const { listVersions } = await import("../versions.ts");
    const named = { kind: "Agent", name: args.name };
    return await listVersions(context, named, options);
  },
});
