/**
 * `stigmer workflow validate`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { filesOf } from "../file_argument.ts";
import { FILE_OPTION } from "../sources.ts";

/** Checks workflow files. */
export const command: Command = defineCommand({
  summary: "Check workflow files without a backend",
  needs: "reading",
  arguments: {
    files: {
      kind: "rest",
      summary: "Files and folders, as with --file",
      complete: "file",
    },
  },
  options: {
    file: FILE_OPTION,
    strict: { kind: "flag", summary: "Take warnings for errors" },
  },
  undemanding: true,
  examples: [
    { does: "Check a workflow", line: "workflow validate pr-review.yaml" },
    {
      does: "Check a workflow from standard input",
      line: "workflow validate -f -",
    },
  ],
  async run(context, { args, options }) {
    const { validateFiles } = await import("../validating.ts");
    const files = filesOf(args.files, options.file);
    const { strict } = options;
    return await validateFiles(context, { files, kind: "Workflow", strict });
  },
});
