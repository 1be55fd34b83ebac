/**
 * `stigmer env versions`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { LIST_OPTIONS } from "../listing.ts";

/** Lists the versions of an environment. */
export const command: Command = defineCommand({
  summary: "List the versions of an environment, newest first",
  arguments: {
    name: {
      kind: "required",
      summary: "Name, slug or id of the environment",
      complete: "environment",
    },
  },
  options: { ...LIST_OPTIONS },
  examples: [
    {
      does: "List the versions of an environment",
      line: "env versions staging",
    },
    {
      does: "Print the id of each version",
      line: "env versions staging --all -o name",
    },
  ],
  async run(context, { args, options }) {
    const { listVersions } = await import("../versions.ts");
    const named = { kind: "Environment", name: args.name };
    return await listVersions(context, named, options);
  },
});
