/**
 * `stigmer validate`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { FILE_OPTION } from "../sources.ts";

/** Checks files. */
export const command: Command = defineCommand({
  summary: "Check files without a backend",
  details: [
    "Every problem is shown at once, each with its file, line and column. Nothing is stored and no home folder is needed.",
  ],
  arguments: {
    files: {
      kind: "rest",
      summary: "Files and folders, as with --file",
      complete: "file",
    },
  },
  options: { file: FILE_OPTION },
  undemanding: true,
  examples: [
    { does: "Check a file", line: "validate -f workflow.yaml" },
    {
      does: "Check every manifest of a folder, for a program",
      line: "validate -f manifests/ -o json",
    },
  ],
  async run(context, { args, options }) {
    const { validateFiles } = await import("../validating.ts");
    const files = [...options.file, ...args.files];
    return await validateFiles(context, { files, kind: undefined });
  },
});
