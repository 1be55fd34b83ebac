/**
 * All sources of master keys of this machine.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { envFileSource } from "./env_file_source.ts";
import { envSource } from "./env_source.ts";
import { KEY_FILE_NAME, keyFileSource } from "./key_file_source.ts";
import type { KeySource } from "./key_source.ts";
import { openKeychain } from "./keychain.ts";
import { keychainSource } from "./keychain_source.ts";

/** The variable that names the source of new keys, where none is asked for. */
export const KEY_SOURCE_VARIABLE = "STIGMER_KEY_SOURCE";

/** Says which source is wanted for new keys; `` means the first usable. */
export function wantedSource(
  { env }: Pick<Host, "env">,
  asked = "",
): string {
  return asked === "" ? env.get(KEY_SOURCE_VARIABLE) ?? "" : asked;
}

/** Gives the sources of a database, in the order in which one is chosen. */
export function keySources(
  host: Host,
  options: { readonly databasePath: string },
): readonly KeySource[] {
  const { databasePath } = options;
  return [
    keychainSource(openKeychain(host), { random: host.random, databasePath }),
    envSource(host),
    envFileSource(host),
    keyFileSource(host, beside(databasePath, KEY_FILE_NAME)),
  ];
}

/** The path of a neighbour of a file. */
function beside(path: string, name: string): string {
  const end = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return `${path.slice(0, end + 1)}${name}`;
}
