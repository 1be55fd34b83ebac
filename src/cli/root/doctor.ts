/**
 * `stigmer doctor`.
 *
 * @module
 */

import { type Command, defineCommand } from "../command.ts";

/** Checks this machine. */
export const command: Command = defineCommand({
  summary: "Check this machine and say how to fix it",
  needs: "everything",
  details: [
    "With a server it checks that it answers, its certificate, its release and the token, and lets it check the machine that it runs on.",
    "Ends with 1 when something must be fixed.",
  ],
  arguments: {},
  options: {
    permissions: {
      kind: "flag",
      summary: "Show what this program may do, and what each command gives up",
    },
  },
  undemanding: true,
  examples: [
    { does: "Check everything", line: "doctor" },
    {
      does: "See what this program may do, and what is left to each command",
      line: "doctor --permissions",
    },
    {
      does: "Print what must be fixed",
      line: `doctor -o json | jq '.checks[] | select(.state == "problem")'`,
    },
  ],
  async run(context, { options }) {
    if (options.permissions) {
      const { showPermissions } = await import("../diagnosing_permissions.ts");
      return await showPermissions(context);
    }
    const { diagnose } = await import("../diagnosing.ts");
    return await diagnose(context);
  },
});
