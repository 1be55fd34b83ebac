/**
 * `stigmer complete`, which the scripts of `stigmer completions` call.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Answers a shell. */
export const command: Command = defineCommand({
  summary: "Answer a shell that completes a command line",
  needs: "machine",
  arguments: {
    words: { kind: "rest", summary: "What was typed so far, after --" },
  },
  options: {},
  examples: [
    { does: "Complete the name of a command", line: "complete -- age" },
    { does: "Complete the name of an agent", line: "complete -- agent get ''" },
  ],
  async run(context, { args }) {
    const { answerShell } = await import("../completing.ts");
    return await answerShell(context, args.words);
  },
});
