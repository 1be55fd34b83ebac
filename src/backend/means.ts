/**
 * What a workflow needs of the machine that it runs on: told before its first
 * task, and not in the middle.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import { importUnseen } from "../model/unseen.ts";
import { tasksOf } from "../workflow/references.ts";
import type { Plan } from "../workflow/tree.ts";

/**
 * Looks for everything that the tasks of a plan are run with, before the first
 * of them: what has begun may be past those that need it.
 *
 * @throws {StigmerError} FAILED_PRECONDITION, naming what is missing.
 */
export async function requireMeans(
  host: Pick<Host, "platform" | "processes">,
  { plan, execution }: {
    readonly plan: Plan;
    readonly execution: Pick<ExecutionRecord, "startedAtMs">;
  },
): Promise<void> {
  if (execution.startedAtMs !== undefined) return;
  const seen = new Set<string>();
  for (const task of tasksOf(plan)) {
    const need = task.kind === "script" ? task.language : task.kind;
    if (seen.has(need)) continue;
    seen.add(need);
    if (task.kind === "container") {
      const { requireContainerEngine } = await importUnseen<
        typeof import("../activity/container.ts")
      >("../activity/container.ts", import.meta.url);
      requireContainerEngine(host);
    } else if (task.kind === "script") {
      const { requireInterpreter } = await importUnseen<
        typeof import("../activity/script.ts")
      >("../activity/script.ts", import.meta.url);
      requireInterpreter(host, task.language);
    }
  }
}
