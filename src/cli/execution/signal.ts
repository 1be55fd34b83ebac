/**
 * `stigmer execution signal`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Signals an execution. */
export const command: Command = defineCommand({
  summary: "Send an execution a signal",
  details: [
    'It is kept in the journal of this one execution. A durable function waits for it with ctx.signal; no kind of task of a manifest does: what listens takes events, from "stigmer event publish"; what asks a person takes answers, from "stigmer execution respond".',
  ],
  arguments: {
    id: {
      kind: "required",
      summary: "Id of the execution, or last",
      complete: "execution",
    },
    name: { kind: "required", summary: "Name of the signal" },
  },
  options: {
    data: {
      kind: "value",
      placeholder: "JSON|@FILE|-",
      summary: "What it carries, as JSON where it parses, else as text",
    },
  },
  examples: [
    {
      does: "Note in the journal that something was approved",
      line: "execution signal wex-01k3v8z6q4m9d2c7r5t1w0x8yb approved",
    },
    {
      does: "Send data along",
      line:
        "execution signal wex-01k3v8z6q4m9d2c7r5t1w0x8yb paid --data '{\"amount\": 12}'",
    },
  ],
  async run(context, { args, options }) {
    const { signalExecution } = await import("./signalling.ts");
    return await signalExecution(context, { ...args, data: options.data });
  },
});
