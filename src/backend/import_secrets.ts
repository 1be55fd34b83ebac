/**
 * The secrets of environments that are imported: opened where a passphrase
 * opens them, kept sealed as they are where that can be.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import { isJsonObject, type JsonObject, member } from "../model/json.ts";
import { KINDS } from "../model/kind.ts";
import { secretForm } from "../model/secret_text.ts";
import {
  dataKey,
  type DataKeyRow,
  insertDataKey,
  insertRetiredDataKey,
} from "../store/data_keys.ts";
import type { Database } from "../store/driver.ts";
import { resourceById, resourceBySlug } from "../store/resources.ts";
import { putSealed, sealedNames } from "../store/sealed_values.ts";
import { vaultKeyIn } from "../store/vault_keys.ts";
import { idPrefix } from "../model/id.ts";
import {
  openPassphraseText,
  parsePassphraseText,
  type PassphraseKeys,
  passphraseKeys,
  type PassphraseText,
} from "../vault/passphrase_text.ts";
import { parseSealedText, type SealedText } from "../vault/sealed_text.ts";
import type { ServiceDeps } from "./deps.ts";
import type { SecretChange } from "./environment_secrets.ts";
import type { DocumentChange } from "./import_read.ts";
import type { Draft } from "./resource_draft.ts";
import { staleSeal, vaultOf } from "./vault.ts";
import { prepareMasterKey } from "./vault_key.ts";

/** Salts of one import at the most: keys are made slowly, for each of them. */
const SALTS_MAX = 4;

/**
 * Makes what opens the secrets that a passphrase opens, and leaves others as
 * they are.
 *
 * @returns A function that throws INVALID_ARGUMENT for the wrong passphrase.
 */
export function passphraseOpener(passphrase: string): DocumentChange {
  const known = new Map<string, Promise<PassphraseKeys>>();
  const keysOf = (text: PassphraseText): Promise<PassphraseKeys> => {
    const { salt, iterations } = text;
    const mark = `${iterations} ${salt.toHex()}`;
    const found = known.get(mark);
    if (found !== undefined) return found;
    if (known.size === SALTS_MAX) throw tooManySalts();
    const made = passphraseKeys(passphrase, { salt, iterations });
    known.set(mark, made);
    return made;
  };
  return async (document) => {
    const spec = member(document, "spec");
    const secrets = isJsonObject(spec) ? member(spec, "secrets") : undefined;
    if (!isJsonObject(spec) || !isJsonObject(secrets)) return document;
    const environment = slugIn(document);
    const opened: [string, JsonObject[string]][] = [];
    for (const [name, value] of Object.entries(secrets)) {
      const isUnder = typeof value === "string" &&
        secretForm(value) === "passphrase";
      if (!isUnder) {
        opened.push([name, value]);
        continue;
      }
      if (passphrase === "") throw noPassphrase(environment, name);
      const text = parsePassphraseText(value);
      const of = { environment, name };
      const plain = await openPassphraseText(await keysOf(text), text, of);
      if (plain === undefined) throw wrongPassphrase(environment, name);
      opened.push([name, plain]);
    }
    return {
      ...document,
      spec: { ...spec, secrets: Object.fromEntries(opened) },
    };
  };
}

/**
 * What becomes of the secrets of a new environment that can be stored sealed
 * as they are: the master key of this database is the one that they are sealed
 * under, and the environment keeps its id. Each is opened once, to see that it
 * is whole.
 *
 * @returns `undefined` where they must be sealed anew.
 * @throws {StigmerError} DATA_LOSS for the key that is nowhere, by its id.
 */
export async function sealedAsIs(
  deps: ServiceDeps,
  draft: Draft,
  wanted: { readonly id?: string; readonly dryRun: boolean },
): Promise<SecretChange | undefined> {
  const texts = sealedTextsOf(draft);
  const [first] = texts;
  if (first === undefined) return undefined;
  const ownerId = first.originId;
  const { database } = deps.store;
  if (
    (wanted.id ?? ownerId) !== ownerId ||
    idPrefix(ownerId) !== KINDS.Environment.prefix ||
    resourceBySlug(database, "Environment", draft.slug) !== undefined ||
    resourceById(database, "Environment", ownerId) !== undefined ||
    sealedNames(database, ownerId).length > 0 ||
    texts.some((it) => !isOf(it, first) || dataKey(database, it.dataKey.id))
  ) return undefined;
  const vault = vaultOf(deps);
  for (const { name } of texts) {
    await vault.openSealedText(draft.secrets[name] ?? "", { name });
  }
  if (!wanted.dryRun) await prepareMasterKey(deps);
  if (vaultKeyIn(database, "current")?.id !== first.keyId) return undefined;
  return {
    ownerId,
    isNew: true,
    same: [],
    fresh: Object.fromEntries(texts.map(({ name }) => [name, ""])),
    diagnostics: [],
    store: (into) => storeSealed(into, texts, { nowMs: deps.host.clock.now() }),
    stale: () => staleSeal(ownerId),
  };
}

/**
 * The sealed texts of a draft; none where it gives values in another form, or
 * one that is not whole, which is told with its place when it is opened.
 */
function sealedTextsOf({ secrets }: Draft): readonly SealedText[] {
  const texts: SealedText[] = [];
  for (const [name, given] of Object.entries(secrets)) {
    if (secretForm(given) === "kept") continue;
    const text = secretForm(given) === "sealed" ? readText(given) : undefined;
    if (text?.name !== name) return [];
    texts.push(text);
  }
  return texts;
}

function readText(text: string): SealedText | undefined {
  try {
    return parseSealedText(text);
  } catch {
    return undefined;
  }
}

function isOf(text: SealedText, first: SealedText): boolean {
  return text.originId === first.originId && text.keyId === first.keyId &&
    text.dataKey.ownerId === first.originId;
}

/** Stores sealed values under their data keys; the newest one is in use. */
function storeSealed(
  database: Database,
  texts: readonly SealedText[],
  options: { readonly nowMs: number },
): void {
  const keys = new Map<string, DataKeyRow>(
    texts.map(({ dataKey: it, keyId }) => [it.id, { ...it, keyId }]),
  );
  const [newest, ...older] = [...keys.values()]
    .sort((a, b) => a.id < b.id ? 1 : -1);
  if (newest !== undefined) insertDataKey(database, newest, options);
  for (const it of older) insertRetiredDataKey(database, it, options);
  for (const { originId, name, version, dataKey: key, sealed } of texts) {
    putSealed(database, {
      ownerId: originId,
      alias: name,
      originId,
      name,
      version,
      dataKeyId: key.id,
      sealed,
    }, options);
  }
}

function slugIn(document: JsonObject): string {
  const metadata = member(document, "metadata");
  const slug = isJsonObject(metadata) ? member(metadata, "slug") : undefined;
  return typeof slug === "string" ? slug : "";
}

function noPassphrase(environment: string, name: string): Error {
  return invalidArgument(
    `Cannot open secret "${name}" of environment "${environment}": it is ` +
      "under a passphrase, and none is given",
    { hints: ["Give it on standard input with --passphrase-stdin"] },
  );
}

function wrongPassphrase(environment: string, name: string): Error {
  return invalidArgument(
    `Cannot open secret "${name}" of environment "${environment}": the ` +
      "passphrase is another one, or the text was changed",
    { hints: ["Give the passphrase that it was exported with"] },
  );
}

function tooManySalts(): Error {
  return invalidArgument(
    `Cannot import secrets of over ${SALTS_MAX} exports at once`,
    { hints: ["Import each export by itself"] },
  );
}
