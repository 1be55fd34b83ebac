/**
 * `stigmer mcp logout`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { SERVER_ARGUMENT, TARGET_OPTIONS } from "./target_option_specs.ts";

/** Logs out of a tool server. */
export const command: Command = defineCommand({
  summary: "Log out of an MCP server: its tokens are taken back and forgotten",
  needs: "machine",
  arguments: { server: SERVER_ARGUMENT },
  options: TARGET_OPTIONS,
  examples: [
    { does: "Log out of an MCP server", line: "mcp logout tickets" },
    {
      does: "Log out of an agent's own server",
      line: "mcp logout reviewer/tickets",
    },
  ],
  async run(context, { args, options }) {
    const { targetOf } = await import("./target_options.ts");
    const { signOut } = await import("./signing_in.ts");
    const target = await targetOf(context, { name: args.server }, options);
    return await signOut(context, target);
  },
});
