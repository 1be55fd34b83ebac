/**
 * `stigmer import`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Imports resources. */
export const command: Command = defineCommand({
  summary: "Store what was exported, all of it or nothing",
  needs: "secrets",
  details: [
    "What is there and the same stays as it is. What is there and differs is a conflict: then nothing is stored, unless --on-conflict says otherwise.",
    "An import that was broken off goes on where it was when the same command is given again.",
  ],
  arguments: {},
  options: {
    file: {
      kind: "value",
      short: "f",
      placeholder: "FILE",
      summary: "Read this export: a file, a folder, or - for standard input",
      complete: "file",
    },
    dryRun: { kind: "flag", summary: "Say what would change, store nothing" },
    onConflict: {
      kind: "value",
      placeholder: "WHAT",
      summary: "Do this about what is there and differs; default fail",
      choices: ["fail", "skip", "replace"],
    },
    passphraseStdin: {
      kind: "flag",
      summary: "Read the passphrase of the export from standard input",
    },
    noVerify: {
      kind: "flag",
      summary: "Take an export that was changed by hand",
    },
  },
  examples: [
    {
      does: "Say what an export would change",
      line: "import -f all.yaml --dry-run",
    },
    {
      does: "Import a folder over what is there",
      line: "import -f stigmer/ --on-conflict replace",
    },
  ],
  async run(context, { options }) {
    const { importResources } = await import("../importing.ts");
    return await importResources(context, options);
  },
});
