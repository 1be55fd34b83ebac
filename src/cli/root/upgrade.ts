/**
 * `stigmer upgrade`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Replaces this program by a newer release. */
export const command: Command = defineCommand({
  summary: "Put a newer release in the place of this program",
  details: [
    "The release must be signed by a key that this program carries, its file must have the checksum that was signed, and the new program must run here: only then it takes the place of this one, in one step. When anything is wrong, or you stop it, what was there stays.",
    "Nothing but this command ever asks for a release. What Homebrew or npm installed is left to them.",
    "With --check nothing is changed: it ends with 0 when this is the latest release, and with 100 when a newer one is there.",
  ],
  arguments: {},
  options: {
    check: { kind: "flag", summary: "Only say whether a newer one is there" },
    version: {
      kind: "value",
      placeholder: "VERSION",
      summary: "Take this release instead of the latest",
    },
    allowDowngrade: {
      kind: "flag",
      summary: "Take it also when it is older than this one",
    },
    dryRun: {
      kind: "flag",
      summary: "Say what would be replaced, and by what, and stop there",
    },
    from: {
      kind: "value",
      placeholder: "URL",
      summary: "Ask here for releases, as a mirror (STIGMER_RELEASES_URL)",
    },
  },
  undemanding: true,
  needs: "machine",
  examples: [
    { does: "Upgrade to the latest release", line: "upgrade" },
    {
      does: "Look whether there is one",
      line: "upgrade --check -o json",
    },
    {
      does: "Go back to an older one",
      line: "upgrade --version 0.2.0 --allow-downgrade",
    },
  ],
  async run(context, { options }) {
    const { upgradeProgram } = await import("../upgrading.ts");
    return await upgradeProgram(context, options);
  },
});
