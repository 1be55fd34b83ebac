/**
 * `stigmer validate`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { filesOf } from "../file_argument.ts";
import { FILE_OPTION, PLAIN_SECRET_OPTIONS } from "../sources.ts";

/** Checks files. */
export const command: Command = defineCommand({
  summary: "Check files without a backend",
  needs: "reading",
  details: [
    "Every problem is shown at once, each with its file, line and column. Nothing is stored and no home folder is needed.",
    "With -o json or yaml the problems are printed for editors: severity, file, line, column, endLine, endColumn, message and hint. Lines and columns count from 1, columns in characters.",
  ],
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
    ...PLAIN_SECRET_OPTIONS,
  },
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
    const files = filesOf(args.files, options.file);
    const wanted = { ...options, files, kind: undefined };
    return await validateFiles(context, wanted);
  },
});
