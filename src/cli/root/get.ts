/**
 * `stigmer get`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { LABEL_FILTER, LIST_OPTIONS, WATCH_OPTION } from "../listing.ts";

/** Shows resources. */
export const command: Command = defineCommand({
  summary: "Show resources of any kind",
  details: [
    "Several kinds are named with commas between them; all is every kind but executions and sessions.",
  ],
  arguments: {
    kind: {
      kind: "required",
      summary:
        "Kind, as agent, workflow, environment, execution or session; or KIND/NAME",
      complete: "kind",
    },
    name: { kind: "optional", summary: "Name, slug or id; without it all" },
  },
  options: { label: LABEL_FILTER, ...LIST_OPTIONS, watch: WATCH_OPTION },
  examples: [
    { does: "List agents and workflows", line: "get agents,workflows" },
    {
      does: "Show a workflow as the manifest that it could come from",
      line: "get workflow pr-review -o yaml",
    },
  ],
  async run(context, { args, options }) {
    const { getResources } = await import("../getting.ts");
    return await getResources(context, args, options);
  },
});
