/**
 * Files at their real paths, for whoever must not be led elsewhere by a link
 * that someone puts in its way.
 *
 * Deno opens by path alone and follows links. So what was opened is held
 * against what stands at the path afterwards: a link that came in between is
 * found out before a byte is given out or written.
 *
 * @module
 */

import type { FileInfo, Files, FolderEntry } from "./host.ts";
import { OS } from "./os.ts";
import { withPatience } from "./patience.ts";

/** The name of a file at the end of its path; elsewhere `\\` is one of it. */
const LAST_NAME = OS === "windows" ? /[^/\\]*$/ : /[^/]*$/;

/** What is in a folder. */
export async function entries(path: string): Promise<readonly FolderEntry[]> {
  const found: FolderEntry[] = [];
  for await (const entry of Deno.readDir(path)) {
    const kind = entry.isSymlink
      ? "link"
      : entry.isFile
      ? "file"
      : entry.isDirectory
      ? "directory"
      : "other";
    found.push({ name: entry.name, kind });
  }
  return found.sort((a, b) => a.name < b.name ? -1 : 1);
}

/** Reads a file at its real path. */
export const readReal: Files["readReal"] = async (path, { lengthMax }) => {
  // A pipe would be waited for.
  if (!Deno.lstatSync(path).isFile) throw elsewhere(path);
  using file = await Deno.open(path, { read: true });
  const opened = await file.stat();
  await refuseOther(path, opened);
  const size = Math.min(lengthMax, Math.max(opened.size, 0) + 1);
  let bytes = new Uint8Array(size);
  let length = 0;
  while (length < lengthMax) {
    // What grows while it is read is read on.
    if (length === bytes.length) bytes = grown(bytes, lengthMax);
    const count = await file.read(bytes.subarray(length));
    if (count === null) break;
    length += count;
  }
  return { bytes: bytes.slice(0, length), info: fileInfo(opened) };
};

/** Refuses what was opened where another file stands at the path. */
async function refuseOther(path: string, opened: Deno.FileInfo): Promise<void> {
  if (!opened.isFile) throw elsewhere(path);
  await refuseLink(path);
  const now = Deno.lstatSync(path);
  const isSame = now.isFile && now.ino === opened.ino && now.dev === opened.dev;
  if (!isSame) throw elsewhere(path);
}

async function refuseLink(path: string): Promise<void> {
  if (await Deno.realPath(path) !== path) throw elsewhere(path);
}

/** Writes a file at its real path. */
export const writeReal: Files["writeReal"] = async (
  path,
  content,
  { mode } = {},
) => {
  // Of its own: the name of the file may be as long as one can be.
  const name = `.${crypto.randomUUID().slice(0, 13)}.tmp`;
  const beside = path.replace(LAST_NAME, name);
  {
    using file = await Deno.open(beside, {
      write: true,
      createNew: true,
      ...(mode === undefined ? {} : { mode }),
    });
    try {
      await refuseLink(beside);
      for (let at = 0; at < content.length;) {
        at += await file.write(content.subarray(at));
      }
      await file.sync();
    } catch (error) {
      await Deno.remove(beside).catch(() => undefined);
      throw error;
    }
  }
  try {
    if (mode !== undefined && OS !== "windows") {
      await Deno.chmod(beside, mode);
    }
    // Only in the folder that it was made in is there anything to move.
    await withPatience(() => Deno.rename(beside, path));
  } catch (error) {
    await Deno.remove(beside).catch(() => undefined);
    throw error;
  }
};

function grown(
  bytes: Uint8Array<ArrayBuffer>,
  lengthMax: number,
): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(
    Math.min(lengthMax, Math.max(1024, 2 * bytes.length)),
  );
  larger.set(bytes);
  return larger;
}

function elsewhere(path: string): Error {
  return new Deno.errors.PermissionDenied(
    `it is no file of its own any more: ${path}`,
  );
}

/** What is known of a file, as Deno says it. */
export function fileInfo(info: Deno.FileInfo): FileInfo {
  return {
    kind: info.isFile ? "file" : info.isDirectory ? "directory" : "other",
    sizeBytes: info.size,
    modifiedAtMs: info.mtime?.getTime() ?? 0,
    mode: info.mode === null ? undefined : info.mode & 0o7777,
    ...(info.uid === null ? {} : { ownerId: info.uid }),
    ...(info.ino === null ? {} : { fileId: `${info.dev}:${info.ino}` }),
  };
}
