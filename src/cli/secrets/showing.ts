/**
 * Shows the master key and what is sealed under it.
 *
 * @module
 */

import type { VaultStatus } from "../../../gen/stigmer/backend/v1/backend_pb.ts";
import type { Ending } from "../command.ts";
import { type Context, openFor } from "../context.ts";
import { showOne } from "../view.ts";
import type { Backend } from "../../backend/open.ts";
import {
  keyText,
  serverKeyText,
  statusIn,
  VAULT_VIEW,
  warnOfKeys,
} from "./key.ts";

/** Shows the master key; fails where there is one that cannot be used. */
export async function showVaultStatus(context: Context): Promise<Ending> {
  await using backend = await openFor(context);
  const call = { signal: context.signal };
  const status = statusIn(await backend.client.getVaultStatus({}, call));
  await showOne(context, VAULT_VIEW, status);
  warnOfKeys(context, { backend, status });
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
  // Most of the time there is one, and nothing is asked of where it is kept.
  const brief = await backend.client.getVaultStatus({ brief: true }, call);
  if (statusIn(brief).keyId !== "") return;
  const answer = await backend.client.prepareVault({}, call);
  if (!answer.created) return;
  noteMade(context, { backend, status: statusIn(answer) });
}

/**
 * Looks whether there is a master key; what is returned says, once a secret is
 * sealed, where it was made. What is refused then makes no key.
 */
export async function watchKey(
  context: Context,
  backend: Backend,
): Promise<() => Promise<void>> {
  const call = { signal: context.signal };
  const before = statusIn(
    await backend.client.getVaultStatus({ brief: true }, call),
  );
  return async () => {
    if (before.keyId !== "") return;
    const status = statusIn(await backend.client.getVaultStatus({}, call));
    if (status.keyId === "") return;
    const { reason } = before;
    noteMade(context, { backend, status: { ...status, reason } });
  };
}

function noteMade(
  context: Context,
  options: { readonly backend: Backend; readonly status: VaultStatus },
): void {
  const { backend, status } = options;
  context.io.note(
    backend.type === "local"
      ? keyText(status, { created: true })
      : serverKeyText(status),
  );
  warnOfKeys(context, options);
}
