/**
 * What an execution runs with, for people and for who runs it: secrets are
 * opened for its runner alone, and as long as it runs.
 *
 * @module
 */

import type {
  GetExecutionContextRequest,
  RunnerClaim,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { failedPrecondition, StigmerError } from "../model/error.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import { isTerminal } from "../model/phase.ts";
import { maskedValues } from "../model/secret_text.ts";
import { readContext } from "../store/contexts.ts";
import { claimOf } from "../store/leases.ts";
import type { ServiceDeps } from "./deps.ts";
import { createRunSecrets } from "./run_secrets.ts";

/** What an execution runs with. */
export interface ContextValues {
  readonly executionId: string;
  readonly variables: Record<string, string>;
  /** `***` for everyone but the runner. */
  readonly secrets: Record<string, string>;
}

/**
 * Gives what an execution runs with.
 *
 * @throws {StigmerError} FAILED_PRECONDITION once it has ended,
 * PERMISSION_DENIED for a claim that does not hold.
 */
export async function executionContext(
  deps: ServiceDeps,
  record: ExecutionRecord,
  { claim }: Pick<GetExecutionContextRequest, "claim">,
): Promise<ContextValues> {
  const { id, phase } = record;
  if (isTerminal(phase)) throw ended(record);
  if (claim !== undefined) refuseOthers(deps, record, claim);
  const { database } = deps.store;
  const { names, open } = createRunSecrets(deps, record, []);
  const values = claim === undefined
    ? Object.fromEntries(names.map((name) => [name, ""]))
    : await open(names, { path: "", asText: true });
  return {
    executionId: id,
    variables: { ...readContext(database, id) },
    secrets: claim === undefined ? maskedValues(values) : textsOf(values),
  };
}

function textsOf(
  values: Readonly<Record<string, unknown>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}

function refuseOthers(
  { store: { database } }: ServiceDeps,
  { id }: ExecutionRecord,
  claim: RunnerClaim,
): void {
  const held = claimOf(database, id);
  const isHeld = held !== undefined && held.owner === claim.worker &&
    held.epoch === claim.epoch;
  if (isHeld) return;
  throw new StigmerError(
    "PERMISSION_DENIED",
    `Cannot open the secrets of execution "${id}": worker ${claim.worker} ` +
      `does not hold it with epoch ${claim.epoch}`,
  );
}

function ended({ id, phase }: ExecutionRecord): StigmerError {
  return failedPrecondition(
    `Cannot give the context of execution "${id}": it is ${phase}, and its ` +
      "context ended with it",
  );
}
