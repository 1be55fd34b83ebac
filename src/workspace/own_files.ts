/**
 * What Stigmer keeps of its own, as its database and its keys. An agent that
 * works in the folder that they are in neither reads nor changes them.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { separatorOf } from "../host/os.ts";

/** Files of Stigmer, those beside them under their names, and folders. */
export interface OwnFiles {
  readonly folder: string;
  /** A folder's ends in a slash: what is in it is meant. */
  readonly names: readonly string[];
}

/** Their real paths. */
export async function ownPaths(
  { folder, names }: OwnFiles,
  { files, platform }: Pick<Host, "files" | "platform">,
): Promise<readonly string[]> {
  try {
    const real = await files.realPath(folder);
    const separator = separatorOf(platform.os);
    const start = real.endsWith(separator) ? real : real + separator;
    return names.map((name) => start + name.replaceAll("/", separator));
  } catch {
    return []; // Where there is no folder, nothing is in it.
  }
}

/** Says whether a real path is of Stigmer, as `stigmer.db-wal` is. */
export function isOwn(absolute: string, own: readonly string[]): boolean {
  return own.some((it) =>
    absolute.startsWith(it) &&
    (/[/\\]$/.test(it) || /^(?:$|[-.])/.test(absolute.slice(it.length)))
  );
}
