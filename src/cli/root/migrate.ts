/**
 * `stigmer migrate`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";
import { YES_OPTION } from "../confirm.ts";

/** Copies what one backend has to another one. */
export const command: Command = defineCommand({
  summary: "Copy what one backend has to another one",
  needs: "machine",
  details: [
    "All of it is stored in one transaction, or nothing, and then compared record by record. The source stays as it is. The same command again goes on where it was broken off, and changes nothing where it was done.",
    "Executions that have not ended stay behind. Schedules arrive paused, so that no workflow is started by both backends.",
  ],
  arguments: {},
  options: {
    from: {
      kind: "value",
      placeholder: "NAME",
      summary: "Copy from this backend: local, cloud or the name of a context",
      complete: "backend",
    },
    to: {
      kind: "value",
      placeholder: "NAME",
      summary: "Copy to this backend",
      complete: "backend",
    },
    withHistory: {
      kind: "flag",
      summary: "Copy versions, sessions, ended executions and artifacts, too",
    },
    secrets: {
      kind: "value",
      placeholder: "HOW",
      summary:
        "Copy secrets encrypted for the way (reencrypt, the default), as they are sealed, or only their names",
      choices: ["reencrypt", "sealed", "omit"],
    },
    onConflict: {
      kind: "value",
      placeholder: "WHAT",
      summary: "Do this about what is there and differs; default fail",
      choices: ["fail", "skip", "replace"],
    },
    startSchedules: {
      kind: "flag",
      summary: "Let schedules start workflows at the target at once",
    },
    dryRun: { kind: "flag", summary: "Say what would change, store nothing" },
    yes: YES_OPTION,
  },
  examples: [
    {
      does: "Say what would come to the server that is logged in to",
      line: "migrate --from local --to cloud --dry-run",
    },
    {
      does: "Copy everything, executions too, and keep what is there",
      line: "migrate --from local --to prod --with-history --on-conflict skip",
    },
  ],
  async run(context, { options }) {
    const { migrate } = await import("../migrating.ts");
    return await migrate(context, options);
  },
});
