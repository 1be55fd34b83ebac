/**
 * `stigmer mcp serve`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { APPROVE_OPTION } from "../execution/request_options.ts";

/** Offers agents and workflows as tools. */
export const command: Command = defineCommand({
  summary: "Offer agents and workflows as tools to an IDE, over stdio or HTTP",
  needs: "executions",
  details: [
    "Every applied agent and workflow is a tool; what is applied or deleted meanwhile comes and goes. Over stdio (the default) the IDE starts this command, and its end cancels what its calls began, but for what waits for a person.",
    "Over HTTP it listens until it is stopped: at /mcp of an address of this machine. Anything but this machine needs a token, in a file or in STIGMER_MCP_TOKEN, which clients send as a bearer token.",
    "A run that waits for an approval or an answer asks the person before the client, where the client can show a form. Otherwise its result names the command that answers it, and the tool stigmer_execution comes back to it.",
  ],
  arguments: {
    address: {
      kind: "optional",
      summary:
        "With --http: where to listen, as HOST:PORT, PORT or unix:/PATH (default 127.0.0.1:7235)",
    },
  },
  options: {
    http: {
      kind: "flag",
      summary: "Serve over streamable HTTP rather than stdio",
    },
    only: {
      kind: "list",
      placeholder: "GLOB",
      summary: "Offer only those whose slug matches (repeatable)",
    },
    approve: APPROVE_OPTION,
    answers: {
      kind: "flag",
      summary:
        "Let clients answer what runs ask people by a tool call, too: only for those that ask their person before each call",
    },
    tokenFile: {
      kind: "value",
      placeholder: "FILE",
      summary: "File with the token that clients over HTTP must send",
      complete: "file",
    },
  },
  examples: [
    { does: "Offer all agents and workflows to an IDE", line: "mcp serve" },
    {
      does: "Offer some of them over HTTP",
      line: "mcp serve --http 127.0.0.1:8000 --only 'search-*'",
    },
  ],
  async run(context, { args, options }) {
    const { serveTools } = await import("./serving.ts");
    return await serveTools(context, { ...options, address: args.address });
  },
});
