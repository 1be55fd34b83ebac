/**
 * `stigmer execution logs`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Prints the journal of an execution. */
export const command: Command = defineCommand({
  summary: "Print the journal of an execution",
  details: [
    "A line is cut to the width of the terminal, or to 200 characters; -o wide prints it whole.",
  ],
  arguments: {
    id: {
      kind: "required",
      summary: "Id of the execution, or last",
      complete: "execution",
    },
  },
  options: {
    follow: {
      kind: "flag",
      short: "f",
      summary: "Go on until the execution ends",
    },
    since: {
      kind: "value",
      placeholder: "SEQUENCE",
      summary: "Print only what comes after this entry",
    },
  },
  examples: [
    {
      does: "Print what has happened so far",
      line: "execution logs wex-01k3v8z6q4m9d2c7r5t1w0x8yb",
    },
    {
      does: "Follow it as JSON, one entry a line",
      line: "execution logs wex-01k3v8z6q4m9d2c7r5t1w0x8yb --follow -o jsonl",
    },
  ],
  async run(context, { args, options }) {
    const { showLogs } = await import("./journal.ts");
    return await showLogs(context, args.id, options);
  },
});
