/**
 * The list of functions that are compiled with their module, as it is kept
 * beside this file: what runs at each start. `deno task eager` writes it anew.
 *
 * @module
 */

import { ROOT } from "./command.ts";

const PATH = `${ROOT}.dev/eager_functions.txt`;
const HEAD = `# Functions that run at each start, so that they are compiled with
# their module. Written by "deno task eager"; what is not there is no fault.
`;

/** Reads the list. */
export async function readEagerList(): Promise<ReadonlySet<string>> {
  const text = await Deno.readTextFile(PATH);
  return new Set(
    text.split(/\r?\n/).filter((it) => it !== "" && !it.startsWith("#")),
  );
}

/** Writes the list. */
export async function writeEagerList(keys: Iterable<string>): Promise<void> {
  const lines = [...new Set(keys)].sort().map((it) => `${it}\n`);
  await Deno.writeTextFile(PATH, HEAD + lines.join(""));
}
