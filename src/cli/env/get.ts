/**
 * `stigmer env get`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { YES_OPTION } from "../confirm.ts";

/** Shows an environment. */
export const command: Command = defineCommand({
  summary: "Show an environment and its variables",
  needs: "secrets",
  details: [
    "Secrets are shown as ***. Whoever reveals one is noted, as stigmer secrets audit shows; into a pipe or a file that takes --yes. What --sealed prints can be kept in a file: apply takes it as it is, where the same master key is.",
  ],
  arguments: {
    name: {
      kind: "required",
      summary: "Name, slug or id of the environment",
      complete: "environment",
    },
  },
  options: {
    version: {
      kind: "value",
      placeholder: "VERSION",
      summary: "Show it as it was at this version, by number or id",
    },
    reveal: {
      kind: "list",
      placeholder: "KEY",
      summary: "Show this secret in plain text",
    },
    sealed: { kind: "flag", summary: "Show secrets as sealed texts" },
    yes: YES_OPTION,
  },
  examples: [
    { does: "Show an environment", line: "env get staging" },
    {
      does: "Show it as it was at its first version",
      line: "env get staging --version 1",
    },
    {
      does: "Show one of its secrets",
      line: "env get staging --reveal API_TOKEN",
    },
    {
      does: "Print it to be kept in a file, secrets sealed",
      line: "env get staging --sealed -o yaml > staging.yaml",
    },
  ],
  async run(context, { args, options }) {
    const { getEnvironment } = await import("./getting.ts");
    return await getEnvironment(context, args.name, options);
  },
});
