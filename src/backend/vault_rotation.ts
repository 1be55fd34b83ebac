/**
 * Rotation: a new master key takes the place of the current one, and all data
 * keys are wrapped anew.
 *
 * The new key is kept first, then noted as `next`; then one transaction moves
 * every data key and makes `next` the current one. Whatever dies between two
 * of these steps leaves a vault that opens with the old key, and a rotation
 * that the next one goes on with.
 *
 * @module
 */

import { failedPrecondition, type StigmerError } from "../model/error.ts";
import { dataKeysUnder } from "../store/data_keys.ts";
import {
  deleteVaultKey,
  insertVaultKey,
  vaultKey,
  vaultKeyIn,
  type VaultKeyRow,
} from "../store/vault_keys.ts";
import { placeInWords } from "../vault/key_source.ts";
import type { MasterKey } from "../vault/master_key.ts";
import {
  forgetReplaced,
  type Forgetting,
  removeKept,
} from "./vault_forgetting.ts";
import {
  keepNewKey,
  type KeptKey,
  keyRingOf,
  requireMasterKey,
  rowOf,
  takeAway,
  type VaultDeps,
} from "./vault_key.ts";
import { inTheWay, moveDataKeys, ROTATE_ACT } from "./vault_moving.ts";

/** How the master key is rotated. */
export interface RotateOptions {
  /** Where the new one is kept; default where the old one is. */
  readonly source?: string;
  /** Whether all replaced keys are forgotten once nothing is under them. */
  readonly forgetOld?: boolean;
  /** Stops before the keys are exchanged; the next rotation goes on. */
  readonly signal?: AbortSignal;
}

/** What a rotation did. */
export type Rotation = Exchange & Partial<Forgetting>;

/** How one key took the place of another. */
interface Exchange {
  readonly oldKeyId: string;
  readonly newKeyId: string;
  /** Data keys that were wrapped anew. */
  readonly dataKeyCount: number;
  /** Whether another one had begun it. */
  readonly resumed: boolean;
}

/** The new key of a rotation. */
interface Begun {
  readonly master: MasterKey;
  readonly resumed: boolean;
}

/** Times that two rotations may get in each other's way. */
const BEGIN_ATTEMPTS_MAX = 5;

/**
 * Makes a new master key and wraps all data keys by it, or goes on with a
 * rotation that was cut off.
 *
 * @throws {StigmerError} DATA_LOSS when the old key is missing and something
 * is under it, or a data key does not open; FAILED_PRECONDITION when there is
 * no key yet, or the new one cannot be kept.
 */
export async function rotateMasterKey(
  deps: VaultDeps,
  options: RotateOptions = {},
): Promise<Rotation> {
  const { database } = deps.store;
  const { forgetOld = false } = options;
  const old = vaultKeyIn(database, "current");
  if (old === undefined) throw noKeyYet();
  if (forgetOld) {
    const forgotten = await goOnForgetting(deps, old);
    if (forgotten !== undefined) return forgotten;
  }
  const exchange = await exchangeKeys(deps, old, options)
    .catch((error) => exchangeOfOther(deps, old, { ...options, error }));
  return forgetOld ? { ...exchange, ...await forgetReplaced(deps) } : exchange;
}

async function exchangeKeys(
  deps: VaultDeps,
  old: VaultKeyRow,
  options: RotateOptions,
): Promise<Exchange> {
  // Without the old key there is nothing to move, and nothing is begun.
  const hasData = dataKeysUnder(deps.store.database, old.id).length > 0;
  if (hasData) await requireMasterKey(deps, old.id, { act: ROTATE_ACT });
  const { master, resumed } = await begin(deps, old, options);
  const moved = await moveDataKeys(deps, { ...options, old, master });
  keyRingOf(deps).keep(master);
  return {
    oldKeyId: old.id,
    newKeyId: master.id,
    dataKeyCount: moved.count,
    resumed: resumed || moved.byOther,
  };
}

/**
 * What another rotation did that was faster, and may have taken away what this
 * one was still at work with.
 */
function exchangeOfOther(
  { store: { database } }: VaultDeps,
  old: VaultKeyRow,
  { error, signal }: RotateOptions & { readonly error: unknown },
): Exchange {
  const current = vaultKeyIn(database, "current");
  const isDone = current !== undefined && current.id !== old.id;
  if (!isDone || signal?.aborted) throw error;
  const [oldKeyId, newKeyId] = [old.id, current.id];
  return { oldKeyId, newKeyId, dataKeyCount: 0, resumed: true };
}

/** Keeps and notes the new key, or takes the one that is noted. */
async function begin(
  deps: VaultDeps,
  old: VaultKeyRow,
  options: RotateOptions,
): Promise<Begun> {
  const { database } = deps.store;
  for (let attempt = 1; attempt <= BEGIN_ATTEMPTS_MAX; attempt++) {
    const begun = await goOn(deps, old, options);
    if (begun !== undefined) return begun;
    const kept = await keepNewKey(deps, {
      // Who keeps keys by hand gives one more beside the one in use.
      use: useOf(old, options.source),
      wanted: options.source || old.source,
    });
    const row = await rowOf(deps, kept, "next");
    const isNoted = database.transaction(() => note(deps, old, row));
    if (isNoted) return { master: kept.master, resumed: false };
    await takeAwayUnused(deps, kept);
    refuseUsed(deps, row.id);
  }
  throw inTheWay();
}

function useOf(old: VaultKeyRow, source: string | undefined): "first" | "next" {
  return source === undefined || source === "" || source === old.source
    ? "next"
    : "first";
}

/** Notes the new key unless another rotation was faster, or knows the key. */
function note(
  { store: { database } }: VaultDeps,
  old: VaultKeyRow,
  row: VaultKeyRow,
): boolean {
  const isFree = vaultKeyIn(database, "current")?.id === old.id &&
    vaultKeyIn(database, "next") === undefined &&
    vaultKey(database, row.id) === undefined;
  if (isFree) insertVaultKey(database, row);
  return isFree;
}

async function takeAwayUnused(deps: VaultDeps, kept: KeptKey): Promise<void> {
  if (vaultKey(deps.store.database, kept.master.id) !== undefined) return;
  await takeAway(kept);
}

/** Gives the key that another rotation has begun with, or ended with. */
async function goOn(
  deps: VaultDeps,
  old: VaultKeyRow,
  { source = "" }: RotateOptions,
): Promise<Begun | undefined> {
  const { database } = deps.store;
  const current = vaultKeyIn(database, "current");
  if (current !== undefined && current.id !== old.id) {
    const master = await requireMasterKey(deps, current.id, {
      act: ROTATE_ACT,
    });
    return { master, resumed: true };
  }
  const next = vaultKeyIn(database, "next");
  if (next === undefined) return undefined;
  const sought = await keyRingOf(deps).find(next);
  const isWanted = source === "" || source === next.source;
  if (sought.kind === "found" && isWanted) {
    return { master: sought.master, resumed: true };
  }
  if (source === "" && sought.kind === "missing") {
    throw lostNext(next, sought.searched);
  }
  // Nothing is under it, for its data keys are moved when it becomes current.
  await dropNext(deps, next, { isFound: sought.kind === "found" });
  return undefined;
}

async function dropNext(
  deps: VaultDeps,
  next: VaultKeyRow,
  { isFound }: { readonly isFound: boolean },
): Promise<void> {
  const { database } = deps.store;
  const isDropped = database.transaction(() => {
    if (vaultKey(database, next.id)?.state !== "next") return false;
    deleteVaultKey(database, next.id);
    return true;
  });
  if (isDropped && isFound) await removeKept(deps, next);
}

/** Ends what a rotation that forgets was cut off in. */
async function goOnForgetting(
  deps: VaultDeps,
  current: VaultKeyRow,
): Promise<Rotation | undefined> {
  const { database } = deps.store;
  const forgotten = vaultKeyIn(database, "forgotten");
  if (forgotten === undefined) return undefined;
  if (vaultKeyIn(database, "next") !== undefined) return undefined;
  const [oldKeyId, newKeyId] = [forgotten.id, current.id];
  const exchange = { oldKeyId, newKeyId, dataKeyCount: 0, resumed: true };
  return { ...exchange, ...await forgetReplaced(deps) };
}

function refuseUsed({ store }: VaultDeps, keyId: string): void {
  const state = vaultKey(store.database, keyId)?.state;
  if (state === undefined || state === "next") return;
  throw failedPrecondition(
    `Cannot ${ROTATE_ACT}: the new key is "${keyId}", which ` +
      (state === "current" ? "is in use already" : "was in use before"),
    { hints: ["Give another key, as from `openssl rand -base64 32`"] },
  );
}

function noKeyYet(): StigmerError {
  return failedPrecondition(`Cannot ${ROTATE_ACT}: there is none yet`, {
    hints: ["Nothing is sealed; `stigmer init` makes a key"],
  });
}

function lostNext(next: VaultKeyRow, searched: string): StigmerError {
  return failedPrecondition(
    `Cannot go on with the rotation to master key "${next.id}": it was kept ` +
      `in ${placeInWords(next)}, and is not to be had (${searched})`,
    {
      hints: [
        "Put that key back where it was",
        "Or begin anew with `stigmer secrets rotate --source " +
        `${next.source}\`: nothing is sealed under the lost key`,
      ],
    },
  );
}
