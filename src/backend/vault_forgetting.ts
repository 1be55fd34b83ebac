/**
 * Forgets master keys that were replaced: takes them from where they are kept.
 *
 * @module
 */

import { messageOf, StigmerError } from "../model/error.ts";
import {
  deleteVaultKey,
  setVaultKeyState,
  vaultKey,
  vaultKeyIn,
  type VaultKeyRow,
} from "../store/vault_keys.ts";
import { keySourcesOf, type VaultDeps } from "./vault_key.ts";

/** Forgets a key, also where another rotation that keeps it was faster. */
export async function forgetRetired(
  deps: VaultDeps,
  keyId: string,
): Promise<void> {
  const { database } = deps.store;
  database.transaction(() => {
    if (vaultKey(database, keyId)?.state !== "retired") return;
    setVaultKeyState(database, keyId, "forgotten");
  });
  await forgetAll(deps);
}

/** Takes every key away that is to be forgotten. */
export async function forgetAll(deps: VaultDeps): Promise<void> {
  const { database } = deps.store;
  for (;;) {
    const row = vaultKeyIn(database, "forgotten");
    if (row === undefined) return;
    await removeKept(deps, row).catch((error) => {
      throw notForgotten(row, error);
    });
    deleteVaultKey(database, row.id);
  }
}

/** What people keep by hand they remove by hand. */
export async function removeKept(
  deps: VaultDeps,
  row: VaultKeyRow,
): Promise<void> {
  if (row.source === "env" || row.source === "env-file") return;
  const source = keySourcesOf(deps).find(({ kind }) => kind === row.source);
  await source?.remove(row.id);
}

function notForgotten(row: VaultKeyRow, cause: unknown): StigmerError {
  return new StigmerError(
    cause instanceof StigmerError ? cause.code : "INTERNAL",
    `The master key is rotated, but the old one, "${row.id}", cannot be ` +
      `removed from ${row.location}: ${messageOf(cause)}`,
    {
      cause,
      hints: ["`stigmer secrets rotate --forget-old` tries that again"],
    },
  );
}
