/**
 * A master key in a file that a variable names, as containers are handed
 * their secrets. Who else may read that file is up to whoever mounts it.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { failedPrecondition } from "../model/error.ts";
import { type GivenKey, givenKeySource } from "./_given_key.ts";
import type { KeySource } from "./key_source.ts";

/** The variable that names the file of the key. */
export const KEY_FILE_VARIABLE = "STIGMER_MASTER_KEY_FILE";
/** The variable that names the file of the key to rotate to. */
export const NEXT_KEY_FILE_VARIABLE = "STIGMER_MASTER_KEY_FILE_NEXT";
/** A key has 64 digits at the most; the rest is white space. */
const FILE_BYTES_MAX = 1024;

/** Gives the source of the key in a file that a variable names. */
export function envFileSource(host: Pick<Host, "env" | "files">): KeySource {
  const given = (variable: string): GivenKey => ({
    variable,
    text: () => textIn(host, variable),
  });
  const path = host.env.get(KEY_FILE_VARIABLE) ?? "";
  return givenKeySource({
    kind: "env-file",
    location: path === "" ? KEY_FILE_VARIABLE : `"${path}"`,
    first: given(KEY_FILE_VARIABLE),
    next: given(NEXT_KEY_FILE_VARIABLE),
  });
}

async function textIn(
  { env, files }: Pick<Host, "env" | "files">,
  variable: string,
): Promise<string | undefined> {
  const path = env.get(variable) ?? "";
  if (path === "") return undefined;
  try {
    const bytes = await files.readHead(path, FILE_BYTES_MAX);
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
