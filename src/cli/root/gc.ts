/**
 * `stigmer gc`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

const TIME = "TIME";

/** Collects garbage. */
export const command: Command = defineCommand({
  summary: "Remove what is past its retention and what nothing needs",
  details: [
    "Without options it goes by `stigmer retention`; options take the place of what is set there, for this once. What a running execution needs stays, whatever its age.",
    "Workers and servers do the same by themselves, once an hour.",
  ],
  arguments: {},
  options: {
    dryRun: {
      kind: "flag",
      summary: "Only count what would go",
    },
    executions: {
      kind: "value",
      placeholder: TIME,
      summary: "Remove executions that ended longer ago, as 30d",
    },
    journals: {
      kind: "value",
      placeholder: TIME,
      summary: "Remove journals of executions that ended longer ago",
    },
    artifacts: {
      kind: "value",
      placeholder: TIME,
      summary: "Remove artifacts of executions that ended longer ago",
    },
    versions: {
      kind: "value",
      placeholder: "NUMBER",
      summary: "Keep that many versions of each resource",
    },
    events: {
      kind: "value",
      placeholder: TIME,
      summary: "Remove events that came longer ago",
    },
    audit: {
      kind: "value",
      placeholder: TIME,
      summary: "Remove what is older from the audits",
    },
  },
  examples: [
    { does: "See what would go", line: "gc --dry-run" },
    {
      does: "Remove executions that ended a month ago",
      line: "gc --executions 30d",
    },
  ],
  async run(context, { options }) {
    const { collect } = await import("../collecting.ts");
    return await collect(context, options);
  },
});
