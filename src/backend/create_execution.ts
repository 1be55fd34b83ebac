/**
 * Stores the execution that a request asks for, once for each idempotency key.
 *
 * @module
 */

import type { CreateExecutionRequest } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { StigmerError } from "../model/error.ts";
import type { ExecutionRecord, NewExecution } from "../model/execution.ts";
import type { ExecutionId } from "../model/id.ts";
import { type Json, jsonEquals, member } from "../model/json.ts";
import { hideReferences } from "../model/sealed.ts";
import {
  handedExecution,
  hasPlain,
  sealedExecution,
  whileSecretsChange,
} from "./execution_secrets.ts";
import { type ExecutionServiceDeps, knownExecution } from "./executions.ts";
import { executionOfRequest } from "./new_execution.ts";
import { storeExecution } from "./store_execution.ts";
import { mayHoldSecret, withoutTypedSecrets } from "./typed_secrets.ts";

/** The execution that a request asked for. */
export interface Requested {
  readonly executionId: ExecutionId;
  /** False when an earlier request with its key had made it. */
  readonly isNew: boolean;
}

/**
 * Stores the execution that a request asks for, or finds the one that was
 * asked for with its idempotency key.
 *
 * @throws {StigmerError} What refuses it, by name.
 */
export function storeRequested(
  deps: ExecutionServiceDeps,
  request: CreateExecutionRequest,
): Promise<Requested> {
  return whileSecretsChange(async () => {
    const runsHere = deps.executesOwn;
    const asked = executionOfRequest(deps, request, { runsHere });
    // Nothing is waited for that need not be: of many that come at once the
    // first runs while the others are still made.
    const draft = mayHoldSecret(asked)
      ? await withoutTypedSecrets(deps, asked, { runsHere })
      : asked;
    const known = knownExecution(deps, request);
    if (known !== undefined) {
      refuseOther(known, draft.execution);
      return { executionId: known.id, isNew: false };
    }
    const execution = hasPlain(draft)
      ? await sealedExecution(deps, draft)
      : handedExecution(deps, draft);
    const executionId = deps.executesOwn
      ? await executeHere(deps, execution)
      : storeExecution(deps, execution);
    return { executionId, isNew: true };
  });
}

/**
 * Refuses what {@linkcode storeRequested} would refuse, and stores nothing.
 *
 * @throws {StigmerError} What refuses it, by name.
 */
export function checkRequested(
  deps: ExecutionServiceDeps,
  request: CreateExecutionRequest,
): void {
  executionOfRequest(deps, request, { runsHere: deps.executesOwn });
}

/** What of a spec makes two requests different ones. */
const TELLING_KEYS = [
  "resourceId",
  "resourceName",
  "instanceId",
  "message",
  "environmentIds",
  "variables",
  "secretNames",
  "model",
  "timeout",
  "outputSchema",
  "limits",
] as const;

/**
 * Refuses a key that stands for another request: who reuses one by mistake
 * must not be given what someone else asked for.
 */
function refuseOther(known: ExecutionRecord, wanted: NewExecution): void {
  const shown = (of: NewExecution, value: Json): Json =>
    hideReferences(value, of.sealMark ?? "");
  const same = known.kind === wanted.kind &&
    jsonEquals(shown(known, known.input), shown(wanted, wanted.input)) &&
    TELLING_KEYS.every((key) =>
      jsonEquals(
        shown(known, member(known.spec, key) ?? null),
        shown(wanted, member(wanted.spec, key) ?? null),
      )
    );
  if (same) return;
  throw new StigmerError(
    "ALREADY_EXISTS",
    `Cannot execute: the idempotency key "${wanted.idempotencyKey}" is taken ` +
      `by execution "${known.id}", which was asked for otherwise`,
    { hints: ["Use another key, or leave it out"] },
  );
}

/** Stores an execution that this process runs; gives the id of what is there. */
async function executeHere(
  deps: ExecutionServiceDeps,
  execution: NewExecution,
): Promise<ExecutionId> {
  const { worker } = deps.runner.started() ?? await deps.runner.get();
  try {
    await worker.create(execution);
    return execution.id;
  } catch (error) {
    // Another request with its key may have been faster.
    const known = knownExecution(deps, execution);
    if (known === undefined) throw error;
    return known.id;
  }
}
