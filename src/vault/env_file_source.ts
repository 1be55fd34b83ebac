/**
 * A master key in a file that a variable names, as containers are handed
 * their secrets. Who else may read that file is up to whoever mounts it.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { resolvePath } from "../host/os.ts";
import { failedPrecondition } from "../model/error.ts";
import { type GivenKey, givenKeySource } from "./_given_key.ts";
import type { KeySource } from "./key_source.ts";

/** The variable that names the file of the key. */
export const KEY_FILE_VARIABLE = "STIGMER_MASTER_KEY_FILE";
/** The variable that names the file of the key to rotate to. */
export const NEXT_KEY_FILE_VARIABLE = "STIGMER_MASTER_KEY_FILE_NEXT";
/** A key has 64 digits at the most; the rest is white space. */
const FILE_BYTES_MAX = 1024;

type KeyFileHost = Pick<Host, "env" | "files" | "platform">;

/** The whole path that a variable gives; "" where it is not set. */
export function keyFilePath(
  { env, platform }: Pick<Host, "env" | "platform">,
  variable: string = KEY_FILE_VARIABLE,
): string {
  const path = env.get(variable) ?? "";
  return path === "" ? "" : resolvePath(platform.os, platform.cwd(), path);
}

/** Gives the source of the key in a file that a variable names. */
export function envFileSource(host: KeyFileHost): KeySource {
  const given = (variable: string): GivenKey => ({
    variable,
    text: () => textIn(host, variable),
  });
  const path = keyFilePath(host);
  return givenKeySource({
    kind: "env-file",
    location: path === "" ? KEY_FILE_VARIABLE : path,
    first: given(KEY_FILE_VARIABLE),
    next: given(NEXT_KEY_FILE_VARIABLE),
  });
}

async function textIn(
  host: KeyFileHost,
  variable: string,
): Promise<string | undefined> {
  const path = keyFilePath(host, variable);
  if (path === "") return undefined;
  try {
    const bytes = await host.files.readHead(path, FILE_BYTES_MAX);
    const text = new TextDecoder().decode(bytes);
    // An empty file is one that somebody meant to be filled.
    return text.trim() === "" ? "empty" : text;
  } catch (cause) {
    throw failedPrecondition(
      `it names "${path}", which cannot be read`,
      { cause },
    );
  }
}
