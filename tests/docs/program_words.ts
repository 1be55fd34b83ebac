/**
 * The words that the program may say: its sources, with texts that go over
 * several lines put together.
 *
 * @module
 */

import { listFiles, readText } from "../gate/tree.ts";

/** Reads the sources, tests left out. */
export async function programWords(): Promise<string> {
  const paths = (await listFiles("src/")).filter((it) =>
    it.endsWith(".ts") && !it.endsWith("_test.ts")
  );
  const source = (await Promise.all(paths.map(readText))).join("\n");
  return source.replaceAll(/["`] \+\n\s*["`]/g, "");
}
