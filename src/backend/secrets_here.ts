/**
 * Refuses to take a run into a process that cannot open its secrets: there it
 * would fail for good, and elsewhere it would go on.
 *
 * @module
 */

import type { ExecutionRecord } from "../model/execution.ts";
import { isTerminal } from "../model/phase.ts";
import { countSealed } from "../store/sealed_values.ts";
import { vaultKeyIn } from "../store/vault_keys.ts";
import type { ServiceDeps } from "./deps.ts";
import { createRunSecrets } from "./run_secrets.ts";
import { requireMasterKey } from "./vault_key.ts";

/**
 * Opens what is kept for a run, before anything is asked of that.
 *
 * @throws {StigmerError} PERMISSION_DENIED that says which key is needed.
 */
export async function requireSecretsHere(
  deps: ServiceDeps,
  execution: ExecutionRecord,
): Promise<void> {
  if (execution.sealMark === undefined || isTerminal(execution.phase)) return;
  await createRunSecrets(deps, execution, []).ready([]);
}

/**
 * Refuses to work for runs with secrets without the key of those.
 *
 * @throws {StigmerError} As for what cannot be opened, with the way out.
 */
export async function requireKeyHere(deps: ServiceDeps): Promise<void> {
  const { database } = deps.store;
  const current = vaultKeyIn(database, "current");
  const { executionCount } = countSealed(database);
  if (current === undefined || executionCount === 0) return;
  const act = `start a worker while ${executionCount} executions with ` +
    "secrets are under way";
  await requireMasterKey(deps, current.id, { act });
}
