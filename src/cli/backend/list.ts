/**
 * `stigmer backend list`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Lists backends. */
export const command: Command = defineCommand({
  summary: "List the backends that can be used, the current one marked",
  needs: "machine",
  arguments: {},
  options: {},
  examples: [
    { does: "List them", line: "backend list" },
    { does: "Print their names", line: "backend list -o name" },
  ],
  async run(context) {
    const { listBackends } = await import("./switching.ts");
    return await listBackends(context);
  },
});
