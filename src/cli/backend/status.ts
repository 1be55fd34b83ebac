/**
 * `stigmer backend status`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Shows the backend. */
export const command: Command = defineCommand({
  summary: "Show which backend answers and what it holds",
  arguments: {},
  options: {},
  examples: [
    { does: "Show the backend", line: "backend status" },
    {
      does: "Print where its database is",
      line: "backend status -o name",
    },
  ],
  async run(context) {
    const { showStatus } = await import("../home.ts");
    return await showStatus(context);
  },
});
