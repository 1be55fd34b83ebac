/**
 * The RPCs that look back at an execution: do it again from a point, and tell
 * what happened in it.
 *
 * @module
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import type {
  BackendService,
  RetryExecutionRequest,
  RetryExecutionResponseSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import type { JournalEvent } from "../model/durable.ts";
import { StigmerError } from "../model/error.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import { isReusable } from "../engine/reuse.ts";
import { readEvents } from "../store/journal.ts";
import { executionMessage } from "./execution_message.ts";
import {
  type ExecutionServiceDeps,
  knownExecution,
  requireExecution,
  takeHere,
} from "./executions.ts";
import { requireJournal } from "./journal_kept.ts";
import { checkIdempotencyKey } from "./new_execution.ts";
import { retryExecution } from "./retry.ts";
import { surfaced } from "./shown_execution.ts";
import { traceOf } from "./trace.ts";

/** The RPCs that look back. */
export type ReplayService = Pick<
  ServiceImpl<typeof BackendService>,
  "retryExecution" | "traceExecution"
>;

/** Makes the RPCs that look back. */
export function replayService(deps: ExecutionServiceDeps): ReplayService {
  return {
    retryExecution: (request) => retry(deps, request),
    async traceExecution({ id }) {
      const record = requireExecution(deps, id);
      requireJournal(record, "trace");
      const tasks = await traceOf(deps, record);
      const execution = executionMessage(surfaced(deps, record));
      return { execution, tasks: [...tasks] };
    },
  };
}

async function retry(
  deps: ExecutionServiceDeps,
  request: RetryExecutionRequest,
): Promise<MessageInitShape<typeof RetryExecutionResponseSchema>> {
  checkIdempotencyKey(request.idempotencyKey);
  const old = requireExecution(deps, request.id);
  const known = knownExecution(deps, request);
  if (known !== undefined) return repeated(deps, { old, known });
  const { executionId, reusedCount } = await retryExecution(deps, old, request);
  if (deps.executesOwn) await takeHere(deps, executionId);
  const execution = executionMessage(requireExecution(deps, executionId));
  return { execution, reusedCount };
}

/** The retry that an earlier request with the same key made. */
function repeated(
  { store }: ExecutionServiceDeps,
  of: { readonly old: ExecutionRecord; readonly known: ExecutionRecord },
): MessageInitShape<typeof RetryExecutionResponseSchema> {
  const { old, known } = of;
  if (known.spec["retryOf"] !== old.id) {
    throw new StigmerError(
      "ALREADY_EXISTS",
      `Cannot retry execution "${old.id}": the idempotency key ` +
        `"${known.idempotencyKey}" is taken by execution "${known.id}"`,
      { hints: ["Use another key, or leave it out"] },
    );
  }
  const reusedCount = countReused(readEvents(store.database, known.id));
  return { execution: executionMessage(known), reusedCount };
}

/** Counts the results before a worker first took the retry. */
function countReused(events: readonly JournalEvent[]): number {
  const starts = events.flatMap(({ type }, i) =>
    type === "EXECUTION_STARTED" ? [i] : []
  );
  return events.slice(0, starts[1]).filter(isReusable).length;
}
