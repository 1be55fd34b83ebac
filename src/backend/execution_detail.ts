/**
 * The tasks of an execution, folded from its journal by its own machine.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import { readEvents } from "../store/journal.ts";
import type { ServiceDeps } from "./deps.ts";
import type { ExecutionDetail } from "./execution_message.ts";
import { createLoadProgram } from "./programs.ts";

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
    const program = await createLoadProgram(deps)(record);
    const machine = program.createMachine();
    for (const event of readEvents(deps.store.database, record.id)) {
      machine.apply(event);
    }
    machine.decide();
    const usage = machine.usage?.();
    return {
      tasks: machine.tasks(),
      ...(usage === undefined ? {} : { usage }),
    };
  } catch (error) {
    if (error instanceof StigmerError) return { tasks: [] };
    throw error;
  }
}
