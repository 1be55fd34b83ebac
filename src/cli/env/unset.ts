/**
 * `stigmer env unset`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Removes variables and secrets. */
export const command: Command = defineCommand({
  summary: "Remove variables and secrets from an environment",
  needs: "secrets",
  arguments: {
    name: {
      kind: "required",
      summary: "Name, slug or id of the environment",
      complete: "environment",
    },
    keys: { kind: "variadic", summary: "Names of the variables and secrets" },
  },
  options: {},
  examples: [
    { does: "Remove a variable", line: "env unset staging REGION" },
    {
      does: "Remove a variable and a secret",
      line: "env unset staging REGION API_TOKEN",
    },
  ],
  async run(context, { args }) {
    const { unsetVariables } = await import("./variables.ts");
    return await unsetVariables(context, args.name, args.keys);
  },
});
