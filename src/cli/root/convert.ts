/**
 * `stigmer convert`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { filesOf } from "../file_argument.ts";
import { FILE_OPTION } from "../sources.ts";

/** Converts workflow files. */
export const command: Command = defineCommand({
  summary: "Rewrite workflows of later upstream releases as documents",
  needs: "reading",
  details: [
    "Prints Workflow resources with document and do, as the Open Workflow Specification has them. Comments are not kept. A file whose workflows are such already is printed as it is.",
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
  formats: ["yaml", "json"],
  examples: [
    {
      does: "Convert a workflow",
      line: "convert -f later.yaml > workflow.yaml",
    },
    {
      does: "Convert and store what a program gives",
      line: "convert -f - | stigmer apply -f -",
    },
  ],
  async run(context, { args, options }) {
    const { convertFiles } = await import("../converting.ts");
    return await convertFiles(context, filesOf(args.files, options.file));
  },
});
