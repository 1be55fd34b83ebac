/**
 * Shows the master key and what is sealed under it.
 *
 * @module
 */

import type { Ending } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { showOne } from "../view.ts";
import type { Backend } from "../../backend/open.ts";
import { keyText, statusIn, VAULT_VIEW, warnOfUnusedKeys } from "./key.ts";

/** Shows the master key; fails where there is one that cannot be used. */
export async function showVaultStatus(context: Context): Promise<Ending> {
  await using backend = await openFor(context);
  const call = { signal: context.signal };
  const status = statusIn(await backend.client.getVaultStatus({}, call));
  await showOne(context, VAULT_VIEW, status);
  warnOfUnusedKeys(context, { backend, status });
  return status.problem === "" ? "ok" : "failed";
}

/**
 * Sees that there is a master key before the first secret is sealed, and says
 * where it was made: nobody else will.
 */
export async function announceKey(
  context: Context,
  backend: Backend,
): Promise<void> {
  const call = { signal: context.signal };
  const answer = await backend.client.prepareVault({}, call);
  const status = statusIn(answer);
  if (!answer.created) return;
  context.io.note(keyText(status, answer));
  warnOfUnusedKeys(context, { backend, status });
}
