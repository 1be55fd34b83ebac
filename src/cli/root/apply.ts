/**
 * `stigmer apply`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { FILE_OPTION, PLAIN_SECRET_OPTIONS } from "../sources.ts";

/** Creates or updates resources. */
export const command: Command = defineCommand({
  summary: "Create or update resources from files",
  needs: "secrets",
  details: [
    "All of them or none: when one is refused, nothing is written. Applying the same files again changes nothing.",
  ],
  arguments: {},
  options: {
    file: FILE_OPTION,
    dryRun: { kind: "flag", summary: "Say what would change, write nothing" },
    message: {
      kind: "value",
      short: "m",
      placeholder: "TEXT",
      summary: "Say why, for the new versions",
    },
    ...PLAIN_SECRET_OPTIONS,
  },
  examples: [
    {
      does: "Apply every manifest of a folder",
      line: "apply -f examples/quickstart/",
    },
    {
      does: "Say what a manifest from standard input would change",
      line: "apply -f - --dry-run",
    },
  ],
  async run(context, { options }) {
    const { applyFiles } = await import("../applying.ts");
    return await applyFiles(context, options);
  },
});
