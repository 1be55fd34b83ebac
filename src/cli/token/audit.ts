/**
 * `stigmer token audit`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { LIST_OPTIONS } from "../listing.ts";

/** Lists who was refused, and what was done with tokens and data. */
export const command: Command = defineCommand({
  summary: "List refused calls and what was done with tokens, newest first",
  details: [
    "Exports, imports and backups stand here as well. The same refusal within a minute is one line that counts. Who opened secrets is told by `stigmer secrets audit`.",
  ],
  arguments: {},
  options: {
    identity: {
      kind: "value",
      placeholder: "WHO",
      summary: "Show only what this caller did, as token:ci",
    },
    action: {
      kind: "value",
      placeholder: "WHAT",
      summary: "Show only this action",
      choices: [
        "refuse",
        "token.create",
        "token.revoke",
        "export",
        "import",
        "backup",
        "retention",
        "gc",
      ],
    },
    since: {
      kind: "value",
      placeholder: "TIME",
      summary: "Show only what was since, as 2h or 2026-01-31T08:00:00Z",
    },
    ...LIST_OPTIONS,
  },
  examples: [
    {
      does: "See who was refused today",
      line: "token audit --action refuse --since 24h",
    },
    {
      does: "See what one token did and was refused",
      line: "token audit --identity token:ci -o wide",
    },
  ],
  async run(context, { options }) {
    const { listAudit } = await import("./auditing.ts");
    return await listAudit(context, options);
  },
});
