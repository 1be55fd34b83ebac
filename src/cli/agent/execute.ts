/**
 * `stigmer agent execute`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { RUN_OPTIONS } from "../execution/request_options.ts";

/** Runs an agent. */
export const command: Command = defineCommand({
  summary: "Send an agent a message and wait for its answer",
  needs: "executions",
  details: [
    "Ctrl-C cancels the run; a second one, or SIGTERM, leaves it to be resumed. Either ends with 130.",
  ],
  arguments: {
    name: {
      kind: "required",
      summary: "Name, slug or id of the agent",
      complete: "agent",
    },
    message: {
      kind: "optional",
      summary: "What to tell it, - for standard input",
    },
  },
  options: { ...RUN_OPTIONS },
  timesExecution: true,
  examples: [
    {
      does: "Ask an agent",
      line: "agent execute reviewer 'Review the last commit'",
    },
    {
      does: "Go on with a conversation",
      line:
        "agent execute reviewer 'And now?' --session ses-01k3v8z6q4m9d2c7r5t1w0x8yb",
    },
  ],
  async run(context, { args, options }) {
    const { runTarget } = await import("../execution/execute.ts");
    const target = {
      kind: "Agent" as const,
      name: args.name,
      message: args.message,
    };
    return await runTarget(context, target, options);
  },
});
