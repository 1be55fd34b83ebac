/**
 * `stigmer execution artifacts`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Lists or fetches artifacts. */
export const command: Command = defineCommand({
  summary: "List the files that an execution left, or fetch them",
  needs: "secrets",
  arguments: {
    id: {
      kind: "required",
      summary: "Id of the execution, or last",
      complete: "execution",
    },
    name: { kind: "optional", summary: "Print this file" },
  },
  options: {
    save: {
      kind: "value",
      placeholder: "DIR",
      summary: "Write into this folder what would be printed, or all of it",
      complete: "file",
    },
  },
  examples: [
    {
      does: "List the files of an execution",
      line: "execution artifacts wex-01k3v8z6q4m9d2c7r5t1w0x8yb",
    },
    {
      does: "Keep all of them in a folder",
      line: "execution artifacts wex-01k3v8z6q4m9d2c7r5t1w0x8yb --save out/",
    },
  ],
  async run(context, { args, options }) {
    const { showArtifacts } = await import("./artifact.ts");
    return await showArtifacts(context, args, options);
  },
});
