/**
 * `stigmer execution list`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { LABEL_FILTER, LIST_OPTIONS, WATCH_OPTION } from "../listing.ts";

/** Lists executions. */
export const command: Command = defineCommand({
  summary: "List executions, newest first",
  arguments: {},
  options: {
    agent: {
      kind: "value",
      placeholder: "NAME",
      summary: "Show only those of this agent",
      complete: "agent",
    },
    workflow: {
      kind: "value",
      placeholder: "NAME",
      summary: "Show only those of this workflow",
      complete: "workflow",
    },
    kind: {
      kind: "value",
      placeholder: "KIND",
      summary: "Show only those of this kind",
      choices: ["agent", "workflow"],
    },
    phase: {
      kind: "list",
      placeholder: "PHASE",
      summary: "Show only those in this phase",
    },
    since: {
      kind: "value",
      placeholder: "TIME",
      summary: "Show only those created since, as 2h or 2026-01-31T08:00:00Z",
    },
    until: {
      kind: "value",
      placeholder: "TIME",
      summary: "Show only those created before, as 10m or a time",
    },
    session: {
      kind: "value",
      placeholder: "ID",
      summary: "Show only those of this conversation",
      complete: "session",
    },
    parent: {
      kind: "value",
      placeholder: "ID",
      summary: "Show only those that this execution started",
      complete: "execution",
    },
    topLevel: {
      kind: "flag",
      summary: "Show only those that no other execution started",
    },
    label: LABEL_FILTER,
    ...LIST_OPTIONS,
    watch: WATCH_OPTION,
  },
  examples: [
    {
      does: "List what failed within the last day",
      line: "execution list --phase failed --since 1d",
    },
    {
      does: "See runs begin and end",
      line: "execution list --top-level --watch",
    },
    {
      does: "Cancel whatever a workflow has pending",
      line:
        "execution list --workflow nightly --phase pending -o name | xargs -r stigmer execution cancel",
    },
  ],
  async run(context, { options }) {
    const { listExecutions } = await import("./listing.ts");
    return await listExecutions(context, options);
  },
});
