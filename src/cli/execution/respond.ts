/**
 * `stigmer execution respond`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Answers what an execution asks a person. */
export const command: Command = defineCommand({
  summary: "Answer what an execution asks a person",
  details: [
    "The first answer counts. It is kept until a worker takes it, so that nobody needs to be at work on the execution.",
    "On a terminal, and without --outcome and --data, the question is shown and the answer is asked for.",
  ],
  arguments: {
    id: {
      kind: "required",
      summary: "Id of the execution, or of one whose child asks, or last",
      complete: "execution",
    },
    task: {
      kind: "optional",
      summary: "Path or name of the task, where several ask",
    },
  },
  options: {
    outcome: {
      kind: "value",
      placeholder: "OUTCOME",
      summary: "The answer: one of the task's outcomes",
    },
    data: {
      kind: "value",
      placeholder: "JSON|@FILE|-",
      summary: "What comes with it; checked against the task's schema",
    },
    comment: {
      kind: "value",
      placeholder: "TEXT",
      summary: "A remark that stays with the answer",
    },
  },
  examples: [
    {
      does: "Approve what an execution asks about",
      line:
        'execution respond wex-01k3v8z6q4m9d2c7r5t1w0x8yb --outcome approve --comment "Go ahead"',
    },
    {
      does: "Answer one task of several, with data from a file",
      line:
        "execution respond wex-01k3v8z6q4m9d2c7r5t1w0x8yb review --outcome changes --data @changes.json",
    },
  ],
  async run(context, { args, options }) {
    const { respondToExecution } = await import("./responding.ts");
    return await respondToExecution(context, { ...args, ...options });
  },
});
