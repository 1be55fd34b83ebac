/**
 * The master key of a store: made once, where it can be kept best, and found
 * again by its id.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { type ErrorCode, StigmerError } from "../model/error.ts";
import { hasDataKeys } from "../store/data_keys.ts";
import type { Store } from "../store/open.ts";
import {
  insertVaultKey,
  vaultKey,
  vaultKeyIn,
  type VaultKeyRow,
  vaultKeys,
} from "../store/vault_keys.ts";
import { MASTER_KEY_BYTES } from "../vault/key_id.ts";
import { createKeyRing, type KeyRing } from "../vault/key_ring.ts";
import {
  chooseSource,
  type KeySource,
  type KeySourceKind,
  type MissingKey,
  placeInWords,
} from "../vault/key_source.ts";
import { keySources, wantedSource } from "../vault/key_sources.ts";
import {
  checkValueOf,
  type MasterKey,
  masterKeyOf,
} from "../vault/master_key.ts";

/** What the vault of a store is made from. */
export interface VaultDeps {
  readonly store: Store;
  readonly host: Host;
  /** Where master keys are kept; default the places of this machine. */
  readonly keySources?: readonly KeySource[];
}

/** The master key that there is, or that was made. */
export interface PreparedKey {
  readonly keyId: string;
  readonly source: KeySourceKind;
  readonly location: string;
  /** Why it is there, as a sentence without a period. */
  readonly reason: string;
  /** Whether this call made it. */
  readonly created: boolean;
}

/** A master key that is kept somewhere, and noted nowhere yet. */
export interface KeptKey {
  readonly master: MasterKey;
  readonly source: KeySource;
  readonly location: string;
  /** Why it is kept there. */
  readonly reason: string;
  /** Whether Stigmer made it: then Stigmer may take it away again. */
  readonly isOurs: boolean;
}

/** Times that the master key may be rotated while it is looked for. */
const ROTATED_MAX = 3;

/** The rings of stores: a key is fetched once a process. */
const RINGS: WeakMap<Store, KeyRing> = new WeakMap();

/** Where the master keys of a store may be. */
export function keySourcesOf(deps: VaultDeps): readonly KeySource[] {
  const { host, store } = deps;
  return deps.keySources ?? keySources(host, { databasePath: store.path });
}

/** The ring that finds the master keys of a store. */
export function keyRingOf(deps: VaultDeps): KeyRing {
  const known = RINGS.get(deps.store);
  if (known !== undefined) return known;
  const ring = createKeyRing(keySourcesOf(deps));
  RINGS.set(deps.store, ring);
  return ring;
}

/**
 * Makes the master key of a store unless there is one. Where two processes do
 * so at once, one key stays and both work with it.
 *
 * @throws {StigmerError} FAILED_PRECONDITION when it can be kept nowhere;
 * DATA_LOSS when there is none although something is sealed.
 */
export async function prepareMasterKey(
  deps: VaultDeps,
  options: { readonly wanted?: string } = {},
): Promise<PreparedKey> {
  const { database } = deps.store;
  const before = vaultKeyIn(database, "current");
  if (before !== undefined) return preparedBefore(before);
  refuseLost(deps);
  const kept = await keepNewKey(deps, { ...options, use: "first" });
  const row = await rowOf(deps, kept, "current");
  const winner = database.transaction(() => {
    const other = vaultKeyIn(database, "current");
    if (other !== undefined) return other;
    refuseLost(deps);
    insertVaultKey(database, row);
    return row;
  });
  if (winner !== row) {
    await takeAway(kept, { unless: winner.id });
    return preparedBefore(winner);
  }
  keyRingOf(deps).keep(kept.master);
  const { location, reason } = kept;
  const { kind: source } = kept.source;
  return { keyId: row.id, source, location, reason, created: true };
}

/** The master key that new data keys are wrapped by; makes it if need be. */
export async function currentMasterKey(
  deps: VaultDeps,
  act: string,
): Promise<MasterKey> {
  for (let attempt = 1;; attempt++) {
    const { keyId } = await prepareMasterKey(deps);
    try {
      return await requireMasterKey(deps, keyId, { act });
    } catch (error) {
      // A rotation may have taken it away since it was the current one.
      const now = vaultKeyIn(deps.store.database, "current");
      if (now?.id === keyId || attempt === ROTATED_MAX) throw error;
    }
  }
}

/**
 * Finds a master key by its id.
 *
 * @throws {StigmerError} DATA_LOSS when it is nowhere, with its id and where
 * it was looked for.
 */
export async function requireMasterKey(
  deps: VaultDeps,
  keyId: string,
  options: { readonly act: string; readonly hints?: readonly string[] },
): Promise<MasterKey> {
  const { act, hints = LOST_HINTS } = options;
  const row = vaultKey(deps.store.database, keyId);
  const sought = await keyRingOf(deps).find(row ?? { id: keyId });
  if (sought.kind === "found") return sought.master;
  throw missingKey(act, { keyId, row, sought, hints });
}

/** Makes a key, or takes the one that was given, and sees that it is kept. */
export async function keepNewKey(
  deps: VaultDeps,
  options: { readonly use: "first" | "next"; readonly wanted?: string },
): Promise<KeptKey> {
  const { use } = options;
  const { source, reason } = await chooseSource(keySourcesOf(deps), {
    wanted: wantedSource(deps.host, options.wanted),
  });
  const offered = await source.offered(use);
  const bytes = offered ?? deps.host.random.bytes(MASTER_KEY_BYTES);
  const master = await masterKeyOf(bytes);
  const isOurs = offered === undefined;
  const { location } = isOurs ? await source.write(master.id, bytes) : source;
  return { master, source, location, reason, isOurs };
}

/** Removes a key that came too late, unless it is the one that counts. */
export async function takeAway(
  kept: KeptKey,
  options: { readonly unless?: string } = {},
): Promise<void> {
  if (!kept.isOurs || kept.master.id === options.unless) return;
  await kept.source.remove(kept.master.id);
}

/** What is noted of a key. */
export async function rowOf(
  { host }: VaultDeps,
  kept: KeptKey,
  state: "current" | "next",
): Promise<VaultKeyRow> {
  return {
    id: kept.master.id,
    state,
    source: kept.source.kind,
    location: kept.location,
    checkValue: await checkValueOf(kept.master, host.random),
    createdAtMs: host.clock.now(),
  };
}

function preparedBefore(row: VaultKeyRow): PreparedKey {
  return {
    keyId: row.id,
    source: row.source,
    location: row.location,
    reason: "it was chosen when the key was made",
    created: false,
  };
}

/** A store whose key is gone from its list gets no new one over it. */
function refuseLost({ store: { database } }: VaultDeps): void {
  if (vaultKeys(database).length === 0 && !hasDataKeys(database)) return;
  throw new StigmerError(
    "DATA_LOSS",
    "Cannot make a master key: the database has keys or sealed values, and " +
      "does not say under which key",
    { hints: ["Restore the database from a backup"] },
  );
}

/** What to do where what this database keeps is under a key that is gone. */
export const LOST_HINTS: readonly string[] = [
  "Put that key back where it was, or give it as STIGMER_MASTER_KEY; " +
  "nothing was changed",
  "If it is lost for good, take the secrets out of their environments with " +
  "`stigmer env unset`, cancel the executions that were given some, run " +
  "`stigmer secrets rotate`, and set the secrets anew",
];

/** How bad it is that a key is not to be had, and what to do. */
export function wayOut(
  { hindrance }: Pick<MissingKey, "hindrance">,
  lostHints: readonly string[],
): { readonly code: ErrorCode; readonly hints: readonly string[] } {
  switch (hindrance?.code) {
    case undefined:
    case "DATA_LOSS":
      return { code: "DATA_LOSS", hints: lostHints };
    case "UNAVAILABLE":
      return {
        code: "UNAVAILABLE",
        hints: [
          hindrance.hints[0] ??
            "Try again where it can be asked, as in your desktop session",
          "Or give the key as STIGMER_MASTER_KEY; nothing was changed",
        ],
      };
    default:
      return {
        code: "FAILED_PRECONDITION",
        hints: ["Mend that, and try again; nothing was changed"],
      };
  }
}

/** Makes the error for a master key that is nowhere. */
function missingKey(
  act: string,
  of: {
    readonly keyId: string;
    readonly row: VaultKeyRow | undefined;
    readonly sought: MissingKey;
    readonly hints: readonly string[];
  },
): StigmerError {
  const { keyId, row, sought, hints: lostHints } = of;
  const kept = row === undefined
    ? ""
    : `, which was kept in ${placeInWords(row)}`;
  const { code, hints } = wayOut(sought, lostHints);
  return new StigmerError(
    code,
    `Cannot ${act}: master key "${keyId}" is needed${kept}, and is not to be ` +
      `had (${sought.searched})`,
    { hints: [...hints] },
  );
}
