/**
 * `stigmer env create`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { FILL_OPTIONS } from "./options.ts";

/** Creates an environment. */
export const command: Command = defineCommand({
  summary: "Create an environment",
  needs: "secrets",
  details: [
    "Secrets are kept sealed and shown as ***. A value that is typed as --secret KEY=VALUE can be seen in the list of processes and in the shell's history.",
  ],
  arguments: { name: { kind: "required", summary: "What people call it" } },
  options: {
    ...FILL_OPTIONS,
    description: {
      kind: "value",
      placeholder: "TEXT",
      summary: "Describe it in one line, for people",
    },
    label: {
      kind: "list",
      short: "l",
      placeholder: "KEY=VALUE",
      summary: "Label it",
    },
  },
  examples: [
    {
      does: "Create an environment and be asked for its secret",
      line: "env create staging --var REGION=eu --secret API_TOKEN",
    },
    {
      does: "Take a .env file, keys and tokens in it for secrets",
      line:
        "env create local --from-env-file .env --secrets-by '*_KEY' --secrets-by '*_TOKEN'",
    },
    {
      does: "Say where a secret is instead of keeping it",
      line:
        "env create ci --secret-ref API_TOKEN=env:CI_TOKEN --secret-ref KEY=file:/run/secrets/key",
    },
  ],
  async run(context, { args, options }) {
    const { createEnvironment } = await import("./variables.ts");
    return await createEnvironment(context, args.name, options);
  },
});
