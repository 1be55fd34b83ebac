/**
 * `stigmer config get`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Prints a value. */
export const command: Command = defineCommand({
  summary: "Print the value of a key",
  needs: "reading",
  arguments: {
    key: {
      kind: "required",
      summary: "Key, as output or backend.type",
      complete: "key",
    },
  },
  options: {},
  examples: [
    { does: "Print the value in force", line: "config get output" },
    {
      does: "Print it with where it comes from",
      line: "config get model -o json",
    },
  ],
  async run(context, { args }) {
    const { showValue } = await import("../configuring.ts");
    return await showValue(context, args.key);
  },
});
