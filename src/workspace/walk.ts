/**
 * Walks through the files of a folder, those beneath it included. Links are
 * not followed: what they lead to has a path of its own.
 *
 * @module
 */

import type { FolderEntry } from "../host/host.ts";
import { separatorOf } from "../host/os.ts";
import { isOwn } from "./own_files.ts";
import { ROOT_PATH } from "./path.ts";
import type { FileScene } from "./tool.ts";

/** Entries that are looked at in one walk. */
const WALKED_MAX = 50_000;
/** Folders within each other at the most. */
export const DEPTH_MAX = 64;
/** Folders that nobody means who looks for something. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  ".git",
  ".hg",
  ".jj",
  ".svn",
  "__pycache__",
  "node_modules",
]);

/** An entry on the way. */
export interface Walked {
  /** From the folder of the agent on. */
  readonly path: string;
  readonly absolute: string;
  readonly kind: FolderEntry["kind"];
  /** How far beneath the start, from 1. */
  readonly depth: number;
  /** Whether it is a folder that was not gone into. */
  readonly isLeftOut: boolean;
}

/** How a walk goes. */
export interface WalkOptions {
  /** How deep it goes at the most. */
  readonly depth: number;
  /** Whether it goes into what is left out otherwise. */
  readonly all?: boolean;
  /** Called where it stops before the end, past {@linkcode WALKED_MAX}. */
  readonly onCut: () => void;
}

/** What a model is told of a walk that stopped. */
export const CUT_NOTICE: string =
  `[not all was looked at, but ${WALKED_MAX} entries: name a folder in \`path\`]`;

/** Walks depth first, in the order of names. */
export async function* walk(
  start: { readonly path: string; readonly absolute: string },
  options: WalkOptions & { readonly scene: FileScene },
): AsyncGenerator<Walked> {
  const { scene, depth: depthMax, all = false, onCut } = options;
  const separator = separatorOf(scene.os);
  let count = 0;
  async function* into(
    { path, absolute, depth }: {
      readonly path: string;
      readonly absolute: string;
      readonly depth: number;
    },
  ): AsyncGenerator<Walked> {
    for (const { name, kind } of await entriesOf(absolute, scene)) {
      if (++count > WALKED_MAX) return onCut();
      const found = {
        path: path === ROOT_PATH ? name : `${path}/${name}`,
        absolute: absolute.endsWith(separator)
          ? absolute + name
          : absolute + separator + name,
      };
      if (isOwn(found.absolute, scene.own)) continue;
      const isFolder = kind === "directory";
      const isLeftOut = isFolder &&
        (depth >= depthMax || (!all && LEFT_OUT.has(name)));
      yield { ...found, kind, depth, isLeftOut };
      if (isFolder && !isLeftOut) {
        yield* into({ ...found, depth: depth + 1 });
      }
    }
  }
  yield* into({ ...start, depth: 1 });
}

/** What may not be read, or is gone meanwhile, is as if it were empty. */
async function entriesOf(
  absolute: string,
  { files }: FileScene,
): Promise<readonly FolderEntry[]> {
  try {
    // A link in the place of the folder would lead the walk elsewhere.
    if (await files.realPath(absolute) !== absolute) return [];
    return await files.entries(absolute);
  } catch {
    return [];
  }
}
