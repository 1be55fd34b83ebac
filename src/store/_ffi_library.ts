/**
 * Finds, checks and loads SQLite's library, and reads its memory.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import {
  sqliteName,
  sqlitePlaces,
  systemFolder,
} from "../host/sqlite_places.ts";
import { messageOf, StigmerError } from "../model/error.ts";
import {
  MEMORY_FUNCTIONS,
  type MemoryFunctions,
  NULL,
  SQLITE_FUNCTIONS,
  type SqliteFunctions,
  VERSION_FUNCTIONS,
} from "./_ffi_functions.ts";

/** A library that is loaded. */
export interface SqliteLibrary {
  readonly path: string;
  readonly sqlite: SqliteFunctions;
  readonly memory: MemoryFunctions;
}

/** The oldest SQLite that knows STRICT tables, which every migration makes. */
const VERSION_MIN = 3_037_000;
/** Bytes of a message or a name at the most, before it is cut. */
const TEXT_BYTES_MAX = 64 * 1024;
/** Lengths that are at hand as bigints; others are made. */
const LENGTHS: readonly bigint[] = Array.from(
  { length: 2048 },
  (_, length) => BigInt(length),
);

/** Libraries that stay loaded, by path: a second load would count as one. */
const LOADED: Map<string, SqliteLibrary> = new Map();
const DECODER: TextDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Loads SQLite's library once this process may call it.
 *
 * @param given Its path; without it, where the system has it.
 * @throws {StigmerError} PERMISSION_DENIED when this process may not;
 * FAILED_PRECONDITION when there is none, it is too old or made without what
 * is needed.
 */
export async function loadSqlite(
  host: Host,
  given: string | undefined,
): Promise<SqliteLibrary> {
  const path = given ?? findLibrary(host);
  await mustBeAllowed(host, path);
  const kept = LOADED.get(path);
  if (kept !== undefined) return kept;
  checkVersion(host, path);
  const memoryPath = memoryLibrary(host) ?? path;
  if (memoryPath !== path) await mustBeAllowed(host, memoryPath);
  const library = {
    path,
    sqlite: opened(host, path, SQLITE_FUNCTIONS),
    memory: opened(host, memoryPath, MEMORY_FUNCTIONS),
  };
  LOADED.set(path, library);
  return library;
}

/** Names the library of this system. */
function findLibrary(host: Host): string {
  for (const path of sqlitePlaces(host)) {
    if (isThere(host, path) || isSurelyAllowed(host, path)) return path;
  }
  return sqliteName(host);
}

function isThere({ files, platform }: Host, path: string): boolean {
  // The libraries of macOS are in no folder, though they go by such paths.
  if (platform.os === "darwin") return true;
  try {
    return files.stat(path) !== undefined;
  } catch {
    return false;
  }
}

/** Where a path may not be looked at, that it may be called says enough. */
function isSurelyAllowed(host: Host, path: string): boolean {
  try {
    host.files.stat(path);
    return false;
  } catch {
    return host.permissions.query("ffi", path) !== "none";
  }
}

/**
 * The library that reads memory where SQLite's does not lead to it: Windows
 * finds a function only in the library that has it.
 */
function memoryLibrary({ env, platform }: Host): string | undefined {
  return platform.os === "windows"
    ? `${systemFolder(env.get("SystemRoot"))}\\ntdll.dll`
    : undefined;
}

async function mustBeAllowed(
  { permissions, platform }: Host,
  path: string,
): Promise<void> {
  if (await permissions.ask("ffi", path)) return;
  throw new StigmerError(
    "PERMISSION_DENIED",
    `Cannot load SQLite from "${path}": this process may not call libraries`,
    {
      hints: [
        platform.standalone
          ? "The executable never may: run the program from source, with " +
            `deno run --allow-ffi="${path}", or take the driver "node"`
          : `Run Deno with --allow-ffi="${path}", or take the driver "node"`,
      ],
    },
  );
}

function checkVersion(host: Host, path: string): void {
  const version = opened(host, path, VERSION_FUNCTIONS);
  const number = version.sqlite3_libversion_number();
  if (number < VERSION_MIN) {
    throw unfit(
      path,
      `it is SQLite ${versionText(number)}, and ${versionText(VERSION_MIN)} ` +
        "is the oldest that will do",
    );
  }
  if (version.sqlite3_threadsafe() === 0) {
    throw unfit(path, "it was made for programs of one thread");
  }
}

/** As `3.40.1` for 3040001. */
function versionText(number: number): string {
  return [number / 1e6, number / 1e3 % 1e3, number % 1e3]
    .map(Math.trunc).join(".");
}

function opened<const F extends Deno.ForeignLibraryInterface>(
  { libraries }: Host,
  path: string,
  functions: F,
): Deno.StaticForeignLibraryInterface<F> {
  try {
    return libraries.open(path, functions);
  } catch (error) {
    throw unfit(path, reasonOf(messageOf(error)), error);
  }
}

/** Says in fewer words what the platform said. */
function reasonOf(text: string): string {
  const lacking = /^Failed to register symbol (\w+)/.exec(text)?.[1];
  return lacking === undefined
    ? text.replace(/^(?:Could not open library: )+/, "")
    : `it has no function ${lacking}, it is not SQLite or a part of it`;
}

/** Makes the error for a library that cannot be used. */
export function unfit(
  path: string,
  reason: string,
  cause?: unknown,
): StigmerError {
  return new StigmerError(
    "FAILED_PRECONDITION",
    `Cannot load SQLite from "${path}": ${reason}`,
    {
      cause,
      hints: [
        "Name another one with backend.local.library or " +
        "STIGMER_SQLITE_LIBRARY, as of the package libsqlite3-0, or take the " +
        'driver "node"',
      ],
    },
  );
}

/** Brings that many bytes over from an address. */
export function readMemory(
  { memory }: SqliteLibrary,
  from: bigint,
  into: Uint8Array<ArrayBuffer>,
  length: number,
): void {
  if (length <= 0) return;
  // Past the end of either, memory is somebody else's.
  if (from === NULL || length > into.length) {
    throw new RangeError(`Cannot read ${length} bytes into ${into.length}`);
  }
  memory.memmove(into, from, LENGTHS[length] ?? BigInt(length));
}

/** Reads a text that ends at a NUL. */
export function readCString(library: SqliteLibrary, from: bigint): string {
  if (from === NULL) return "";
  const length = Math.min(Number(library.memory.strlen(from)), TEXT_BYTES_MAX);
  const bytes = new Uint8Array(new ArrayBuffer(length));
  readMemory(library, from, bytes, length);
  return DECODER.decode(bytes);
}
