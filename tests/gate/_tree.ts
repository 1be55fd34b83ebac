/**
 * The files of this repository, for tests over all of them.
 *
 * @module
 */

import { ROOT } from "../../.dev/command.ts";

/** Folders that are not the repository's own text. */
const SKIPPED: ReadonlySet<string> = new Set([
  ".git",
  "node_modules",
  "dist",
  "coverage",
  ".ci/deno",
]);

/** Lists all files by path from the root, in order. */
export async function listFiles(prefix = ""): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const entry of Deno.readDir(ROOT + prefix)) {
    const path = `${prefix}${entry.name}`;
    if (SKIPPED.has(path) || SKIPPED.has(entry.name)) continue;
    if (entry.isDirectory) paths.push(...await listFiles(`${path}/`));
    else if (entry.isFile) paths.push(path);
  }
  return paths.sort();
}

/** Reads a file by its path from the root. */
export function readText(path: string): Promise<string> {
  return Deno.readTextFile(ROOT + path);
}

/** Says whether a file or folder is there. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(ROOT + path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
