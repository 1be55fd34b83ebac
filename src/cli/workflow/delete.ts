/**
 * `stigmer workflow delete`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { YES_OPTION } from "../confirm.ts";

/** Deletes workflows. */
export const command: Command = defineCommand({
  summary: "Delete workflows",
  arguments: {
    names: {
      kind: "variadic",
      summary: "Names, slugs or ids of the workflows",
      complete: "workflow",
    },
  },
  options: { yes: YES_OPTION },
  examples: [
    { does: "Delete a workflow", line: "workflow delete pr-review" },
    {
      does: "Delete two of them without being asked",
      line: "workflow delete pr-review nightly --yes",
    },
  ],
  async run(context, { args, options }) {
    const { WORKFLOWS } = await import("./resource.ts");
    return await WORKFLOWS.remove(context, args.names, options);
  },
});
