/**
 * `stigmer diff`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { FILE_OPTION, PLAIN_SECRET_OPTIONS } from "../sources.ts";

/** Shows what apply would change. */
export const command: Command = defineCommand({
  summary: "Show what apply would change",
  needs: "secrets",
  details: ["Ends with 0 when nothing differs and with 1 when something does."],
  arguments: {},
  options: { file: FILE_OPTION, ...PLAIN_SECRET_OPTIONS },
  examples: [
    {
      does: "Compare a manifest with what is stored",
      line: "diff -f agent.yaml",
    },
    {
      does: "Apply a folder only when it differs",
      line: "diff -q -f manifests/ || stigmer apply -f manifests/",
    },
  ],
  async run(context, { options }) {
    const { diffFiles } = await import("../diffing.ts");
    return await diffFiles(context, options);
  },
});
