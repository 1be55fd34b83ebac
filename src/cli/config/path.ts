/**
 * `stigmer config path`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Prints the path of the configuration. */
export const command: Command = defineCommand({
  summary: "Print the path of the configuration file",
  needs: "reading",
  arguments: {},
  options: {},
  examples: [
    { does: "Print the path", line: "config path" },
    { does: "Open it in an editor", line: "config path | xargs $EDITOR" },
  ],
  async run(context) {
    const { showPath } = await import("../configuring.ts");
    return await showPath(context);
  },
});
