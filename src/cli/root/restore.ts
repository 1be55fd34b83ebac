/**
 * `stigmer restore`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Puts a copy in the place of the database. */
export const command: Command = defineCommand({
  summary: "Put a backup in the place of the database of this machine",
  needs: "secrets",
  details: [
    "The backup is checked, and brought to the schema of this release, before anything is replaced. Nothing else may have the database open. What was there stays beside it, as stigmer.db.before-restore-1.",
    "The master key is not in a backup: bring it along, or secrets stay sealed.",
  ],
  arguments: {
    file: {
      kind: "required",
      summary: "A file that `stigmer backup` wrote",
      complete: "file",
    },
  },
  options: {
    force: {
      kind: "flag",
      summary: "Replace a database that holds something",
    },
    discard: {
      kind: "flag",
      summary: "Keep no copy of the database that is replaced",
    },
  },
  examples: [
    { does: "Restore into a new home", line: "restore stigmer-2026-01-31.db" },
    {
      does: "Replace what is there",
      line: "restore stigmer-2026-01-31.db --force",
    },
  ],
  async run(context, { args, options }) {
    const { restore } = await import("../restoring.ts");
    return await restore(context, args.file, options);
  },
});
