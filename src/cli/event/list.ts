/**
 * `stigmer event list`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { LIST_OPTIONS } from "../listing.ts";

/** Lists events. */
export const command: Command = defineCommand({
  summary: "List events, newest first",
  arguments: {},
  options: {
    type: {
      kind: "value",
      placeholder: "TYPE",
      summary: "Show only those of this type",
    },
    source: {
      kind: "value",
      placeholder: "URI",
      summary: "Show only those from this source",
    },
    since: {
      kind: "value",
      placeholder: "TIME",
      summary: "Show only those kept since, as 2h or 2026-01-31T08:00:00Z",
    },
    ...LIST_OPTIONS,
  },
  examples: [
    {
      does: "List what came within the last hour",
      line: "event list --since 1h",
    },
    {
      does: "Print the data of the newest event of a type",
      line:
        "event list --type com.example.order.placed --limit 1 -o jsonl | jq .cloudEvent.data",
    },
  ],
  async run(context, { options }) {
    const { listEvents } = await import("./resource.ts");
    return await listEvents(context, options);
  },
});
