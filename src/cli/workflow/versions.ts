/**
 * `stigmer workflow versions`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { LIST_OPTIONS } from "../listing.ts";

/** Lists the versions of a workflow. */
export const command: Command = defineCommand({
  summary: "List the versions of a workflow, newest first",
  arguments: {
    name: {
      kind: "required",
      summary: "Name, slug or id of the workflow",
      complete: "workflow",
    },
  },
  options: { ...LIST_OPTIONS },
  examples: [
    {
      does: "List the versions of a workflow",
      line: "workflow versions pr-review",
    },
    {
      does: "Print the id of each version",
      line: "workflow versions pr-review --all -o name",
    },
  ],
  async run(context, { args, options }) {
    const { listVersions } = await import("../versions.ts");
    const named = { kind: "Workflow", name: args.name };
    return await listVersions(context, named, options);
  },
});
