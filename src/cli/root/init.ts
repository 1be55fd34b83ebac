/**
 * `stigmer init`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { KEY_SOURCES } from "../secrets/source_option.ts";

/** Prepares the home folder. */
export const command: Command = defineCommand({
  summary: "Prepare the home folder and its database",
  needs: "secrets",
  details: [
    "Every command does so by itself when it needs to; a home folder that is there already is only brought up to date.",
    "Also makes the master key that secrets are sealed with, unless there is one, and says where it is kept and why: in the keychain of the system, else as STIGMER_MASTER_KEY or STIGMER_MASTER_KEY_FILE give it, else in a file beside the database.",
  ],
  arguments: {},
  options: {
    keySource: {
      kind: "value",
      placeholder: "SOURCE",
      summary:
        "Where to keep the master key (STIGMER_KEY_SOURCE), default the first that works",
      choices: KEY_SOURCES,
    },
  },
  examples: [
    { does: "Prepare ~/.stigmer", line: "init" },
    { does: "Prepare another folder", line: "init --home ./.stigmer" },
    {
      does: "Keep the master key in a file even where there is a keychain",
      line: "init --key-source key-file",
    },
  ],
  async run(context, { options }) {
    const { initHome } = await import("../home.ts");
    return await initHome(context, options);
  },
});
