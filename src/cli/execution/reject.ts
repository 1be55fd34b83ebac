/**
 * `stigmer execution reject`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { ANSWER_ARGUMENTS, ANSWER_OPTIONS } from "./answer_options.ts";

/** Answers with "reject" to tool calls that wait. */
export const command: Command = defineCommand({
  summary: "Refuse a tool call that waits for a person",
  details: [
    "The model is told that a person rejected the call, with the reason, and not to do the same another way. The execution goes on.",
    "The first answer counts, from whichever process it comes. It is kept until a worker takes it.",
  ],
  arguments: ANSWER_ARGUMENTS,
  options: ANSWER_OPTIONS,
  examples: [
    {
      does: "Answer the only call that waits",
      line: "execution reject aex-01k3v8z6q4m9d2c7r5t1w0x8yb",
    },
    {
      does: "Answer one of several, for the rest of the session",
      line:
        "execution reject aex-01k3v8z6q4m9d2c7r5t1w0x8yb files_write --always",
    },
  ],
  async run(context, { args, options }) {
    const { answerCalls } = await import("./approving.ts");
    return await answerCalls(context, "reject", { ...args, ...options });
  },
});
