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

import { failedPrecondition, messageOf, StigmerError } from "../model/error.ts";
import {
  type DataKeyRow,
  dataKeysUnder,
  storeRewrapped,
} from "../store/data_keys.ts";
import {
  deleteVaultKey,
  insertVaultKey,
  setVaultKeyState,
  vaultKey,
  vaultKeyIn,
  type VaultKeyRow,
} from "../store/vault_keys.ts";
import { rewrapDataKey } from "../vault/data_key.ts";
import type { MasterKey } from "../vault/master_key.ts";
import {
  keepNewKey,
  type KeptKey,
  keyRingOf,
  keySourcesOf,
  requireMasterKey,
  rowOf,
  takeAway,
  type VaultDeps,
} from "./vault_key.ts";

/** How the master key is rotated. */
export interface RotateOptions {
  /** Where the new one is kept; default where the old one is. */
  readonly source?: string;
  /** Whether the old one is forgotten once nothing is under it. */
  readonly forgetOld?: boolean;
  /** Stops before the keys are exchanged; the next rotation goes on. */
  readonly signal?: AbortSignal;
}

/** What a rotation did. */
export interface Rotation {
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

const ACT = "rotate the master key";
/** Times that two rotations may get in each other's way. */
const BEGIN_ATTEMPTS_MAX = 5;
/** Times that data keys are looked for that were made meanwhile. */
const MOVE_ROUNDS_MAX = 100;
/** Data keys that are wrapped anew at once. */
const REWRAP_BATCH_SIZE = 256;

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
  const rotation = await exchangeKeys(deps, old, options)
    .catch((error) => rotationOfOther(deps, old, { ...options, error }));
  if (forgetOld) await forgetRetired(deps, old.id);
  return rotation;
}

async function exchangeKeys(
  deps: VaultDeps,
  old: VaultKeyRow,
  options: RotateOptions,
): Promise<Rotation> {
  // Without the old key there is nothing to move, and nothing is begun.
  const hasData = dataKeysUnder(deps.store.database, old.id).length > 0;
  if (hasData) await requireMasterKey(deps, old.id, { act: ACT });
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
function rotationOfOther(
  { store: { database } }: VaultDeps,
  old: VaultKeyRow,
  { error, signal }: RotateOptions & { readonly error: unknown },
): Rotation {
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
    const master = await requireMasterKey(deps, current.id, { act: ACT });
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

/** Wraps all data keys anew and exchanges the keys, in one transaction. */
async function moveDataKeys(
  deps: VaultDeps,
  options: RotateOptions & {
    readonly old: VaultKeyRow;
    readonly master: MasterKey;
  },
): Promise<{ readonly count: number; readonly byOther: boolean }> {
  const { old, master, signal } = options;
  const { database } = deps.store;
  const rewrapped = new Map<string, DataKeyRow>();
  for (let round = 1; round <= MOVE_ROUNDS_MAX; round++) {
    for (const batch of batches(missingIn(rewrapped, deps, old.id))) {
      signal?.throwIfAborted();
      for (const row of await rewrap(deps, batch, { old, master })) {
        rewrapped.set(row.id, row);
      }
    }
    signal?.throwIfAborted();
    const moved = database.transaction(() =>
      exchange(deps, { ...options, rewrapped })
    );
    switch (moved) {
      case "moved":
        return { count: rewrapped.size, byOther: false };
      case "moved by another":
        return { count: 0, byOther: true };
      case "more to move":
        continue;
    }
  }
  throw inTheWay();
}

function missingIn(
  rewrapped: Map<string, DataKeyRow>,
  { store: { database } }: VaultDeps,
  keyId: string,
): readonly DataKeyRow[] {
  const rows = dataKeysUnder(database, keyId);
  const ids = new Set(rows.map(({ id }) => id));
  for (const id of rewrapped.keys()) if (!ids.has(id)) rewrapped.delete(id);
  return rows.filter(({ id }) => !rewrapped.has(id));
}

function* batches(
  rows: readonly DataKeyRow[],
): Generator<readonly DataKeyRow[]> {
  for (let at = 0; at < rows.length; at += REWRAP_BATCH_SIZE) {
    yield rows.slice(at, at + REWRAP_BATCH_SIZE);
  }
}

async function rewrap(
  deps: VaultDeps,
  rows: readonly DataKeyRow[],
  { old, master }: { readonly old: VaultKeyRow; readonly master: MasterKey },
): Promise<readonly DataKeyRow[]> {
  const { random } = deps.host;
  const from = await requireMasterKey(deps, old.id, { act: ACT });
  return await Promise.all(rows.map(async (row) => {
    const options = { of: row, from, to: master, random };
    const wrapped = await rewrapDataKey(row.wrapped, options);
    if (wrapped === undefined) throw damagedDataKey(row);
    return { ...row, keyId: master.id, wrapped };
  }));
}

/** Belongs inside a transaction. */
function exchange(
  { store: { database } }: VaultDeps,
  options: {
    readonly old: VaultKeyRow;
    readonly master: MasterKey;
    readonly rewrapped: ReadonlyMap<string, DataKeyRow>;
    readonly forgetOld?: boolean;
  },
): "moved" | "moved by another" | "more to move" {
  const { old, master, rewrapped, forgetOld } = options;
  const state = vaultKey(database, master.id)?.state;
  if (state === "current") return "moved by another";
  if (state !== "next") throw inTheWay();
  const rows = dataKeysUnder(database, old.id);
  if (rows.some(({ id }) => !rewrapped.has(id))) return "more to move";
  for (const { id } of rows) {
    const row = rewrapped.get(id);
    if (row !== undefined) storeRewrapped(database, row);
  }
  setVaultKeyState(database, old.id, forgetOld ? "forgotten" : "retired");
  setVaultKeyState(database, master.id, "current");
  return "moved";
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
  await forget(deps);
  const [oldKeyId, newKeyId] = [forgotten.id, current.id];
  return { oldKeyId, newKeyId, dataKeyCount: 0, resumed: true };
}

/** Forgets a key, also where another rotation that keeps it was faster. */
async function forgetRetired(deps: VaultDeps, keyId: string): Promise<void> {
  const { database } = deps.store;
  database.transaction(() => {
    if (vaultKey(database, keyId)?.state !== "retired") return;
    setVaultKeyState(database, keyId, "forgotten");
  });
  await forget(deps);
}

/** Takes every key away that is to be forgotten. */
async function forget(deps: VaultDeps): Promise<void> {
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
async function removeKept(deps: VaultDeps, row: VaultKeyRow): Promise<void> {
  if (row.source === "env" || row.source === "env-file") return;
  const source = keySourcesOf(deps).find(({ kind }) => kind === row.source);
  await source?.remove(row.id);
}

function refuseUsed({ store }: VaultDeps, keyId: string): void {
  const state = vaultKey(store.database, keyId)?.state;
  if (state === undefined || state === "next") return;
  throw failedPrecondition(
    `Cannot ${ACT}: the new key is "${keyId}", which ` +
      (state === "current" ? "is in use already" : "was in use before"),
    { hints: ["Give another key, as from `openssl rand -base64 32`"] },
  );
}

function noKeyYet(): StigmerError {
  return failedPrecondition(`Cannot ${ACT}: there is none yet`, {
    hints: ["Nothing is sealed; `stigmer init` makes a key"],
  });
}

function lostNext(next: VaultKeyRow, searched: string): StigmerError {
  return failedPrecondition(
    `Cannot go on with the rotation to master key "${next.id}": it was kept ` +
      `in ${next.location}, and is not to be had (${searched})`,
    {
      hints: [
        "Put that key back where it was",
        "Or begin anew with `stigmer secrets rotate --source " +
        `${next.source}\`: nothing is sealed under the lost key`,
      ],
    },
  );
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

function damagedDataKey({ id, ownerId, keyId }: DataKeyRow): StigmerError {
  return new StigmerError(
    "DATA_LOSS",
    `Cannot ${ACT}: data key "${id}" of "${ownerId}" under master key ` +
      `"${keyId}" was changed, or belongs elsewhere`,
    {
      hints: [
        "Restore the database from a backup, or delete what has that id and " +
        "rotate again",
      ],
    },
  );
}

function inTheWay(): StigmerError {
  return new StigmerError(
    "ABORTED",
    `Cannot ${ACT}: another process does so, or seals without a pause`,
    { hints: ["Try again, what was begun is gone on with"] },
  );
}
