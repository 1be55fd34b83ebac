/**
 * `stigmer get`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { LABEL_FILTER, LIST_OPTIONS } from "../listing.ts";

/** Shows resources. */
export const command: Command = defineCommand({
  summary: "Show resources of any kind",
  arguments: {
    kind: {
      kind: "required",
      summary: "Kind, as agent, workflow, environment, execution or session",
      complete: "kind",
    },
    name: { kind: "optional", summary: "Name, slug or id; without it all" },
  },
  options: { label: LABEL_FILTER, ...LIST_OPTIONS },
  examples: [
    { does: "List agents", line: "get agents" },
    {
      does: "Show a workflow as the manifest that it could come from",
      line: "get workflow pr-review -o yaml",
    },
  ],
  async run(context, { args, options }) {
    const { doorFor } = await import("../doors.ts");
    const door = await doorFor(args.kind);
    return args.name === undefined
      ? await door.list(context, options)
      : await door.get(context, args.name);
  },
});
