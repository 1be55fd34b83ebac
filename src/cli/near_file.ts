/**
 * "Did you mean" for files: what lies where a path leads to nothing.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { nearestName } from "../model/near.ts";
import { absolutePath, folderOf } from "./path.ts";

/** Endings that people take for each other. */
const ENDING_REGEXP = /\.(?:ya?ml|json)$/i;

/**
 * Makes the hint for a path that leads to nothing: the file of that name with
 * another ending, or of nearly that name. Gives none where there is no such
 * file, or nobody may look.
 */
export async function nearFileHints(
  host: Host,
  path: string,
): Promise<readonly string[]> {
  const [, start = "", name = ""] = /^(.*[/\\])?([^/\\]+)$/s.exec(path) ?? [];
  if (name === "") return [];
  const near = nearName(name, await namesBeside(host, path));
  return near === undefined ? [] : [`Did you mean "${start}${near}"?`];
}

async function namesBeside(
  host: Host,
  path: string,
): Promise<readonly string[]> {
  const folder = folderOf(host, absolutePath(host, path));
  try {
    return await host.files.list(folder);
  } catch {
    // A hint must not become an error of its own.
    return [];
  }
}

function nearName(name: string, names: readonly string[]): string | undefined {
  const stem = name.replace(ENDING_REGEXP, "");
  const sameStem = names.find((it) =>
    it !== name && ENDING_REGEXP.test(it) &&
    it.replace(ENDING_REGEXP, "") === stem
  );
  return sameStem ?? nearestName(name, names);
}
