/**
 * Forgets master keys that were replaced: takes them from where they are kept.
 *
 * @module
 */

import { messageOf, StigmerError } from "../model/error.ts";
import { dataKeysUnder } from "../store/data_keys.ts";
import {
  deleteVaultKey,
  setVaultKeyState,
  type VaultKeyRow,
  vaultKeys,
} from "../store/vault_keys.ts";
import { type KeySource, placeInWords } from "../vault/key_source.ts";
import { keySourcesOf, type VaultDeps } from "./vault_key.ts";

/** Which replaced keys are gone, and which people have to remove. */
export interface Forgetting {
  readonly forgottenKeyIds: string[];
  readonly keptKeyIds: string[];
}

/**
 * Forgets all keys that were replaced and that nothing is under any more, also
 * those of earlier rotations.
 *
 * @throws {StigmerError} When one cannot be removed; all others are.
 */
export async function forgetReplaced(deps: VaultDeps): Promise<Forgetting> {
  const { database } = deps.store;
  const rows = database.transaction(() => {
    const replaced = vaultKeys(database).filter(({ id, state }) =>
      (state === "retired" || state === "forgotten") &&
      dataKeysUnder(database, id).length === 0
    );
    for (const { id } of replaced) setVaultKeyState(database, id, "forgotten");
    return replaced;
  });
  const result: Forgetting = { forgottenKeyIds: [], keptKeyIds: [] };
  const failures: Failure[] = [];
  for (const row of rows) {
    try {
      const isGone = await forget(deps, row);
      (isGone ? result.forgottenKeyIds : result.keptKeyIds).push(row.id);
    } catch (cause) {
      failures.push({ row, cause });
    }
  }
  if (failures.length > 0) throw notForgotten(failures);
  return result;
}

/** Takes a key from where Stigmer kept it; says whether it was all there is. */
async function forget(deps: VaultDeps, row: VaultKeyRow): Promise<boolean> {
  const { database } = deps.store;
  await removeKept(deps, row);
  const holder = await givenIn(deps, row.id);
  // It can still be had, and who looks at the status should see that.
  if (holder === undefined) deleteVaultKey(database, row.id);
  else setVaultKeyState(database, row.id, "retired");
  return holder === undefined && !isGiven(row);
}

/** Takes a key away; what people keep by hand they remove by hand. */
export async function removeKept(
  deps: VaultDeps,
  row: VaultKeyRow,
): Promise<void> {
  for (const source of keySourcesOf(deps)) {
    if (isGiven({ source: source.kind })) continue;
    // A copy may have come into the file with a backup.
    const isThere = source.kind === row.source ||
      source.kind === "key-file" && await holds(source, row.id);
    if (isThere) await source.remove(row.id);
  }
}

function isGiven({ source }: Pick<VaultKeyRow, "source">): boolean {
  return source === "env" || source === "env-file";
}

/** Finds what people gave that holds a key. */
async function givenIn(
  deps: VaultDeps,
  keyId: string,
): Promise<KeySource | undefined> {
  for (const source of keySourcesOf(deps)) {
    if (!isGiven({ source: source.kind })) continue;
    if (await holds(source, keyId)) return source;
  }
  return undefined;
}

async function holds(source: KeySource, keyId: string): Promise<boolean> {
  return (await source.holds())?.includes(keyId) ?? false;
}

/** A key that could not be removed. */
interface Failure {
  readonly row: VaultKeyRow;
  readonly cause: unknown;
}

function notForgotten(failures: readonly Failure[]): StigmerError {
  const first = failures.find(({ cause }) => cause instanceof StigmerError)
    ?.cause;
  const which = failures.map(({ row, cause }) =>
    `"${row.id}" from ${placeInWords(row)}: ${messageOf(cause)}`
  );
  return new StigmerError(
    first instanceof StigmerError ? first.code : "INTERNAL",
    "The master key is rotated, but old ones cannot be removed, " +
      which.join("; "),
    {
      cause: first,
      hints: ["`stigmer secrets rotate --forget-old` tries that again"],
    },
  );
}
