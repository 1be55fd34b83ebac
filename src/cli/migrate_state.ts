/**
 * What a migration that was broken off needs to go on: the id of its import,
 * and what its secrets travel under.
 *
 * The passphrase is made by chance for one migration. It opens nothing but what
 * that migration staged, is in no database and in no argument, and its file is
 * removed with the migration's end.
 *
 * @module
 */

import { sha256 } from "../backend/portable.ts";
import type { Host } from "../host/host.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import { joinPath } from "./path.ts";

/** What is kept of a migration. */
export interface MigrationState {
  readonly importId: string;
  readonly passphrase: string;
}

/** A migration that is kept until it ends. */
export interface KeptMigration extends MigrationState {
  /** Forgets it. */
  end(): Promise<void>;
}

const DIRECTORY_NAME = "migrations";
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const ID_BYTES = 16;
const PASSPHRASE_BYTES = 32;
/** How long one that nobody goes on with is kept. */
const KEPT_MS: number = 7 * 24 * 60 * 60 * 1000;
/** Digits of a checksum that name a file. */
const KEY_LENGTH = 16;

/** Makes the state of a new migration. */
export function newMigration({ random }: Host): MigrationState {
  return {
    importId: `migrate-${random.bytes(ID_BYTES).toHex()}`,
    passphrase: random.bytes(PASSPHRASE_BYTES).toBase64({
      alphabet: "base64url",
      omitPadding: true,
    }),
  };
}

/**
 * Finds the state of a migration that was broken off, or makes and keeps one.
 *
 * @param of What tells this migration from others: where from, where to, what.
 */
export async function keptMigration(
  host: Host,
  home: string,
  of: readonly string[],
): Promise<KeptMigration> {
  const folder = joinPath(host, home, DIRECTORY_NAME);
  const key = (await sha256(JSON.stringify(of))).slice(0, KEY_LENGTH);
  const path = joinPath(host, folder, `${key}.json`);
  const end = (): Promise<void> => host.files.remove(path);
  await removeOld(host, folder);
  const known = await readState(host, path);
  if (known !== undefined) return { ...known, end };
  const made = newMigration(host);
  host.files.makeDirectory(folder, { mode: DIRECTORY_MODE });
  await host.files.writeAtomic(path, `${JSON.stringify(made)}\n`, {
    mode: FILE_MODE,
  });
  return { ...made, end };
}

/** Removes what nobody went on with; a migration that stages all is short. */
async function removeOld(host: Host, folder: string): Promise<void> {
  const { files, clock } = host;
  if (files.stat(folder) === undefined) return;
  for (const name of await files.list(folder)) {
    const path = joinPath(host, folder, name);
    const at = files.stat(path)?.modifiedAtMs ?? clock.now();
    if (clock.now() - at > KEPT_MS) await files.remove(path);
  }
}

/** Reads a state; what is none counts as not there. */
async function readState(
  host: Host,
  path: string,
): Promise<MigrationState | undefined> {
  if (host.files.stat(path) === undefined) return undefined;
  const json = parsed(await host.files.readText(path));
  const importId = textIn(json, "importId");
  const passphrase = textIn(json, "passphrase");
  return importId === undefined || passphrase === undefined
    ? undefined
    : { importId, passphrase };
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function textIn(json: Json, key: string): string | undefined {
  const value = isJsonObject(json) ? member(json, key) : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}
