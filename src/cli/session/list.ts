/**
 * `stigmer session list`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { LIST_OPTIONS, WATCH_OPTION } from "../listing.ts";

/** Lists sessions. */
export const command: Command = defineCommand({
  summary: "List sessions, newest first",
  arguments: {},
  options: {
    agent: {
      kind: "value",
      placeholder: "NAME",
      summary: "Show only those with this agent",
      complete: "agent",
    },
    ...LIST_OPTIONS,
    watch: WATCH_OPTION,
  },
  examples: [
    { does: "List the newest sessions", line: "session list" },
    {
      does: "List the conversations with one agent",
      line: "session list --agent reviewer",
    },
  ],
  async run(context, { options }) {
    const { SESSIONS } = await import("./resource.ts");
    return await SESSIONS.list(context, {
      limit: options.limit,
      pageToken: options.pageToken,
      all: options.all,
      watch: options.watch,
      agent: options.agent,
    });
  },
});
