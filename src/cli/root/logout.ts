/**
 * `stigmer logout`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Logs out of a server. */
export const command: Command = defineCommand({
  summary: "Remove the access token of a server from this machine",
  needs: "machine",
  details: [
    "Its address is kept, so that it can be logged in to again; when it was in use, the local backend is used from now on. The token stays good on the server until it is revoked there.",
  ],
  arguments: {
    name: {
      kind: "optional",
      summary: "cloud or the name of a context; default the current one",
      complete: "backend",
    },
  },
  options: {
    all: { kind: "flag", summary: "Log out of every server" },
  },
  examples: [
    { does: "Log out of the server in use", line: "logout" },
    { does: "Log out of one of several", line: "logout staging" },
  ],
  async run(context, { args, options }) {
    const { logOut } = await import("../logging_out.ts");
    return await logOut(context, { name: args.name, all: options.all });
  },
});
