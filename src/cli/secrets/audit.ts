/**
 * `stigmer secrets audit`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { LIST_OPTIONS } from "../listing.ts";

/** Lists who opened which secret for what. */
export const command: Command = defineCommand({
  summary: "List who opened which secret for what, newest first",
  details: [
    "A value is never shown. What was opened once for a task stands here once, however often the task used it; `mask` means that it was opened to be hidden in what the run shows, `reveal` that a person read it, `export` that a person took it as a sealed text.",
  ],
  arguments: {},
  options: {
    execution: {
      kind: "value",
      placeholder: "ID",
      summary: "Show only what was opened for this execution, or last",
      complete: "execution",
    },
    environment: {
      kind: "value",
      short: "e",
      placeholder: "NAME",
      summary: "Show only secrets of this environment",
      complete: "environment",
    },
    secret: {
      kind: "value",
      placeholder: "NAME",
      summary: "Show only this secret",
    },
    purpose: {
      kind: "value",
      placeholder: "WHAT",
      summary: "Show only what was opened for this",
      choices: ["use", "mask", "reveal", "export"],
    },
    since: {
      kind: "value",
      placeholder: "TIME",
      summary: "Show only what was opened since, as 2h or 2026-01-31T08:00:00Z",
    },
    ...LIST_OPTIONS,
  },
  examples: [
    {
      does: "See who used the secrets of an environment today",
      line: "secrets audit --environment prod --since 24h",
    },
    {
      does: "See what people read, and not what runs used",
      line: "secrets audit --environment prod --purpose reveal",
    },
    {
      does: "List the secrets that a run opened",
      line:
        "secrets audit --execution wex-01k3v8z6q4m9d2c7r5t1w0x8yb --all -o json",
    },
  ],
  async run(context, { options }) {
    const { listAccesses } = await import("./accesses.ts");
    return await listAccesses(context, options);
  },
});
