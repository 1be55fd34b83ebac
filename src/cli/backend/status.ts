/**
 * `stigmer backend status`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Shows the backend. */
export const command: Command = defineCommand({
  summary: "Show which backend answers and what it holds",
  needs: "machine",
  details: [
    "It says who chose the backend, whether it answers and how fast, and who you are there. A backend that does not answer ends it with exit code 1, or 4 when the token is refused; what is known is printed all the same.",
  ],
  arguments: {
    name: {
      kind: "optional",
      summary: "local, cloud or the name of a context; default the current one",
      complete: "backend",
    },
  },
  options: {},
  examples: [
    { does: "Show the backend", line: "backend status" },
    {
      does: "Print where its database is",
      line: "backend status -o name",
    },
    { does: "Show that of a context", line: "backend status staging" },
  ],
  async run(context, { args }) {
    const { showStatus } = await import("./showing.ts");
    return await showStatus(context, args.name);
  },
});
