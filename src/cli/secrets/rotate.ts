/**
 * `stigmer secrets rotate`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { KEY_SOURCES } from "./source_option.ts";

/** Rotates the master key. */
export const command: Command = defineCommand({
  summary: "Put a new master key in the place of the current one",
  needs: "secrets",
  details: [
    "All data keys are wrapped by the new key in one step; the secrets themselves stay sealed as they are, and can be used the whole time. When it is cut off, the old key still opens everything, and the next rotation goes on with it.",
    "The old key is kept, since backups of the database need it. With --forget-old it is removed once nothing is under it, and so are all that were replaced before; one that you keep yourself is left to you, by its id.",
    "A key that you keep yourself is not made here: give the new one as STIGMER_MASTER_KEY_NEXT, or its file as STIGMER_MASTER_KEY_FILE_NEXT, to this command and to every worker. Once it is done, give it in the place of the old one.",
  ],
  arguments: {},
  options: {
    source: {
      kind: "value",
      placeholder: "SOURCE",
      summary: "Where the new key is kept; default where the old one is",
      choices: KEY_SOURCES,
    },
    forgetOld: {
      kind: "flag",
      summary:
        "Remove all replaced keys; older backups cannot be opened any more",
    },
  },
  examples: [
    { does: "Rotate the master key", line: "secrets rotate" },
    {
      does: "Move it into the keychain, and forget the one in the file",
      line: "secrets rotate --source keychain --forget-old",
    },
  ],
  async run(context, { options }) {
    const { rotateKey } = await import("./changing.ts");
    return await rotateKey(context, options);
  },
});
