/**
 * `stigmer env create`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Creates an environment. */
export const command: Command = defineCommand({
  summary: "Create an environment",
  arguments: { name: { kind: "required", summary: "What people call it" } },
  options: {
    var: {
      kind: "list",
      placeholder: "KEY=VALUE",
      summary: "Set this variable",
    },
    description: {
      kind: "value",
      placeholder: "TEXT",
      summary: "Describe it in one line, for people",
    },
    label: {
      kind: "list",
      short: "l",
      placeholder: "KEY=VALUE",
      summary: "Label it",
    },
  },
  examples: [
    {
      does: "Create an environment with two variables",
      line: "env create staging --var REGION=eu --var LOG_LEVEL=debug",
    },
    {
      does: "Create an empty one",
      line: "env create preview --description 'One for each branch'",
    },
  ],
  async run(context, { args, options }) {
    const { createEnvironment } = await import("./variables.ts");
    return await createEnvironment(context, args.name, options);
  },
});
