/**
 * `stigmer backup`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Copies the database. */
export const command: Command = defineCommand({
  summary: "Copy the whole database into a file, while it is used",
  details: [
    "The copy is of one moment, and is checked page by page before it is sent. With a server the copy is its database.",
    "Secrets stay sealed in it: whoever restores it needs the master key, which is not in it.",
  ],
  arguments: {
    file: {
      kind: "required",
      summary: "The file to write, or - for stdout",
      complete: "file",
    },
  },
  options: {
    force: { kind: "flag", summary: "Write over a file that is there" },
  },
  examples: [
    { does: "Back up", line: "backup stigmer-2026-01-31.db" },
    { does: "Back up into a pipe", line: "backup - | zstd > stigmer.db.zst" },
  ],
  async run(context, { args, options }) {
    const { backUp } = await import("../backing_up.ts");
    return await backUp(context, args.file, options);
  },
});
