/**
 * `stigmer explain`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Explains kinds and their fields. */
export const command: Command = defineCommand({
  summary: "Explain a kind of resource and its fields",
  needs: "reading",
  details: [
    "A path names a field: agent.model, workflow.do, task.http.with. Words of workflows have no kind before them: wait, call, schedule. Without a path it lists what can be explained.",
  ],
  arguments: {
    path: {
      kind: "optional",
      summary: "A kind, a word of workflows, or a field: KIND[.FIELD...]",
      complete: "topic",
    },
  },
  options: {
    recursive: {
      kind: "flag",
      short: "r",
      summary: "List the fields of fields, too, without their descriptions",
    },
  },
  undemanding: true,
  examples: [
    { does: "Explain what an agent is made of", line: "explain agent" },
    {
      does: "Explain one field, and what it may be",
      line: "explain agent.spec.permissions",
    },
    {
      does: "List all that a task which calls an HTTP service may have",
      line: "explain task.http --recursive",
    },
  ],
  async run(context, { args, options }) {
    const { printExplanation } = await import("../explaining.ts");
    return await printExplanation(context, args.path, options);
  },
});
