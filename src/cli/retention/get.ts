/**
 * `stigmer retention get`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Shows how long things are kept. */
export const command: Command = defineCommand({
  summary: "Show how long things are kept",
  arguments: {},
  options: {},
  examples: [
    { does: "Show how long things are kept", line: "retention get" },
    { does: "Show it as JSON", line: "retention get -o json" },
  ],
  async run(context) {
    const { showRetention } = await import("../retaining.ts");
    return await showRetention(context);
  },
});
