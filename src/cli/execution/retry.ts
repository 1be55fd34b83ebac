/**
 * `stigmer execution retry`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { SECRET_OPTIONS } from "../secret_option_specs.ts";
import { LIMIT_OPTIONS, RETRY_APPROVE_OPTION } from "./request_options.ts";

/** Does an execution again from a point. */
export const command: Command = defineCommand({
  summary: "Run an execution again from the task that failed",
  needs: "executions",
  details: [
    "A new execution begins with what the old one recorded before that task, so that nothing before it is done again.",
    "A run of an agent may spend what the old one might; an option says otherwise.",
    "Secrets of environments are taken as they are now. Those that the old one was given ended with it and are given again, with --secret.",
    "Ctrl-C cancels the run; a second one, or SIGTERM, leaves it to be resumed. Either ends with 130.",
  ],
  arguments: {
    id: {
      kind: "required",
      summary: "Id of the execution, which has ended, or last",
      complete: "execution",
    },
  },
  options: {
    from: {
      kind: "value",
      placeholder: "TASK",
      summary: "Begin with this task, by path, place or name",
    },
    latest: {
      kind: "flag",
      summary: "Run the newest version of what it ran",
    },
    ...LIMIT_OPTIONS,
    approve: RETRY_APPROVE_OPTION,
    ...SECRET_OPTIONS,
    idempotencyKey: {
      kind: "value",
      placeholder: "KEY",
      summary: "Return the retry that was made with this key before",
    },
    detach: {
      kind: "flag",
      short: "d",
      summary: "Leave it to a worker and print its id",
    },
  },
  examples: [
    {
      does: "Try again what failed",
      line: "execution retry wex-01k3v8z6q4m9d2c7r5t1w0x8yb",
    },
    {
      does: "Run the corrected workflow from one task on",
      line:
        "execution retry wex-01k3v8z6q4m9d2c7r5t1w0x8yb --from publish --latest",
    },
    {
      does: "Go on with an agent that ran out of turns",
      line: "execution retry aex-01k3v8z6q4m9d2c7r5t1w0x8yb --max-turns 20",
    },
  ],
  async run(context, { args, options }) {
    const { retryExecution } = await import("./retrying.ts");
    return await retryExecution(context, args.id, options);
  },
});
