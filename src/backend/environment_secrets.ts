/**
 * What becomes of the secrets of environments that are written: kept, sealed
 * anew or deleted.
 *
 * Sealing waits, and a transaction may not: what is to be sealed is found out
 * and sealed before it, and the transaction checks that this still holds.
 *
 * @module
 */

import { type Diagnostic, pointerTo } from "../model/diagnostic.ts";
import { StigmerError } from "../model/error.ts";
import { newId } from "../model/id.ts";
import { KINDS } from "../model/kind.ts";
import { secretForm } from "../model/secret_text.ts";
import { importUnseen } from "../model/unseen.ts";
import type { Database } from "../store/driver.ts";
import type { ResourceRow } from "../store/resources.ts";
import {
  deleteSealed,
  isSameSealed,
  sealedNames,
  sealedOf,
  type SealedRow,
} from "../store/sealed_values.ts";
import { idSource } from "./deps.ts";
import type { ResourceDeps, WriteContext } from "./resource_context.ts";
import type { Draft } from "./resource_draft.ts";
import type { SealedDrafts, Vault } from "./vault.ts";

/** What becomes of the secrets that one draft gives. */
export interface SecretChange {
  /** Id of the environment. */
  readonly ownerId: string;
  /** Whether it is still to be made. */
  readonly isNew: boolean;
  /** Those whose value is there already, as it was found. */
  readonly same: readonly SealedRow[];
  /** Plain values that are to be sealed, by name. */
  readonly fresh: Readonly<Record<string, string>>;
  /** What is wrong with what was given. */
  readonly diagnostics: readonly Diagnostic[];
  /** Stores what was sealed; absent as long as nothing was. */
  readonly store?: (database: Database) => void;
  /** Makes the error that has all of this done again. */
  readonly stale: () => StigmerError;
}

/** What becomes of the secrets of drafts that give any. */
export type SecretChanges = ReadonlyMap<Draft, SecretChange>;

/** A draft, and what is stored in its place now. */
export interface DraftedEnvironment {
  readonly draft: Draft;
  readonly find: () => ResourceRow | undefined;
}

/** How drafts are written. */
export interface SecretWrite<T> {
  /**
   * Tries what can be tried before anything is sealed; a value given ends it.
   */
  readonly rehearse: (changes: SecretChanges) => T | undefined;
  /** Writes; stored and sealed values may have changed since they were read. */
  readonly write: (changes: SecretChanges) => T;
}

const NO_CHANGES: SecretChanges = new Map();
/** Codes that say what is wrong with a text that somebody gave. */
const GIVEN_CODE = "INVALID_ARGUMENT";

/**
 * Seals what drafts give and writes them; again from the start when another
 * process changed keys or values meanwhile.
 */
export async function writeWithSecrets<T>(
  deps: ResourceDeps,
  drafted: readonly DraftedEnvironment[],
  { rehearse, write }: SecretWrite<T>,
): Promise<T> {
  const giving = drafted.filter(({ draft }) => givenNames(draft).length > 0);
  if (giving.length === 0) return rehearse(NO_CHANGES) ?? write(NO_CHANGES);
  const { retryStaleSeals, staleSeal, vaultOf } = await importUnseen<
    typeof import("./vault.ts")
  >("./vault.ts", import.meta.url);
  const vault = vaultOf(deps);
  return await retryStaleSeals(async () => {
    const changes = new Map<Draft, SecretChange>();
    for (const it of giving) {
      const change = await changeOf(deps, it, vault);
      const stale = (): StigmerError => staleSeal(change.ownerId);
      changes.set(it.draft, { ...change, stale });
    }
    const rehearsed = rehearse(changes);
    if (rehearsed !== undefined) return rehearsed;
    const sealed = new Map<Draft, SecretChange>();
    for (const [draft, change] of changes) {
      const drafts = await vault.sealFor(change.ownerId, change.fresh);
      sealed.set(draft, { ...change, store: storing(vault, drafts) });
    }
    return write(sealed);
  });
}

function storing(
  vault: Vault,
  drafts: SealedDrafts,
): (database: Database) => void {
  return (database) => vault.storeSealed(database, drafts);
}

/** The names that a draft gives a value for. */
function givenNames({ secrets }: Draft): readonly string[] {
  return Object.keys(secrets).filter((name) =>
    secretForm(secrets[name] ?? "") !== "kept"
  );
}

async function changeOf(
  deps: ResourceDeps,
  { draft, find }: DraftedEnvironment,
  vault: Vault,
): Promise<Omit<SecretChange, "stale">> {
  const { database } = deps.store;
  const row = find();
  const ownerId = row?.id ??
    newId(KINDS.Environment.prefix, idSource(deps.host));
  const same: SealedRow[] = [];
  const fresh: [string, string][] = [];
  const diagnostics: Diagnostic[] = [];
  for (const name of givenNames(draft)) {
    const given = await plainOf(vault, name, draft.secrets[name] ?? "");
    if (typeof given !== "string") {
      diagnostics.push(given);
      continue;
    }
    const [stored] = sealedOf(database, ownerId, [name]);
    const known = stored && await openOrNothing(vault, stored);
    if (stored === undefined || known !== given) fresh.push([name, given]);
    else same.push(stored);
  }
  return {
    ownerId,
    isNew: row === undefined,
    same,
    fresh: Object.fromEntries(fresh),
    diagnostics,
  };
}

/** Opens what is given as a sealed text, or says what is wrong with it. */
async function plainOf(
  vault: Vault,
  name: string,
  given: string,
): Promise<string | Diagnostic> {
  if (secretForm(given) === "plain") return given;
  try {
    return await vault.openSealedText(given, { name });
  } catch (error) {
    if (!(error instanceof StigmerError) || error.code !== GIVEN_CODE) {
      throw error;
    }
    const [hint] = error.hints;
    return {
      severity: "error",
      pointer: pointerTo("/spec/secrets", name),
      message: error.message,
      ...(hint === undefined ? {} : { hint }),
    };
  }
}

/** What cannot be opened is another value, so that it can be set anew. */
async function openOrNothing(
  vault: Vault,
  stored: ReturnType<typeof sealedOf>[number],
): Promise<string | undefined> {
  try {
    return (await vault.openSealed([stored])).get(stored.alias);
  } catch (error) {
    if (error instanceof StigmerError && error.code === "DATA_LOSS") {
      return undefined;
    }
    throw error;
  }
}

/** Says what is wrong with the secrets of a draft, beside what is stored. */
export function secretProblems(
  { database, secrets }: Pick<WriteContext, "database" | "secrets">,
  draft: Draft,
  storedId: string | undefined,
): readonly Diagnostic[] {
  if (draft.kind !== "Environment") return [];
  const known = storedId === undefined ? [] : sealedNames(database, storedId);
  const kept = Object.keys(draft.secrets).filter((name) =>
    secretForm(draft.secrets[name] ?? "") === "kept" && !known.includes(name)
  );
  return [
    ...kept.map((name): Diagnostic => ({
      severity: "error",
      pointer: pointerTo("/spec/secrets", name),
      message: `Secret "${name}" has no value that "***" could keep`,
      hint: `Give it one with stigmer env set NAME --secret ${name}`,
    })),
    ...(secrets?.get(draft)?.diagnostics ?? []),
  ];
}

/**
 * The id of an environment that is to be made; absent where any will do.
 *
 * @throws {StigmerError} ABORTED when there was another when its secrets were
 * sealed.
 */
export function idToCreate(
  { secrets }: WriteContext,
  draft: Draft,
): string | undefined {
  const change = secrets?.get(draft);
  if (change?.isNew === false) throw change.stale();
  return change?.ownerId;
}

/** Says whether writing a draft changes secrets of what is stored. */
export function changesSecrets(
  { database, secrets }: WriteContext,
  draft: Draft,
  stored: ResourceRow,
): boolean {
  const change = secrets?.get(draft);
  if (change === undefined) return false;
  if (isStale(database, change, stored)) throw change.stale();
  return Object.keys(change.fresh).length > 0;
}

/** Names the secrets whose stored values writing a draft replaces. */
export function replacedSecrets(
  { database, secrets }: Pick<WriteContext, "database" | "secrets">,
  draft: Draft,
  { id }: ResourceRow,
): readonly string[] {
  const fresh = Object.keys(secrets?.get(draft)?.fresh ?? {});
  if (fresh.length === 0) return [];
  const stored = sealedNames(database, id);
  return fresh.filter((name) => stored.includes(name)).sort();
}

/**
 * Stores the secrets of an environment that was written, and deletes those
 * that it has no more.
 *
 * @throws {StigmerError} ABORTED when others changed them meanwhile; whoever
 * seals tries again.
 */
export function writeSecrets(
  { database, secrets }: WriteContext,
  draft: Draft,
  row: ResourceRow,
): void {
  if (draft.kind !== "Environment") return;
  const change = secrets?.get(draft);
  if (change === undefined && givenNames(draft).length > 0) {
    throw new StigmerError(
      "INTERNAL",
      `Cannot write environment "${row.slug}": its secrets were not sealed`,
    );
  }
  if (change !== undefined) {
    if (isStale(database, change, row)) throw change.stale();
    change.store?.(database);
  }
  const gone = sealedNames(database, row.id)
    .filter((name) => !Object.hasOwn(draft.secrets, name));
  if (gone.length > 0) deleteSealed(database, row.id, gone);
}

function isStale(
  database: Database,
  { ownerId, same }: SecretChange,
  row: ResourceRow,
): boolean {
  return ownerId !== row.id ||
    same.some((it) =>
      !isSameSealed(it, sealedOf(database, ownerId, [it.alias])[0])
    );
}
