/**
 * The model that an execution is run with, for its tasks that name none.
 *
 * @module
 */

import { parseExecutionId } from "../model/id.ts";
import { member } from "../model/json.ts";
import { getExecution } from "../store/executions.ts";
import type { Store } from "../store/open.ts";

/** Makes what looks a model up; empty means that none was named. */
export function modelOf(
  { database }: Pick<Store, "database">,
): (executionId: string) => string {
  return (executionId) => {
    const id = parseExecutionId(executionId);
    const execution = id === undefined ? undefined : getExecution(database, id);
    const model = execution === undefined
      ? undefined
      : member(execution.spec, "model");
    return typeof model === "string" ? model : "";
  };
}
