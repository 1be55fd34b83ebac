/**
 * Files made of memory, for tests. Paths are absolute, and written and compared
 * as their system does: on macOS and Windows names that differ by case are one.
 *
 * @module
 */

import type { Clock, FileInfo, Files } from "./host.ts";
import { folderOfPath, joinPath, type Os } from "./os.ts";

/** What no name of Windows has, and what it takes for a device. */
const WINDOWS_FOREIGN =
  /[<>:"|?*]|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?$/i;

interface MemoryFile {
  /** As it was written first. */
  readonly path: string;
  readonly content: Uint8Array<ArrayBuffer>;
  readonly mode: number;
  readonly modifiedAtMs: number;
}

/** Makes a file system of memory. */
export function memoryFiles(options: {
  readonly clock: Clock;
  readonly files: Readonly<Record<string, string>>;
  readonly os: Os;
}): Files {
  const { clock, os } = options;
  /** By the one form that all writings of a path have. */
  const files = new Map<string, MemoryFile>();
  const directories = new Map<string, string>();
  const locks = new Set<string>();
  let temporaryCount = 0;

  function keyOf(path: string): string {
    if (os === "linux") return path;
    const lower = path.toLowerCase();
    return os === "darwin" ? lower : lower.replaceAll("/", "\\");
  }
  function makeDirectory(path: string): void {
    for (let it = path;; it = folderOfPath(os, it)) {
      if (!directories.has(keyOf(it))) directories.set(keyOf(it), it);
      if (folderOfPath(os, it) === it) break;
    }
  }
  function put(path: string, content: Uint8Array<ArrayBuffer>, mode: number) {
    refuseForeign(os, path);
    makeDirectory(folderOfPath(os, path));
    const written = files.get(keyOf(path))?.path ?? path;
    const modifiedAtMs = clock.now();
    files.set(keyOf(path), { path: written, content, mode, modifiedAtMs });
  }
  /** The paths of all that is in a folder, however deep. */
  function below(folder: string): readonly string[] {
    const all = [...files.values()].map((it) => it.path);
    const prefix = keyOf(joinPath(os, folder, ""));
    return [...all, ...directories.values()].filter((it) =>
      keyOf(it).startsWith(prefix) && keyOf(it) !== prefix
    );
  }
  function file(path: string): MemoryFile {
    const found = files.get(keyOf(path));
    if (found !== undefined) return found;
    throw new Deno.errors.NotFound(`no such file: ${path}`);
  }
  function stat(path: string): FileInfo | undefined {
    const found = files.get(keyOf(path));
    if (found !== undefined) {
      return {
        kind: "file",
        sizeBytes: found.content.length,
        modifiedAtMs: found.modifiedAtMs,
        mode: modeOf(found.mode),
      };
    }
    if (!directories.has(keyOf(path))) return undefined;
    const mode = modeOf(0o700);
    return { kind: "directory", sizeBytes: 0, modifiedAtMs: 0, mode };
  }
  /** Windows has no such bits. */
  function modeOf(mode: number): number | undefined {
    return os === "windows" ? undefined : mode;
  }
  makeDirectory(os === "windows" ? "C:\\" : "/");
  for (const [path, text] of Object.entries(options.files)) {
    put(path, new TextEncoder().encode(text), 0o644);
  }
  return {
    readText: async (path) =>
      new TextDecoder().decode(await file(path).content),
    read: async (path) => await file(path).content,
    readHead: async (path, lengthMax) =>
      (await file(path).content).slice(0, lengthMax),
    async writeAtomic(path, content, { mode = 0o644 } = {}) {
      const bytes = typeof content === "string"
        ? new TextEncoder().encode(content)
        : content;
      await put(path, bytes, mode);
    },
    createNew(path, { mode }) {
      if (files.has(keyOf(path))) return false;
      put(path, new Uint8Array(), mode);
      return true;
    },
    makeDirectory,
    stat,
    isLink: () => false,
    async list(path) {
      if (!directories.has(keyOf(path))) {
        throw await new Deno.errors.NotFound(`no such folder: ${path}`);
      }
      const start = joinPath(os, path, "").length;
      const separators = os === "windows" ? /[\\/]/ : /\//;
      const names = below(path)
        .map((it) => it.slice(start).split(separators)[0] ?? "");
      return [...new Set(names)].sort();
    },
    async entries(path) {
      const names = await this.list(path);
      return names.map((name) => ({
        name,
        kind: stat(joinPath(os, path, name))?.kind ?? "other",
      }));
    },
    async readReal(path, { lengthMax }) {
      const { content, mode, modifiedAtMs } = await file(path);
      const sizeBytes = content.length;
      return {
        bytes: content.slice(0, lengthMax),
        info: { kind: "file", sizeBytes, modifiedAtMs, mode: modeOf(mode) },
      };
    },
    async writeReal(path, content, { mode } = {}) {
      await put(path, content, mode ?? 0o644);
    },
    async remove(path) {
      for (const it of await [path, ...below(path)]) {
        files.delete(keyOf(it));
        directories.delete(keyOf(it));
      }
    },
    async makeTemporaryDirectory() {
      const folder = os === "windows" ? "C:\\Temp" : "/tmp";
      const path = joinPath(os, folder, `fake-${await ++temporaryCount}`);
      makeDirectory(path);
      return path;
    },
    async realPath(path) {
      const written = files.get(keyOf(path))?.path ??
        directories.get(keyOf(path));
      if (written !== undefined) return await written;
      throw new Deno.errors.NotFound(`no such path: ${path}`);
    },
    async *readChunks(path) {
      yield await file(path).content;
    },
    async writeChunks(path, chunks, { mode, replace = false }) {
      const parts: Uint8Array[] = [];
      for await (const chunk of chunks) parts.push(chunk);
      if (!replace && files.has(keyOf(path))) {
        throw new Deno.errors.AlreadyExists(`a file is there: ${path}`);
      }
      const content = await new Blob(parts.map((it) => it.slice())).bytes();
      put(path, content, mode);
    },
    async rename(from, to) {
      const { content, mode } = await file(from);
      files.delete(keyOf(from));
      put(to, content, mode);
    },
    async link(from, to) {
      if (files.has(keyOf(to))) {
        throw await new Deno.errors.AlreadyExists(`a file is there: ${to}`);
      }
      files.set(keyOf(to), { ...file(from), path: to });
    },
    freeBytes: () => Promise.resolve(undefined),
    lock(path) {
      if (locks.has(keyOf(path))) return undefined;
      locks.add(keyOf(path));
      return { release: () => void locks.delete(keyOf(path)) };
    },
  };
}

/** Refuses a path that Windows takes for no file's. */
function refuseForeign(os: Os, path: string): void {
  if (os !== "windows") return;
  const names = path.replace(/^[A-Za-z]:/, "").split(/[\\/]/);
  if (!names.some((name) => WINDOWS_FOREIGN.test(name))) return;
  throw new Error(
    "The filename, directory name, or volume label syntax is incorrect. " +
      `(os error 123): ${path}`,
  );
}
