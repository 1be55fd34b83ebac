/**
 * `stigmer execution approve`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { ANSWER_ARGUMENTS, ANSWER_OPTIONS } from "./answer_options.ts";

/** Answers with "approve" to tool calls that wait. */
export const command: Command = defineCommand({
  summary: "Let a tool call be made that waits for a person",
  details: [
    "The call is made as soon as a worker goes on with the execution.",
    "The first answer counts, from whichever process it comes. It is kept until a worker takes it.",
  ],
  arguments: ANSWER_ARGUMENTS,
  options: ANSWER_OPTIONS,
  examples: [
    {
      does: "Answer the only call that waits",
      line: "execution approve aex-01k3v8z6q4m9d2c7r5t1w0x8yb",
    },
    {
      does: "Answer one of several, for the rest of the session",
      line:
        "execution approve aex-01k3v8z6q4m9d2c7r5t1w0x8yb files_write --always",
    },
  ],
  async run(context, { args, options }) {
    const { answerCalls } = await import("./approving.ts");
    return await answerCalls(context, "approve", { ...args, ...options });
  },
});
