/**
 * `stigmer env get`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Shows an environment. */
export const command: Command = defineCommand({
  summary: "Show an environment and its variables",
  arguments: {
    name: {
      kind: "required",
      summary: "Name, slug or id of the environment",
      complete: "environment",
    },
  },
  options: {
    version: {
      kind: "value",
      placeholder: "VERSION",
      summary: "Show it as it was at this version, by number or id",
    },
  },
  examples: [
    { does: "Show an environment", line: "env get staging" },
    {
      does: "Show it as it was at its first version",
      line: "env get staging --version 1",
    },
  ],
  async run(context, { args, options }) {
    const { ENVIRONMENTS } = await import("./resource.ts");
    return await ENVIRONMENTS.get(context, args.name, options);
  },
});
