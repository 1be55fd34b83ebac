/**
 * `stigmer delete`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { YES_OPTION } from "../confirm.ts";
import { FILE_OPTION } from "../sources.ts";

/** Deletes resources. */
export const command: Command = defineCommand({
  summary: "Delete resources of any kind",
  arguments: {
    kind: {
      kind: "optional",
      summary:
        "Kind, as agent, workflow, environment or session; or KIND/NAME of each",
      complete: "kind",
    },
    names: { kind: "rest", summary: "Names, slugs or ids" },
  },
  options: { file: FILE_OPTION, yes: YES_OPTION },
  examples: [
    { does: "Delete an agent", line: "delete agent reviewer" },
    {
      does: "Delete everything that a folder describes, without being asked",
      line: "delete -f examples/quickstart/ --yes",
    },
  ],
  async run(context, { args, options }) {
    const { deleteResources } = await import("../deleting.ts");
    return await deleteResources(context, args, options);
  },
});
