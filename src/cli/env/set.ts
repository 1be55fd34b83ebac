/**
 * `stigmer env set`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { FILL_OPTIONS } from "./options.ts";

/** Sets variables and secrets. */
export const command: Command = defineCommand({
  summary: "Set variables and secrets of an environment",
  needs: "secrets",
  details: [
    "What is not named stays as it is. A variable becomes a secret with --secret, and a secret a variable with --var; KEY=VALUE alone does not open a secret.",
  ],
  arguments: {
    name: {
      kind: "required",
      summary: "Name, slug or id of the environment",
      complete: "environment",
    },
    variables: { kind: "rest", summary: "Variables as KEY=VALUE" },
  },
  options: FILL_OPTIONS,
  examples: [
    { does: "Set two variables", line: "env set staging REGION=eu DEBUG=1" },
    {
      does: "Set a secret to what a file holds",
      line: "env set staging --secret-file API_TOKEN=token.txt",
    },
  ],
  async run(context, { args, options }) {
    const { setEnvironment } = await import("./variables.ts");
    return await setEnvironment(context, args, options);
  },
});
