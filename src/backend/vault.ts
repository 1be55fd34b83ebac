/**
 * The vault of a store: seals secrets, opens them, and hands them on sealed.
 *
 * A plain value is in the arguments of one call or in what one call returns,
 * and nowhere else.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import { newId, parseExecutionId } from "../model/id.ts";
import {
  currentDataKey,
  dataKey,
  type DataKeyRow,
  dropUnusedDataKey,
  insertDataKey,
} from "../store/data_keys.ts";
import type { Database } from "../store/driver.ts";
import {
  putSealed,
  sealedOf,
  type SealedRow,
  type SealedValue,
  sealedVersion,
} from "../store/sealed_values.ts";
import { vaultKeyIn } from "../store/vault_keys.ts";
import { newDataKey, unwrapDataKey } from "../vault/data_key.ts";
import { openSecret, sealSecret } from "../vault/seal.ts";
import { parseSealedText, sealedTextOf } from "../vault/sealed_text.ts";
import { idSource } from "./deps.ts";
import {
  currentMasterKey,
  requireMasterKey,
  type VaultDeps,
} from "./vault_key.ts";

/** Values that were sealed, and are not stored yet. */
export interface SealedDrafts {
  readonly ownerId: string;
  /** What they are sealed under; absent where there is no value. */
  readonly dataKey?: DataKeyRow;
  /** Whether the data key is stored with them. */
  readonly isNewKey: boolean;
  readonly rows: readonly SealedRow[];
}

/** Seals and opens the secrets of a store. */
export interface Vault {
  /**
   * Seals values for an environment or an execution, each as the next version
   * of its name. Writes nothing but the master key, where there is none yet.
   *
   * @throws {StigmerError} DATA_LOSS when the keys cannot be had.
   */
  sealFor(
    ownerId: string,
    values: Readonly<Record<string, string>>,
  ): Promise<SealedDrafts>;
  /**
   * Stores sealed values; belongs inside a transaction.
   *
   * @throws {StigmerError} ABORTED when a key or a value changed since they
   * were sealed: see {@linkcode isStaleSeal}.
   */
  storeSealed(database: Database, drafts: SealedDrafts): void;
  /**
   * Opens sealed values, as {@linkcode sealedOf} gives them.
   *
   * @returns The plain values by alias.
   * @throws {StigmerError} DATA_LOSS for what does not open, by name.
   */
  openSealed(
    values: readonly SealedValue[],
  ): Promise<ReadonlyMap<string, string>>;
  /** Writes a sealed value as text, which the same master key opens. */
  sealedText(value: SealedValue): string;
  /**
   * Opens a sealed text that stands under some name.
   *
   * @throws {StigmerError} INVALID_ARGUMENT for a text that is none, or that
   * was sealed under another name; DATA_LOSS for what does not open.
   */
  openSealedText(
    text: string,
    options: { readonly name: string },
  ): Promise<string>;
}

/** Times that a data key is looked for while it is wrapped anew. */
const UNWRAP_ATTEMPTS_MAX = 3;
/** Times that values are sealed while keys change under them. */
const SEAL_ATTEMPTS_MAX = 8;
const STALE = { reason: "stale seal" } as const;

/** Makes the vault of a store. */
export function vaultOf(deps: VaultDeps): Vault {
  return {
    sealFor: (ownerId, values) => sealFor(deps, ownerId, values),
    storeSealed: (database, drafts) => storeSealed(deps, database, drafts),
    openSealed: (values) => openSealed(deps, values),
    sealedText: textOf,
    openSealedText: (text, { name }) => openSealedText(deps, text, name),
  };
}

/** Whether an error says that something was sealed under what is gone. */
export function isStaleSeal(error: unknown): boolean {
  return error instanceof StigmerError && error.cause === STALE;
}

/**
 * Does what seals and stores, and does it again when keys or values changed
 * between the two.
 */
export async function retryStaleSeals<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; attempt < SEAL_ATTEMPTS_MAX; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isStaleSeal(error)) throw error;
    }
  }
  return await work();
}

async function sealFor(
  deps: VaultDeps,
  ownerId: string,
  values: Readonly<Record<string, string>>,
): Promise<SealedDrafts> {
  const names = Object.keys(values);
  if (names.length === 0) return { ownerId, isNewKey: false, rows: [] };
  const { database } = deps.store;
  const { random } = deps.host;
  const versions = names.map((name) => sealedVersion(database, ownerId, name));
  const { row, key, isNew } = await keyToSeal(deps, ownerId);
  const rows = await Promise.all(names.map(async (name, i) => {
    const of = { originId: ownerId, name, version: (versions[i] ?? 0) + 1 };
    const value = values[name] ?? "";
    const sealed = await sealSecret(value, { of, dataKey: key, random });
    return { ownerId, alias: name, ...of, dataKeyId: row.id, sealed };
  }));
  return { ownerId, dataKey: row, isNewKey: isNew, rows };
}

/** The data key of an owner, or a new one that is not stored yet. */
async function keyToSeal(
  deps: VaultDeps,
  ownerId: string,
): Promise<{ row: DataKeyRow; key: CryptoKey; isNew: boolean }> {
  const act = `seal secrets of "${ownerId}"`;
  const stored = currentDataKey(deps.store.database, ownerId);
  if (stored !== undefined) {
    return { row: stored, key: await unwrap(deps, stored, act), isNew: false };
  }
  const { row, key } = await freshDataKey(deps, ownerId, act);
  return { row, key, isNew: true };
}

/** Makes a data key for an owner; stores nothing. */
export async function freshDataKey(
  deps: VaultDeps,
  ownerId: string,
  act: string,
): Promise<{ readonly row: DataKeyRow; readonly key: CryptoKey }> {
  const master = await currentMasterKey(deps, act);
  const id = newId("dky", idSource(deps.host));
  const { key, wrapped } = await newDataKey(master, {
    of: { id, ownerId },
    random: deps.host.random,
  });
  return { row: { id, ownerId, keyId: master.id, wrapped }, key };
}

function storeSealed(
  { host }: VaultDeps,
  database: Database,
  drafts: SealedDrafts,
): void {
  if (drafts.dataKey === undefined) return;
  refuseStale(database, drafts, drafts.dataKey);
  const options = { nowMs: host.clock.now() };
  if (drafts.isNewKey) insertDataKey(database, drafts.dataKey, options);
  const replaced = sealedOf(
    database,
    drafts.ownerId,
    drafts.rows.map(({ alias }) => alias),
  );
  for (const row of drafts.rows) putSealed(database, row, options);
  for (const id of new Set(replaced.map(({ dataKeyId }) => dataKeyId))) {
    dropUnusedDataKey(database, id);
  }
}

function refuseStale(
  database: Database,
  drafts: SealedDrafts,
  used: DataKeyRow,
): void {
  const { ownerId, isNewKey, rows } = drafts;
  const stored = currentDataKey(database, ownerId);
  const isKeyStale = isNewKey
    ? stored !== undefined ||
      vaultKeyIn(database, "current")?.id !== used.keyId
    : stored?.id !== used.id;
  const isValueStale = rows.some(({ alias, version }) =>
    sealedVersion(database, ownerId, alias) !== version - 1
  );
  if (isKeyStale || isValueStale) throw staleSeal(ownerId);
}

/** Makes the error for what was sealed under what is gone. */
export function staleSeal(ownerId: string): StigmerError {
  return new StigmerError(
    "ABORTED",
    `Cannot store secrets of "${ownerId}": they were changed meanwhile`,
    { cause: STALE, hints: ["Try again"] },
  );
}

async function openSealed(
  deps: VaultDeps,
  values: readonly SealedValue[],
): Promise<ReadonlyMap<string, string>> {
  const keys = new Map<string, Promise<CryptoKey>>();
  const keyOf = (value: SealedValue): Promise<CryptoKey> => {
    const known = keys.get(value.dataKeyId);
    if (known !== undefined) return known;
    const key = unwrap(deps, dataKeyOf(value), actOn(value));
    keys.set(value.dataKeyId, key);
    return key;
  };
  const opened = await Promise.all(values.map(async (value) => {
    if (!isInPlace(value)) throw damaged(actOn(value), "its row");
    const plain = await openSecret(value.sealed, {
      of: value,
      dataKey: await keyOf(value),
    });
    if (plain === undefined) throw damaged(actOn(value), "its seal");
    return [value.alias, plain] as const;
  }));
  return new Map(opened);
}

/**
 * Whether a value stands where it was put: under its own name, and with an
 * environment as its own. Only executions are handed values of others.
 */
function isInPlace({ ownerId, originId, alias, name }: SealedRow): boolean {
  const isHanded = parseExecutionId(ownerId) !== undefined;
  return alias === name && (ownerId === originId || isHanded);
}

/**
 * Unwraps a data key. While another process rotates the master key, the row
 * that was read may be of a key that is gone by now: then it is read again.
 */
async function unwrap(
  deps: VaultDeps,
  row: DataKeyRow,
  act: string,
): Promise<CryptoKey> {
  let wrapped = row;
  for (let attempt = 1;; attempt++) {
    try {
      const master = await requireMasterKey(deps, wrapped.keyId, { act });
      const key = await unwrapDataKey(wrapped.wrapped, { of: row, master });
      if (key !== undefined) return key;
      throw damaged(
        act,
        `data key "${row.id}" under master key "${master.id}"`,
      );
    } catch (error) {
      const now = dataKey(deps.store.database, row.id);
      const isMoved = now !== undefined && now.keyId !== wrapped.keyId;
      if (!isMoved || attempt === UNWRAP_ATTEMPTS_MAX) throw error;
      wrapped = now;
    }
  }
}

function dataKeyOf(value: SealedValue): DataKeyRow {
  if (value.dataKey !== undefined) return value.dataKey;
  throw new StigmerError(
    "DATA_LOSS",
    `Cannot ${actOn(value)}: its data key "${value.dataKeyId}" is not in the ` +
      "database",
    { hints: [RESTORE] },
  );
}

function textOf(value: SealedValue): string {
  const { keyId, id, ownerId, wrapped } = dataKeyOf(value);
  const { originId, name, version, sealed } = value;
  const dataKey = { id, ownerId, wrapped };
  return sealedTextOf({ keyId, dataKey, originId, name, version, sealed });
}

async function openSealedText(
  deps: VaultDeps,
  text: string,
  name: string,
): Promise<string> {
  const parsed = parseSealedText(text);
  if (parsed.name !== name) throw otherName(name, parsed.name);
  const act = `open the sealed text of secret "${name}"`;
  const master = await requireMasterKey(deps, parsed.keyId, { act });
  const key = await unwrapDataKey(parsed.dataKey.wrapped, {
    of: parsed.dataKey,
    master,
  });
  const plain = key === undefined
    ? undefined
    : await openSecret(parsed.sealed, { of: parsed, dataKey: key });
  if (plain === undefined) throw damaged(act, "the text");
  return plain;
}

const RESTORE = "Restore the database from a backup, or set the secret anew " +
  "with `stigmer env set`";

function actOn({ alias, ownerId }: SealedRow): string {
  return `open secret "${alias}" of "${ownerId}"`;
}

function damaged(act: string, what: string): StigmerError {
  return new StigmerError(
    "DATA_LOSS",
    `Cannot ${act}: ${what} was changed, or belongs elsewhere`,
    { hints: [RESTORE] },
  );
}

function otherName(name: string, sealedName: string): StigmerError {
  return new StigmerError(
    "INVALID_ARGUMENT",
    `Cannot take the sealed text for secret "${name}": it was sealed for ` +
      `"${sealedName}"`,
    { hints: ["Give each sealed text the name that it was exported with"] },
  );
}
