/**
 * `stigmer agent chat`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { CHAT_OPTIONS } from "../execution/request_options.ts";

/** Talks with an agent. */
export const command: Command = defineCommand({
  summary: "Talk with an agent, message after message",
  needs: "executions",
  details: [
    'On a terminal a message is a line; end a line with \\ to go on with it, or write several between """ and """. Ctrl-C cancels the answer, a second one leaves; Ctrl-D or /exit leave, /help lists what else there is.',
    "Without a terminal each line of standard input is a message, blank ones are skipped, and the first one that fails ends it.",
  ],
  arguments: {
    name: {
      kind: "required",
      summary: "Name, slug or id of the agent",
      complete: "agent",
    },
  },
  options: { ...CHAT_OPTIONS },
  timesExecution: true,
  examples: [
    { does: "Talk with an agent", line: "agent chat reviewer" },
    {
      does: "Go on with the last conversation",
      line: "agent chat reviewer --session last",
    },
    {
      does: "Keep what its model was asked and answered",
      line: "agent chat reviewer --record chat.yaml",
    },
  ],
  async run(context, { args, options }) {
    const { chat } = await import("./chatting.ts");
    return await chat(context, args.name, options);
  },
});
