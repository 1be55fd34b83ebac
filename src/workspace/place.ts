/**
 * Where a path of the folder really leads, looked at when it is used.
 *
 * A path must be the real one: through a link, or in other letters on a system
 * that does not tell them apart, a file would have a second name that no rule
 * was held against. Who asks is told the real one, and may ask again.
 *
 * @module
 */

import type { FileInfo } from "../host/host.ts";
import { separatorOf } from "../host/os.ts";
import { isOwn } from "./own_files.ts";
import { ROOT_PATH } from "./path.ts";
import type { FileScene } from "./tool.ts";

/** Where a path leads, or why it may not be used. */
export type Place =
  | {
    readonly kind: "place";
    /** Absolute, without links. */
    readonly absolute: string;
    /** What is there; absent where nothing is yet. */
    readonly info?: FileInfo;
  }
  | { readonly kind: "wrong"; readonly problem: string };

/** Finds out where a path in its one form leads. */
export async function placeOf(path: string, scene: FileScene): Promise<Place> {
  const parts = path === ROOT_PATH ? [] : path.split("/");
  // What is real about a path is this path, or it is refused below.
  if (isOwn(absoluteOf(parts, scene), scene.own)) {
    return wrongPlace(`"${path}" is what Stigmer keeps for itself`);
  }
  // The deepest part that is there says it of all above it.
  for (let count = parts.length; count >= 0; count--) {
    const there = parts.slice(0, count);
    const real = await realPathOf(absoluteOf(there, scene), scene);
    if (real === undefined) continue;
    const problem = realProblem(path, { there, real, scene });
    if (problem !== undefined) return { kind: "wrong", problem };
    const absolute = absoluteOf(parts, scene);
    const info = scene.files.stat(absoluteOf(there, scene));
    if (count < parts.length) {
      return info?.kind === "directory"
        ? await newPlace(parts, { count, absolute, scene })
        : wrongPlace(`"${there.join("/")}" is no folder`);
    }
    return info === undefined
      ? wrongPlace(`"${path}" went away`)
      : usable(path, { absolute, info });
  }
  return wrongPlace("The folder of the agent is not there any more");
}

/** A file or a folder that is there. */
export type FoundPlace =
  | {
    readonly kind: "place";
    readonly absolute: string;
    readonly info: FileInfo;
  }
  | { readonly kind: "wrong"; readonly problem: string };

/** Finds what must be there. */
export async function foundPlace(
  path: string,
  scene: FileScene,
): Promise<FoundPlace> {
  const place = await placeOf(path, scene);
  if (place.kind === "wrong") return place;
  const { absolute, info } = place;
  return info === undefined
    ? wrongPlace(`There is no "${path}"`)
    : { kind: "place", absolute, info };
}

function usable(
  path: string,
  found: { readonly absolute: string; readonly info: FileInfo },
): Place {
  return found.info.kind === "other"
    ? wrongPlace(`"${path}" is a device, a pipe or a socket`)
    : { kind: "place", ...found };
}

/** What is to be made must not look like something that is there. */
async function newPlace(
  parts: readonly string[],
  { count, absolute, scene }: {
    readonly count: number;
    readonly absolute: string;
    readonly scene: FileScene;
  },
): Promise<Place> {
  const above = parts.slice(0, count);
  const name = parts[count] ?? "";
  const names = await scene.files.entries(absoluteOf(above, scene));
  const twin = names.find((it) => {
    if (it.name === name) return true;
    return it.name.normalize("NFKC") === name.normalize("NFKC");
  });
  if (twin === undefined) return { kind: "place", absolute };
  const shown = [...above, twin.name].join("/");
  return wrongPlace(
    twin.name === name
      ? `"${shown}" is a link that leads nowhere`
      : `"${parts.join("/")}" would look like "${shown}", which is there`,
  );
}

/** Why a real path is not the one that was asked for. */
function realProblem(
  path: string,
  { there, real, scene }: {
    readonly there: readonly string[];
    readonly real: string;
    readonly scene: FileScene;
  },
): string | undefined {
  if (real === absoluteOf(there, scene)) return undefined;
  const inside = pathWithin(real, scene);
  if (inside === undefined) {
    return `"${path}" is a link that leads out of the folder`;
  }
  const rest = path.split("/").slice(there.length);
  return `"${path}" is in truth "${
    [inside, ...rest].join("/")
  }": use that path`;
}

/** The path of a place from the folder on; `undefined` for one beside it. */
export function pathWithin(
  absolute: string,
  scene: Pick<FileScene, "root" | "os">,
): string | undefined {
  const separator = separatorOf(scene.os);
  const root = scene.root.endsWith(separator)
    ? scene.root
    : scene.root + separator;
  return absolute.startsWith(root)
    ? absolute.slice(root.length).replaceAll(separator, "/")
    : undefined;
}

/** The folder that a place is in. */
export function folderAbove(
  absolute: string,
  scene: Pick<FileScene, "os">,
): string {
  const at = absolute.lastIndexOf(separatorOf(scene.os));
  return absolute.slice(0, at) || absolute.slice(0, 1);
}

/**
 * Why a file may not be written. A new one in its place would get around what
 * whoever made it read-only meant.
 */
export function writeProblem(
  path: string,
  { mode }: FileInfo,
): string | undefined {
  return mode !== undefined && (mode & 0o222) === 0
    ? `"${path}" is read-only`
    : undefined;
}

/** What is kept of a file's mode: not to be run as who owns it. */
export function keptMode({ mode }: FileInfo): { readonly mode?: number } {
  return mode === undefined ? {} : { mode: mode & 0o777 };
}

/** A path without links; `undefined` where nothing is, or links lead round. */
export async function realPathOf(
  absolute: string,
  { files }: FileScene,
): Promise<string | undefined> {
  try {
    return await files.realPath(absolute);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error &&
    /^(?:NotFound|NotADirectory|FilesystemLoop)$/.test(error.name);
}

function absoluteOf(parts: readonly string[], scene: FileScene): string {
  const separator = separatorOf(scene.os);
  const root = scene.root.endsWith(separator)
    ? scene.root.slice(0, -1)
    : scene.root;
  return parts.length === 0 ? scene.root : [root, ...parts].join(separator);
}

function wrongPlace(
  problem: string,
): { readonly kind: "wrong"; readonly problem: string } {
  return { kind: "wrong", problem };
}
