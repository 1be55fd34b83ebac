/**
 * `stigmer workflow get`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Shows a workflow. */
export const command: Command = defineCommand({
  summary: "Show a workflow",
  arguments: {
    name: {
      kind: "required",
      summary: "Name, slug or id of the workflow",
      complete: "workflow",
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
    { does: "Show a workflow", line: "workflow get pr-review" },
    {
      does: "Show it as it was at its first version",
      line: "workflow get pr-review --version 1",
    },
  ],
  async run(context, { args, options }) {
    const { WORKFLOWS } = await import("./resource.ts");
    return await WORKFLOWS.get(context, args.name, options);
  },
});
