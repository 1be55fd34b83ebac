/**
 * Files made of memory, for tests. Paths are POSIX and absolute.
 *
 * @module
 */

import type { Clock, FileInfo, Files } from "./host.ts";

interface MemoryFile {
  readonly content: Uint8Array<ArrayBuffer>;
  readonly mode: number;
  readonly modifiedAtMs: number;
}

/** Makes a file system of memory. */
export function memoryFiles(options: {
  readonly clock: Clock;
  readonly files: Readonly<Record<string, string>>;
}): Files {
  const { clock } = options;
  const files = new Map<string, MemoryFile>();
  const directories = new Set<string>(["/"]);
  const locks = new Set<string>();
  let temporaryCount = 0;

  function makeDirectory(path: string): void {
    for (let it = path; it !== ""; it = it.slice(0, it.lastIndexOf("/"))) {
      directories.add(it);
    }
  }
  function put(path: string, content: Uint8Array<ArrayBuffer>, mode: number) {
    makeDirectory(path.slice(0, path.lastIndexOf("/")));
    files.set(path, { content, mode, modifiedAtMs: clock.now() });
  }
  function file(path: string): MemoryFile {
    const found = files.get(path);
    if (found !== undefined) return found;
    throw new Deno.errors.NotFound(`no such file: ${path}`);
  }
  function stat(path: string): FileInfo | undefined {
    const found = files.get(path);
    if (found !== undefined) {
      return {
        kind: "file",
        sizeBytes: found.content.length,
        modifiedAtMs: found.modifiedAtMs,
        mode: found.mode,
      };
    }
    if (!directories.has(path)) return undefined;
    return { kind: "directory", sizeBytes: 0, modifiedAtMs: 0, mode: 0o700 };
  }
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
      if (files.has(path)) return false;
      put(path, new Uint8Array(), mode);
      return true;
    },
    makeDirectory,
    stat,
    isLink: () => false,
    async list(path) {
      if (!directories.has(path)) {
        throw await new Deno.errors.NotFound(`no such folder: ${path}`);
      }
      const prefix = path === "/" ? "/" : `${path}/`;
      const names = [...files.keys(), ...directories]
        .filter((it) => it !== path && it.startsWith(prefix))
        .map((it) => it.slice(prefix.length).split("/")[0] ?? "");
      return [...new Set(names)].sort();
    },
    async entries(path) {
      const names = await this.list(path);
      const prefix = path === "/" ? "" : path;
      return names.map((name) => ({
        name,
        kind: stat(`${prefix}/${name}`)?.kind ?? "other",
      }));
    },
    async readReal(path, { lengthMax }) {
      const { content, mode, modifiedAtMs } = await file(path);
      const sizeBytes = content.length;
      return {
        bytes: content.slice(0, lengthMax),
        info: { kind: "file", sizeBytes, modifiedAtMs, mode },
      };
    },
    async writeReal(path, content, { mode } = {}) {
      await put(path, content, mode ?? 0o644);
    },
    async remove(path) {
      for (const it of await [...files.keys(), ...directories]) {
        if (it !== path && !it.startsWith(`${path}/`)) continue;
        files.delete(it);
        directories.delete(it);
      }
    },
    async makeTemporaryDirectory() {
      const path = `/tmp/fake-${await ++temporaryCount}`;
      makeDirectory(path);
      return path;
    },
    async realPath(path) {
      if (stat(path) !== undefined) return await path;
      throw new Deno.errors.NotFound(`no such path: ${path}`);
    },
    async *readChunks(path) {
      yield await file(path).content;
    },
    async writeChunks(path, chunks, { mode, replace = false }) {
      const parts: Uint8Array[] = [];
      for await (const chunk of chunks) parts.push(chunk);
      if (!replace && files.has(path)) {
        throw new Deno.errors.AlreadyExists(`a file is there: ${path}`);
      }
      const content = await new Blob(parts.map((it) => it.slice())).bytes();
      put(path, content, mode);
    },
    async rename(from, to) {
      const { content, mode } = await file(from);
      files.delete(from);
      put(to, content, mode);
    },
    async link(from, to) {
      if (files.has(to)) {
        throw await new Deno.errors.AlreadyExists(`a file is there: ${to}`);
      }
      files.set(to, file(from));
    },
    freeBytes: () => Promise.resolve(undefined),
    lock(path) {
      if (locks.has(path)) return undefined;
      locks.add(path);
      return { release: () => void locks.delete(path) };
    },
  };
}
