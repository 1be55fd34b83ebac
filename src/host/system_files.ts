/**
 * Files, through Deno.
 *
 * @module
 */

import { importUnseen } from "./_unseen.ts";
import type { FileInfo, FileLock, Files } from "./host.ts";
import { OS } from "./os.ts";
import { withPatience } from "./patience.ts";
import { decodeText, isNoName } from "./windows_files.ts";
import { entries, fileInfo, readReal, writeReal } from "./system_real_files.ts";

/** Gives the files of this machine. */
export function systemFiles(): Files {
  return {
    readText: async (path) => decodeText(await Deno.readFile(path)),
    read: (path) => Deno.readFile(path),
    readHead,
    writeAtomic,
    createNew,
    makeDirectory: (path, options) =>
      Deno.mkdirSync(path, { recursive: true, ...options }),
    stat,
    isLink: (path) => Deno.lstatSync(path).isSymlink,
    list,
    entries,
    readReal,
    writeReal,
    remove,
    makeTemporaryDirectory: () => Deno.makeTempDir({ prefix: "stigmer-" }),
    realPath: (path) => Deno.realPath(path),
    readChunks: async function* (path) {
      yield* (await chunks()).readChunks(path);
    },
    writeChunks: async (...given) =>
      await (await chunks()).writeChunks(...given),
    rename: (from, to) => withPatience(() => Deno.rename(from, to)),
    link: async (from, to) => await (await chunks()).linkFile(from, to),
    freeBytes: async (path) => await (await chunks()).freeBytes(path),
    lock,
  };
}

/** What few commands need is loaded by those that do. */
function chunks(): Promise<typeof import("./system_file_chunks.ts")> {
  return importUnseen("./system_file_chunks.ts", import.meta.url);
}

async function readHead(
  path: string,
  lengthMax: number,
): Promise<Uint8Array<ArrayBuffer>> {
  using file = await Deno.open(path, { read: true });
  const head = new Uint8Array(lengthMax);
  let length = 0;
  while (length < lengthMax) {
    const count = await file.read(head.subarray(length));
    if (count === null) break;
    length += count;
  }
  return head.slice(0, length);
}

async function writeAtomic(
  path: string,
  content: string | Uint8Array<ArrayBuffer>,
  options: { readonly mode?: number; readonly durable?: boolean } = {},
): Promise<void> {
  const { durable = false, ...open } = options;
  const beside = `${path}.${Deno.pid}.${crypto.randomUUID()}.tmp`;
  const bytes = typeof content === "string"
    ? new TextEncoder().encode(content)
    : content;
  try {
    await writeThrough(beside, bytes, open);
    await withPatience(() => Deno.rename(beside, path));
    if (durable) await syncFolder(path);
  } catch (error) {
    // What went wrong first is what counts.
    await remove(beside).catch(() => {});
    throw error;
  }
}

/** Writes the names in the folder of a file down to the disk. */
async function syncFolder(path: string): Promise<void> {
  // Windows opens no folder; its renames are written through.
  if (OS === "windows") return;
  const folder = path.slice(0, path.lastIndexOf("/")) ||
    (path.startsWith("/") ? "/" : ".");
  using opened = await Deno.open(folder, { read: true });
  await opened.sync();
}

/** Writes a new file down to the disk: a rename may get there before it. */
async function writeThrough(
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
  options: { readonly mode?: number },
): Promise<void> {
  using file = await Deno.open(path, {
    write: true,
    createNew: true,
    ...options,
  });
  for (let at = 0; at < bytes.length;) {
    at += await file.write(bytes.subarray(at));
  }
  await file.sync();
}

function createNew(path: string, options: { readonly mode: number }): boolean {
  try {
    Deno.openSync(path, { createNew: true, write: true, mode: options.mode })
      .close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}

function stat(path: string): FileInfo | undefined {
  try {
    return fileInfo(Deno.statSync(path));
  } catch (error) {
    // A path through a file, as `a.txt/b`, is not there either.
    if (
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory ||
      isNoName(OS, error)
    ) return undefined;
    throw error;
  }
}

async function list(path: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(path)) names.push(entry.name);
  return names.sort();
}

async function remove(path: string): Promise<void> {
  try {
    await withPatience(() => Deno.remove(path, { recursive: true }));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function lock(path: string): FileLock | undefined {
  const file = Deno.openSync(path, {
    create: true,
    read: true,
    write: true,
    mode: 0o600,
  });
  try {
    // The kernel frees the lock when the process ends, however it ends.
    if (file.tryLockSync(true)) return { release: () => file.close() };
  } catch (error) {
    file.close();
    throw error;
  }
  file.close();
  return undefined;
}
