/**
 * `stigmer mcp trust`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { YES_OPTION } from "../confirm.ts";
import { SERVER_ARGUMENT, TARGET_OPTIONS } from "./target_option_specs.ts";

/** Takes tools that changed for what they are now. */
export const command: Command = defineCommand({
  summary: "See what changed of a server's tools, and trust them as they are",
  needs: "executions",
  details: [
    "The first use of a tool pins what its server says of it: its description, its arguments and what it does to the world. When that changes, models are not told of the tool any more and calls of it are refused, until you trust it here.",
    "With --forget no server is started: the next use takes the tools as they are then.",
  ],
  arguments: {
    name: SERVER_ARGUMENT,
    tools: {
      kind: "rest",
      summary: "Names of the tools; none means all that are not trusted",
      complete: "mcp-tool",
    },
  },
  options: {
    forget: {
      kind: "flag",
      summary: "Forget what the tools were; takes how a server is reached, too",
    },
    yes: YES_OPTION,
    ...TARGET_OPTIONS,
  },
  examples: [
    {
      does: "See what changed of the tools of an MCP server, and trust them",
      line: "mcp trust tickets",
    },
    {
      does: "Trust one tool of an agent's own server without being asked",
      line: "mcp trust reviewer/github create_issue --yes",
    },
  ],
  async run(context, { args, options }) {
    const { targetOf } = await import("./target_options.ts");
    const { forgetTools, trustTools } = await import("./trusting.ts");
    const target = await targetOf(context, { name: args.name }, options);
    const { yes, forget } = options;
    const trusting = { target, tools: args.tools, yes };
    return forget
      ? await forgetTools(context, trusting)
      : await trustTools(context, trusting);
  },
});
