/**
 * `stigmer token list`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { LIST_OPTIONS } from "../listing.ts";

/** Lists access tokens. */
export const command: Command = defineCommand({
  summary: "List tokens in force, newest first",
  details: [
    "The first characters of a token stand here to recognise it by; the token itself is kept nowhere. LAST USED is to the minute.",
  ],
  arguments: {},
  options: {
    ended: {
      kind: "flag",
      summary: "Show revoked and expired ones, too",
    },
    ...LIST_OPTIONS,
  },
  examples: [
    { does: "See who may call", line: "token list" },
    {
      does: "See those that are good no more, too",
      line: "token list --ended -o wide",
    },
  ],
  async run(context, { options }) {
    const { listTokens } = await import("./resource.ts");
    return await listTokens(context, options);
  },
});
