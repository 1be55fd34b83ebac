/**
 * Finds out what would refuse an environment before a person is asked for its
 * secrets: nobody should type one in vain.
 *
 * @module
 */

import {
  ApplyResult_Outcome,
} from "../../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Environment } from "../../../gen/stigmer/backend/v1/environment_pb.ts";
import { fromDiagnosticMessage } from "../../backend/diagnostics.ts";
import type { BackendClient } from "../../backend/open.ts";
import { invalidArgument, StigmerError } from "../../model/error.ts";

/** What would become of an environment. */
export interface Rehearsal {
  readonly environment: Environment;
  readonly allowShort: boolean;
  /** Whether it is to be made, and so must not be there. */
  readonly isNew: boolean;
  readonly signal: AbortSignal;
}

/**
 * Refuses an environment that the backend would refuse; nothing is written.
 *
 * @throws {StigmerError} With what is wrong.
 */
export async function rehearse(
  client: BackendClient,
  { environment, allowShort, isNew, signal }: Rehearsal,
): Promise<void> {
  const { results: [result] } = await client.applyResources({
    resources: [{ resource: { case: "environment", value: environment } }],
    dryRun: true,
    allowShortSecrets: allowShort,
  }, { signal });
  if (result === undefined) return;
  const act = isNew ? "create" : "update";
  const name = environment.metadata?.name ?? "";
  if (result.outcome === ApplyResult_Outcome.FAILED) {
    throw refusal(
      `Cannot ${act} environment "${name}"`,
      result.diagnostics.map(fromDiagnosticMessage),
    );
  }
  if (!isNew || result.outcome === ApplyResult_Outcome.CREATED) return;
  throw new StigmerError(
    "ALREADY_EXISTS",
    `Cannot create environment "${name}": its slug is taken`,
    { hints: [`Update that environment, or choose another name`] },
  );
}

function refusal(
  act: string,
  diagnostics: StigmerError["diagnostics"],
): StigmerError {
  const errors = diagnostics.filter((it) => it.severity === "error");
  const [first] = errors;
  const hints = first?.hint === undefined ? [] : [first.hint];
  const message = `${act}: ${first?.message ?? "it is not valid"}`;
  return invalidArgument(message, { diagnostics: errors, hints });
}
