/**
 * `stigmer env unset`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Removes variables. */
export const command: Command = defineCommand({
  summary: "Remove variables from an environment",
  arguments: {
    name: {
      kind: "required",
      summary: "Name, slug or id of the environment",
      complete: "environment",
    },
    keys: { kind: "variadic", summary: "Names of the variables" },
  },
  options: {},
  examples: [
    { does: "Remove a variable", line: "env unset staging REGION" },
    { does: "Remove two at once", line: "env unset staging REGION DEBUG" },
  ],
  async run(context, { args }) {
    const { unsetVariables } = await import("./variables.ts");
    return await unsetVariables(context, args.name, args.keys);
  },
});
