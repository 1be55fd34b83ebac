/**
 * A worker process with the real shell, for a test that kills it: serves a
 * home until then.
 *
 * Usage: shell_worker.ts HOME.
 *
 * @module
 */

import { createShellActivity } from "../../src/activity/shell.ts";
import { systemHost } from "../../src/host/system.ts";
import type { Plan } from "../../src/workflow/tree.ts";
import { openHome, workOn } from "./fixture.ts";
import { base, plan, template } from "./plans.ts";

/** Sleeps for the given seconds, in a child of the shell. */
function sleeping(options: { readonly await: boolean }): Plan {
  return plan([{
    ...base("sleep"),
    kind: "shell",
    command: template('sleep "$1"; true'),
    arguments: template(["${ .seconds }"]),
    await: options.await,
    return: "none",
  }]);
}

const [path = ""] = Deno.args;
const host = systemHost();
using home = openHome(path, host);
await using worker = workOn(home, {
  plans: {
    waited: sleeping({ await: true }),
    unwaited: sleeping({ await: false }),
  },
  options: { activities: { shell: createShellActivity({ host }) } },
});
await worker.serve({ signal: new AbortController().signal });
