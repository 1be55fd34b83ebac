/**
 * `stigmer backend remove`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Removes a context. */
export const command: Command = defineCommand({
  summary: "Forget a server: its address and its token",
  needs: "machine",
  details: [
    "Nothing is deleted on the server, and the token stays good there until it is revoked.",
  ],
  arguments: {
    name: {
      kind: "required",
      summary: "cloud or the name of a context",
      complete: "backend",
    },
  },
  options: {},
  examples: [
    { does: "Forget a context", line: "backend remove staging" },
    { does: "Forget the server without a name", line: "backend remove cloud" },
  ],
  async run(context, { args }) {
    const { removeBackend } = await import("./switching.ts");
    return await removeBackend(context, args.name);
  },
});
