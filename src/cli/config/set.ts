/**
 * `stigmer config set`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Sets a value. */
export const command: Command = defineCommand({
  summary: "Set a key",
  needs: "writing",
  arguments: {
    key: {
      kind: "required",
      summary: "Key, as output or backend.type",
      complete: "key",
    },
    value: { kind: "required", summary: "Value; an empty one removes the key" },
  },
  options: {},
  examples: [
    {
      does: "Print JSON unless asked otherwise",
      line: "config set output json",
    },
    {
      does: "Keep the database elsewhere",
      line: "config set backend.local.db_path ~/data/stigmer.db",
    },
  ],
  async run(context, { args }) {
    const { setValue } = await import("../configuring.ts");
    return await setValue(context, args);
  },
});
