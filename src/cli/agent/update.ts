/**
 * `stigmer agent update`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { AGENT_DRAFT_OPTIONS } from "./draft_options.ts";

/** Updates an agent. */
export const command: Command = defineCommand({
  summary: "Change an agent",
  details: ["What is not named stays as it is; each change makes a version."],
  arguments: {
    name: {
      kind: "optional",
      summary: "Name, slug or id of the agent",
      complete: "agent",
    },
  },
  options: {
    ...AGENT_DRAFT_OPTIONS,
    message: {
      kind: "value",
      short: "m",
      placeholder: "TEXT",
      summary: "Say why, for the new version",
    },
  },
  examples: [
    {
      does: "Give an agent another model",
      line: "agent update reviewer --model ollama/llama3.2 -m 'Run it at home'",
    },
    {
      does: "Replace an agent by that of a manifest",
      line: "agent update -f agent.yaml",
    },
  ],
  async run(context, { args, options }) {
    const { updateAgent } = await import("./draft.ts");
    return await updateAgent(context, args.name, options);
  },
});
