/**
 * `stigmer env delete`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { YES_OPTION } from "../confirm.ts";

/** Deletes environments. */
export const command: Command = defineCommand({
  summary: "Delete environments",
  arguments: {
    names: {
      kind: "variadic",
      summary: "Names, slugs or ids of the environments",
      complete: "environment",
    },
  },
  options: { yes: YES_OPTION },
  examples: [
    { does: "Delete an environment", line: "env delete staging" },
    {
      does: "Delete two of them without being asked",
      line: "env delete staging preview --yes",
    },
  ],
  async run(context, { args, options }) {
    const { ENVIRONMENTS } = await import("./resource.ts");
    return await ENVIRONMENTS.remove(context, args.names, options);
  },
});
