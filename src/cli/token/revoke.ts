/**
 * `stigmer token revoke`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { YES_OPTION } from "../confirm.ts";

/** Revokes access tokens. */
export const command: Command = defineCommand({
  summary: "Revoke tokens, at once and for good",
  details: [
    "A server refuses the next call that comes with the token, and ends the streams that are open with it within seconds.",
  ],
  arguments: {
    names: {
      kind: "variadic",
      summary: "Names or ids of the tokens",
      complete: "token",
    },
  },
  options: { yes: YES_OPTION },
  examples: [
    { does: "Revoke a token", line: "token revoke ci" },
    {
      does: "Revoke two without being asked",
      line: "token revoke ci laptop --yes",
    },
  ],
  async run(context, { args, options }) {
    const { revokeTokens } = await import("./revoking.ts");
    return await revokeTokens(context, args.names, options);
  },
});
