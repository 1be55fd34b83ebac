/**
 * `stigmer secrets status`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Shows the master key and what is sealed under it. */
export const command: Command = defineCommand({
  summary: "Show where the master key is and how much is sealed under it",
  needs: "secrets",
  details: [
    "Secrets are sealed in the database under a key that is kept outside of it: in the keychain of the system, else as STIGMER_MASTER_KEY or STIGMER_MASTER_KEY_FILE give it, else in a file beside the database. The key itself is never shown.",
    "Ends with 1 when the key cannot be used.",
  ],
  arguments: {},
  options: {},
  examples: [
    { does: "See whether secrets can be opened", line: "secrets status" },
    {
      does: "Print the id of the key that a backup needs",
      line: "secrets status -o name",
    },
  ],
  async run(context) {
    const { showVaultStatus } = await import("./showing.ts");
    return await showVaultStatus(context);
  },
});
