/**
 * `stigmer execution watch`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Follows an execution. */
export const command: Command = defineCommand({
  summary: "Follow an execution live to its end",
  details: [
    "On a terminal its tasks are a tree that is drawn until it ends and stays then; elsewhere, and with --no-tty, each thing that happens is a line. With -o json or jsonl each event is one, and the execution the last.",
    "Ends as the execution does: 0 when it completed. Ctrl-C ends the watching, not the execution.",
  ],
  arguments: {
    id: {
      kind: "required",
      summary: "Id of the execution, or last",
      complete: "execution",
    },
  },
  options: {},
  examples: [
    {
      does: "Follow an execution that runs elsewhere",
      line: "execution watch wex-01k3v8z6q4m9d2c7r5t1w0x8yb",
    },
    {
      does: "Have each event as a line of JSON",
      line: "execution watch wex-01k3v8z6q4m9d2c7r5t1w0x8yb -o jsonl",
    },
    {
      does: "Give up after ten minutes",
      line: "execution watch wex-01k3v8z6q4m9d2c7r5t1w0x8yb --timeout 10m",
    },
  ],
  async run(context, { args }) {
    const { watchExecution } = await import("./steer.ts");
    return await watchExecution(context, args.id);
  },
});
