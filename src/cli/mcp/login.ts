/**
 * `stigmer mcp login`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { SERVER_ARGUMENT, TARGET_OPTIONS } from "./target_option_specs.ts";

/** Logs in to a tool server. */
export const command: Command = defineCommand({
  summary: "Log in to an MCP server that wants OAuth, for all runs that use it",
  needs: "machine",
  details: [
    "The browser opens where you sign in, and comes back to an address of this machine. The tokens are sealed beside your secrets, and renewed by themselves where the server lets them.",
    "On a machine without a browser, sign in on another one that reaches the port here: ssh -L PORT:127.0.0.1:PORT, with --no-browser --port PORT.",
  ],
  arguments: { server: SERVER_ARGUMENT },
  options: {
    noBrowser: {
      kind: "flag",
      summary: "Only print the address where you sign in",
    },
    port: {
      kind: "value",
      placeholder: "PORT",
      summary: "Come back to this port of 127.0.0.1 instead of any",
    },
    ...TARGET_OPTIONS,
  },
  examples: [
    { does: "Log in to an MCP server", line: "mcp login tickets" },
    {
      does: "Log in to an agent's own server, by a client that is registered",
      line: "mcp login reviewer/tickets --secret CLIENT_SECRET --port 8976",
    },
  ],
  async run(context, { args, options }) {
    const { targetOf } = await import("./target_options.ts");
    const { signIn } = await import("./signing_in.ts");
    const target = await targetOf(context, { name: args.server }, options);
    const { noBrowser, port } = options;
    return await signIn(context, { target, noBrowser, port });
  },
});
