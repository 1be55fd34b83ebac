/**
 * `stigmer env set`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Sets variables. */
export const command: Command = defineCommand({
  summary: "Set variables of an environment",
  arguments: {
    name: {
      kind: "required",
      summary: "Name, slug or id of the environment",
      complete: "environment",
    },
    variables: { kind: "variadic", summary: "Variables as KEY=VALUE" },
  },
  options: {},
  examples: [
    { does: "Set a variable", line: "env set staging REGION=eu" },
    { does: "Set two at once", line: "env set staging REGION=eu DEBUG=1" },
  ],
  async run(context, { args }) {
    const { setVariables } = await import("./variables.ts");
    return await setVariables(context, args.name, args.variables);
  },
});
