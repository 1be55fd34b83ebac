/**
 * Files too large to be read at once, and what else a copy of a database
 * needs, through Deno.
 *
 * @module
 */

import { OS } from "./os.ts";
import { withPatience } from "./patience.ts";

/** Bytes of a piece at the most. */
const CHUNK_BYTES: number = 1024 * 1024;

/** Reads a file piece by piece. */
export async function* readChunks(
  path: string,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  using file = await Deno.open(path, { read: true });
  for (;;) {
    const chunk = new Uint8Array(CHUNK_BYTES);
    const count = await file.read(chunk);
    if (count === null) return;
    yield chunk.subarray(0, count);
  }
}

/** Writes a file of pieces beside its place, and then into it. */
export async function writeChunks(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  options: { readonly mode: number; readonly replace?: boolean },
): Promise<void> {
  const beside = `${path}.${Deno.pid}.${crypto.randomUUID()}.tmp`;
  try {
    await writeNew(beside, chunks, options.mode);
    if (options.replace === true) {
      await withPatience(() => Deno.rename(beside, path));
    } else await moveNew(beside, path);
  } catch (error) {
    // What went wrong first is what counts.
    await Deno.remove(beside).catch(() => {});
    throw error;
  }
}

async function writeNew(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  mode: number,
): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true, mode });
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      at += await file.write(chunk.subarray(at));
    }
  }
  await giveWhole(path, file, mode);
  await file.sync();
}

/**
 * Gives a file those bits of its mode that the umask held back. Where none
 * was, nothing is done: not every file system lets a mode be set.
 */
async function giveWhole(
  path: string,
  file: Deno.FsFile,
  mode: number,
): Promise<void> {
  if (OS === "windows") return;
  const given = (await file.stat()).mode ?? mode;
  if ((given & mode) !== mode) await Deno.chmod(path, mode);
}

/** Moves a file to where none may be: only a link says so in one step. */
async function moveNew(from: string, to: string): Promise<void> {
  await linkFile(from, to);
  await withPatience(() => Deno.remove(from));
}

/**
 * Gives a file a second name; where the file system has no such thing, a copy
 * of it.
 */
export async function linkFile(from: string, to: string): Promise<void> {
  try {
    await Deno.link(from, to);
  } catch (error) {
    if (
      error instanceof Deno.errors.AlreadyExists ||
      error instanceof Deno.errors.NotFound
    ) throw error;
    const { mode } = await Deno.stat(from);
    const copied = await Deno.open(to, {
      write: true,
      createNew: true,
      ...(mode === null ? {} : { mode: mode & 0o777 }),
    });
    const source = await Deno.open(from, { read: true });
    await source.readable.pipeTo(copied.writable);
  }
}

/** Says how many bytes may still be written where a path is. */
export async function freeBytes(path: string): Promise<number | undefined> {
  const { statfs } = await import("node:fs/promises");
  try {
    const { bavail, bsize } = await statfs(path);
    return Number(bavail) * Number(bsize);
  } catch {
    // Not every system and file system says.
    return undefined;
  }
}
