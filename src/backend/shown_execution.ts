/**
 * An execution as those who ask see it: with its tasks, and with what it waits
 * for in the end.
 *
 * @module
 */

import type { Execution } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { isAlive as isWorkerAlive } from "../engine/lease.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import { programWait, turnWait } from "../model/turn_wait.ts";
import { importUnseen } from "../model/unseen.ts";
import { type Looking, servedBy } from "../store/leases.ts";
import { executionAhead } from "../store/lines.ts";
import { orphanedWait, surfacedWait } from "../store/waits.ts";
import { executionMessage } from "./execution_message.ts";
import type { ExecutionServiceDeps } from "./executions.ts";

/** The execution with its tasks, which are folded from its journal. */
export async function detailed(
  deps: ExecutionServiceDeps,
  record: ExecutionRecord,
): Promise<Execution> {
  const { detailOf } = await importUnseen<
    typeof import("./execution_detail.ts")
  >("./execution_detail.ts", import.meta.url);
  const { withQuestions } = await importUnseen<
    typeof import("./questions.ts")
  >("./questions.ts", import.meta.url);
  const detail = await withQuestions(deps, await detailOf(deps, record));
  return executionMessage(surfaced(deps, record), detail);
}

/**
 * The execution with what it waits for in the end: through its children, or in
 * line; one that nobody runs waits for whoever goes on with it.
 */
export function surfaced(
  deps: ExecutionServiceDeps,
  record: ExecutionRecord,
  looking: Looking = lookingNow(deps),
): ExecutionRecord {
  const { database } = deps.store;
  const { id, phase, waitingFor } = record;
  if (phase === "PENDING") {
    const ahead = executionAhead(database, id);
    if (ahead === undefined) return withProgram(deps, record);
    const { id: aheadId, waitingFor } = ahead;
    const wait = surfacedWait(database, aheadId, waitingFor);
    return { ...record, waitingFor: turnWait({ ...ahead, waitingFor: wait }) };
  }
  if (phase === "WAITING" && waitingFor !== undefined) {
    return { ...record, waitingFor: surfacedWait(database, id, waitingFor) };
  }
  const orphaned = orphanedWait(database, record, looking);
  if (orphaned === undefined) return record;
  return withProgram(deps, { ...record, waitingFor: orphaned });
}

/** What nobody runs that a program alone can run waits for that program. */
function withProgram(
  { store }: ExecutionServiceDeps,
  record: ExecutionRecord,
): ExecutionRecord {
  const workflow = servedBy(store.database, record.id);
  if (workflow === "") return record;
  return { ...record, waitingFor: programWait(workflow) };
}

/** Who looks now; each worker is asked only once whether it lives. */
export function lookingNow(deps: ExecutionServiceDeps): Looking {
  const known = new Map<number, boolean>();
  return {
    nowMs: deps.host.clock.now(),
    isAlive(worker) {
      const alive = known.get(worker.number) ?? isWorkerAlive(deps, worker);
      known.set(worker.number, alive);
      return alive;
    },
  };
}
