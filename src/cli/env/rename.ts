/**
 * `stigmer env rename`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Renames an environment. */
export const command: Command = defineCommand({
  summary: "Rename an environment",
  needs: "secrets",
  details: [
    "Its slug follows from the new name. Instances that bind it go on doing so.",
  ],
  arguments: {
    name: {
      kind: "required",
      summary: "Name, slug or id of the environment",
      complete: "environment",
    },
    newName: { kind: "required", summary: "What people shall call it" },
  },
  options: {},
  examples: [
    { does: "Rename an environment", line: "env rename staging preview" },
    {
      does: "Give it a name with spaces",
      line: "env rename preview 'Preview EU'",
    },
  ],
  async run(context, { args }) {
    const { renameEnvironment } = await import("./variables.ts");
    return await renameEnvironment(context, args);
  },
});
