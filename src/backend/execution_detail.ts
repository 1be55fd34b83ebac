/**
 * The tasks of an execution, folded from its journal by its own machine.
 *
 * @module
 */

import type { LoadProgram } from "../engine/ports.ts";
import type { JournalEvent } from "../model/durable.ts";
import { StigmerError } from "../model/error.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import type { ServiceDeps } from "./deps.ts";
import type { ExecutionDetail } from "./execution_message.ts";
import { journalNow } from "./journal_now.ts";
import { createLoadProgram } from "./programs.ts";

/** A loader for each service, so that checked plans are kept between calls. */
const LOADERS: WeakMap<ServiceDeps, LoadProgram> = new WeakMap();

/**
 * Folds the journal of an execution.
 *
 * An execution whose program cannot be read, as of a newer release, has no
 * tasks to show: that must not hide the rest of it.
 */
export async function detailOf(
  deps: ServiceDeps,
  record: ExecutionRecord,
): Promise<ExecutionDetail> {
  try {
    const program = await loaderOf(deps)(record);
    const machine = program.createMachine();
    // How many tasks were begun when the run was held: the machine is past
    // them already, but what nobody may begin yet is not shown as begun.
    let held: number | undefined = 0;
    for (const event of journalNow(deps.store.database, record.id)) {
      if (event.type === "EXECUTION_PAUSED") held ??= machine.tasks().length;
      if (letsGoOn(event, record)) held = undefined;
      machine.apply(event);
    }
    if (held === undefined) machine.decide();
    const usage = machine.usage?.();
    return {
      tasks: machine.tasks().slice(0, held),
      ...(usage === undefined ? {} : { usage }),
    };
  } catch (error) {
    if (error instanceof StigmerError) return { tasks: [] };
    throw error;
  }
}

/** Whether tasks may begin from this event on; PENDING waits for a worker. */
function letsGoOn({ type }: JournalEvent, record: ExecutionRecord): boolean {
  return type === "EXECUTION_STARTED" ||
    type === "EXECUTION_RESUMED" && record.phase !== "PENDING";
}

/** Gives the loader of programs that a service uses to look at them. */
export function loaderOf(deps: ServiceDeps): LoadProgram {
  const kept = LOADERS.get(deps);
  if (kept !== undefined) return kept;
  const made = createLoadProgram(deps, { toRun: false });
  LOADERS.set(deps, made);
  return made;
}
