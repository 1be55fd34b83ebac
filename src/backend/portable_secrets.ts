/**
 * The secrets of environments in an export: left out, sealed as they are, or
 * under a passphrase.
 *
 * @module
 */

import type { ExportRecordsRequest } from "../../gen/stigmer/backend/v1/transfer_pb.ts";
import { SecretMode } from "../../gen/stigmer/backend/v1/transfer_pb.ts";
import { isJsonObject, type JsonObject, member } from "../model/json.ts";
import { MASK } from "../model/mask.ts";
import type { Database } from "../store/driver.ts";
import type { ResourceRow } from "../store/resources.ts";
import { sealedOf } from "../store/sealed_values.ts";
import { insertAccesses } from "../store/secret_accesses.ts";
import {
  checkPassphrase,
  type PassphraseBinding,
  type PassphraseKeys,
  passphraseKeys,
  passphraseTextOf,
  saltOf,
} from "../vault/passphrase_text.ts";
import type { ServiceDeps } from "./deps.ts";
import { vaultOf } from "./vault.ts";

/** Writes the secrets of one environment, by name. */
export type SecretWriter = (
  row: ResourceRow,
) => Promise<Readonly<Record<string, string>>>;

/** Where secrets are read, and what of them is asked for. */
export interface SecretExport {
  readonly database: Database;
  readonly request: Pick<ExportRecordsRequest, "secrets" | "passphrase">;
  /** The environments of the export, once more each time it is asked. */
  readonly environments: () => Iterable<ResourceRow>;
}

/**
 * Makes what writes secrets as an export wants them. Those who open or take
 * away secrets are noted, each name.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for a passphrase that is too short.
 */
export async function secretWriter(
  deps: ServiceDeps,
  { database, request, environments }: SecretExport,
): Promise<SecretWriter> {
  switch (request.secrets) {
    case SecretMode.SECRET_MODE_UNSPECIFIED:
    case SecretMode.OMIT:
      return (row) => Promise.resolve(masks(row));
    case SecretMode.SEALED:
      return (row) => Promise.resolve(sealedTexts(deps, database, row));
    case SecretMode.REENCRYPT: {
      checkPassphrase(request.passphrase);
      const names = [...namesOf(environments())];
      // Without a secret there is nothing to make keys for, which is slow.
      const keys = names.length === 0
        ? undefined
        : await passphraseKeys(request.passphrase, {
          salt: await saltOf(names),
        });
      return (row) => underPassphrase(deps, { database, keys }, row);
    }
  }
}

/** Names every secret of some environments. */
function* namesOf(
  environments: Iterable<ResourceRow>,
): Generator<PassphraseBinding, void> {
  for (const row of environments) {
    for (const name of secretNames(row)) {
      yield { environment: row.slug, name };
    }
  }
}

/** The names of an environment's secrets, in order. */
function secretNames({ spec }: ResourceRow): readonly string[] {
  const secrets = member(spec, "secrets");
  return isJsonObject(secrets) ? Object.keys(secrets).sort() : [];
}

function masks(row: ResourceRow): Readonly<Record<string, string>> {
  return Object.fromEntries(secretNames(row).map((name) => [name, MASK]));
}

function sealedTexts(
  deps: ServiceDeps,
  database: Database,
  row: ResourceRow,
): Readonly<Record<string, string>> {
  const vault = vaultOf(deps);
  const values = sealedOf(database, row.id, secretNames(row));
  note(deps, row, values.map(({ alias }) => alias));
  return {
    ...masks(row),
    ...Object.fromEntries(
      values.map((it) => [it.alias, vault.sealedText(it)]),
    ),
  };
}

async function underPassphrase(
  deps: ServiceDeps,
  { database, keys }: {
    readonly database: Database;
    readonly keys: PassphraseKeys | undefined;
  },
  row: ResourceRow,
): Promise<Readonly<Record<string, string>>> {
  const texts: Record<string, string> = { ...masks(row) };
  const values = sealedOf(database, row.id, secretNames(row));
  if (keys === undefined || values.length === 0) return texts;
  const opened = await vaultOf(deps).openSealed(values);
  note(deps, row, [...opened.keys()]);
  for (const [name, plain] of opened) {
    const of = { environment: row.slug, name };
    texts[name] = await passphraseTextOf(keys, plain, of);
  }
  return texts;
}

/** Notes which secrets left the database. */
function note(
  { host, identity, store }: ServiceDeps,
  row: ResourceRow,
  names: readonly string[],
): void {
  const timeMs = host.clock.now();
  insertAccesses(
    store.database,
    names.map((name) => ({
      timeMs,
      identity,
      name,
      origin: row.id,
      executionId: "",
      path: "",
      purpose: "export",
    })),
  );
}

/** Puts secrets into the document of an environment. */
export function withSecrets(
  document: JsonObject,
  secrets: Readonly<Record<string, string>>,
): JsonObject {
  const spec = member(document, "spec");
  if (!isJsonObject(spec) || member(spec, "secrets") === undefined) {
    return document;
  }
  return { ...document, spec: { ...spec, secrets } };
}
