/**
 * PrepareVault and GetVaultStatus: where the master key is, whether it can be
 * had, and how much is sealed under it.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  type BackendService,
  type VaultStatus,
  VaultStatusSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { messageOf, StigmerError } from "../model/error.ts";
import { countSealed } from "../store/sealed_values.ts";
import {
  vaultKeyIn,
  type VaultKeyRow,
  vaultKeys,
} from "../store/vault_keys.ts";
import {
  chooseSource,
  findKey,
  type FoundKey,
  placeInWords,
} from "../vault/key_source.ts";
import { wantedSource } from "../vault/key_sources.ts";
import { isCheckedBy, masterKeyOf } from "../vault/master_key.ts";
import { type Caller, requireAdmin } from "./caller.ts";
import type { ServiceDeps } from "./deps.ts";
import {
  keySourcesOf,
  LOST_HINTS,
  prepareMasterKey,
  type VaultDeps,
  wayOut,
} from "./vault_key.ts";

/** How many retired keys are looked for; each may take a program to ask. */
const RETIRED_KEYS_MAX = 20;

/** What these RPCs are. */
export type VaultStatusService = Pick<
  ServiceImpl<typeof BackendService>,
  "prepareVault" | "getVaultStatus"
>;

/** Makes the RPCs about the master key. */
export function vaultStatusService(
  deps: VaultDeps & Pick<ServiceDeps, "caller">,
): VaultStatusService {
  const { caller } = deps;
  return {
    async prepareVault({ source }) {
      if (source !== "") {
        requireAdmin(caller, "choose where the master key is kept");
      }
      const { reason, created } = await prepareMasterKey(
        deps,
        source === "" ? {} : { wanted: source },
      );
      const status = await statusOf(deps);
      const shown = created ? { ...status, reason } : status;
      return { status: statusFor(caller, shown), created };
    },
    async getVaultStatus({ brief }) {
      return { status: statusFor(caller, await statusOf(deps, { brief })) };
    },
  };
}

/** Where a server keeps its key is for those alone who keep the server. */
function statusFor(caller: Caller, status: VaultStatus): VaultStatus {
  if (caller.role === "admin") return status;
  return {
    ...status,
    location: "",
    reason: "",
    problem: status.problem === "" ? "" : "The master key cannot be had",
    hints: status.problem === "" ? [] : ["Ask who keeps the server"],
  };
}

/** How the master key stands, whoever asks. */
export function vaultStatusOf(deps: VaultDeps): Promise<VaultStatus> {
  return statusOf(deps);
}

async function statusOf(
  deps: VaultDeps,
  { brief = false }: { readonly brief?: boolean } = {},
): Promise<VaultStatus> {
  const { database } = deps.store;
  const current = vaultKeyIn(database, "current");
  return create(VaultStatusSchema, {
    ...countSealed(database),
    ...await keyFacts(deps, current, { brief }),
    rotatingToKeyId: vaultKeyIn(database, "next")?.id ?? "",
    retiredKeyIds: brief ? [] : await retiredKeyIds(deps),
  });
}

/** What is known of the key: where it is, and whether it can be had. */
type KeyFacts = Pick<
  VaultStatus,
  | "source"
  | "location"
  | "reason"
  | "keyId"
  | "usable"
  | "problem"
  | "hints"
  | "createdAt"
>;

async function keyFacts(
  deps: VaultDeps,
  row: VaultKeyRow | undefined,
  { brief }: { readonly brief: boolean },
): Promise<Partial<KeyFacts>> {
  if (row === undefined) return await futureKey(deps);
  if (!brief) return await presentKey(deps, row);
  return {
    source: row.source,
    location: row.location,
    reason: CHOSEN_BEFORE,
    keyId: row.id,
    createdAt: timestampFromMs(row.createdAtMs),
  };
}

const CHOSEN_BEFORE = "it was chosen when the key was made";

/** Where a key would be made; none is. */
async function futureKey(deps: VaultDeps): Promise<Partial<KeyFacts>> {
  const none = { keyId: "", usable: false };
  try {
    const { source, reason } = await chooseSource(keySourcesOf(deps), {
      wanted: wantedSource(deps.host),
    });
    const { kind, location } = source;
    return { ...none, source: kind, location, reason, problem: "" };
  } catch (error) {
    const problem = messageOf(error);
    const hints = error instanceof StigmerError ? [...error.hints] : [];
    return { ...none, problem, hints };
  }
}

async function presentKey(
  deps: VaultDeps,
  row: VaultKeyRow,
): Promise<Partial<KeyFacts>> {
  const found = await seek(deps, row);
  const problem = await problemOf(found, row);
  return {
    ...placeOf(found, row),
    keyId: row.id,
    usable: problem === "",
    problem,
    hints: [...hintsOf(found, problem)],
    createdAt: timestampFromMs(row.createdAtMs),
  };
}

function seek(deps: VaultDeps, row: VaultKeyRow): Promise<FoundKey> {
  return findKey(keySourcesOf(deps), { keyId: row.id, keptIn: row.source });
}

/** Where a key is, which may not be where it was put. */
function placeOf(
  found: FoundKey,
  row: VaultKeyRow,
): Pick<KeyFacts, "source" | "location" | "reason"> {
  const { source, location } = row;
  if (found.kind === "missing" || found.source.kind === source) {
    return { source, location, reason: CHOSEN_BEFORE };
  }
  return {
    source: found.source.kind,
    location: found.source.location,
    reason: `it is found there and no longer in ${placeInWords(row)}`,
  };
}

async function problemOf(found: FoundKey, row: VaultKeyRow): Promise<string> {
  if (found.kind === "missing") {
    return `Master key "${row.id}" is needed, which was kept in ${
      placeInWords(row)
    }, and is not to be had (${found.searched})`;
  }
  const master = await masterKeyOf(found.key);
  return await isCheckedBy(master, row.checkValue)
    ? ""
    : `The check value of master key "${row.id}" was changed in the database`;
}

/** What to do about it; a changed check value is in the database. */
function hintsOf(found: FoundKey, problem: string): readonly string[] {
  if (problem === "") return [];
  return found.kind === "missing"
    ? wayOut(found, LOST_HINTS).hints
    : ["Restore the database from a backup"];
}

/** The retired keys that can still be had, newest first. */
async function retiredKeyIds(deps: VaultDeps): Promise<string[]> {
  const retired = vaultKeys(deps.store.database)
    .filter(({ state }) => state === "retired").toReversed();
  const ids: string[] = [];
  for (const row of retired.slice(0, RETIRED_KEYS_MAX)) {
    if ((await seek(deps, row)).kind === "found") ids.push(row.id);
  }
  return ids;
}
