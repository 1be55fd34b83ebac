/**
 * `stigmer config list`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Lists the configuration. */
export const command: Command = defineCommand({
  summary: "List every key with its value and where it comes from",
  needs: "reading",
  arguments: {},
  options: {},
  examples: [
    { does: "List the configuration", line: "config list" },
    { does: "List it as JSON", line: "config list -o json" },
  ],
  async run(context) {
    const { listValues } = await import("../configuring.ts");
    return await listValues(context);
  },
});
