/**
 * Reads back what `deno compile` put into an executable: how it is started,
 * the baked permissions, the embedded packages and files.
 *
 * The gate compiles onto a stand-in base, which is quick and needs no
 * download, and then asserts on what was embedded. The format is Deno's own
 * and not promised by it, so a new Deno version may need a new reader here.
 *
 * @module
 */

import { splitId } from "./locked.ts";

/** What an executable carries. */
export interface Payload {
  /** All that Deno keeps about how the program is started. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Allowed and denied scopes: `[]` is everything, `null` is nothing. */
  readonly permissions: Readonly<Record<string, unknown>>;
  /** Arguments before those of the caller. */
  readonly argv: readonly string[];
  /** Path of the program below the embedded root. */
  readonly entrypoint: string;
  /** The packages of npm, as `yaml@2.9.1`. */
  readonly packages: readonly string[];
  /** Paths of embedded files with `/` between the parts. */
  readonly files: readonly string[];
  /** The times of embedded files, each once. */
  readonly timesMs: readonly number[];
  /** The bytes of all embedded files, what Deno made of them included. */
  readonly contents: Uint8Array<ArrayBuffer>;
}

const MARKER = new TextEncoder().encode("d3n0l4nd");

/**
 * Finds the payload of an executable.
 *
 * @throws Error when there is none, as in a program that Deno did not compile,
 *   or when it carries modules that came from elsewhere than files and npm.
 */
export function readPayload(executable: Uint8Array<ArrayBuffer>): Payload {
  const start = findStart(executable);
  if (start === undefined) {
    throw new Error("No payload of deno compile in this executable");
  }
  const cursor = new Cursor(executable, start);
  const metadata = record(cursor.json());
  const packages = readPackages(cursor.block());
  // Addresses, redirections and modules of other hosts.
  for (let i = 0; i < 3; i++) {
    if (cursor.u32() !== 0) {
      throw new Error("Modules of other hosts are in this executable");
    }
  }
  const files: string[] = [];
  const times = new Set<number>();
  listFiles(cursor.json(), "", (path, { t: time }) => {
    files.push(path);
    times.add(Number(time));
  });
  return {
    metadata,
    permissions: record(metadata["permissions"]),
    argv: list(metadata["argv"]).map(String),
    entrypoint: String(metadata["entrypoint_key"]),
    packages,
    files,
    timesMs: [...times],
    contents: cursor.block(),
  };
}

/** Finds the marker that is followed by JSON: its name alone occurs before. */
function findStart(bytes: Uint8Array<ArrayBuffer>): number | undefined {
  for (let at = find(bytes, MARKER, 0); at >= 0;) {
    const start = at + MARKER.length;
    try {
      if (isRecord(new Cursor(bytes, start).json())) return start;
    } catch {
      // Not here.
    }
    at = find(bytes, MARKER, at + 1);
  }
  return undefined;
}

/** The position of some bytes among others, or -1. */
function find(
  bytes: Uint8Array,
  wanted: Uint8Array,
  from: number,
): number {
  const [first] = wanted;
  if (first === undefined) return from;
  for (let at = bytes.indexOf(first, from); at >= 0;) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
    at = bytes.indexOf(first, at + 1);
  }
  return -1;
}

/** Reads one thing after another; lengths are of eight bytes. */
class Cursor {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #at: number;

  constructor(bytes: Uint8Array<ArrayBuffer>, at: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#at = at;
  }

  u32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, true);
  }

  block(): Uint8Array<ArrayBuffer> {
    const length = this.#view.getBigUint64(this.#at, true);
    return this.#take(8, length);
  }

  /** A text after its length in four bytes. */
  text(): string {
    const length = this.#view.getUint32(this.#at, true);
    return new TextDecoder().decode(this.#take(4, BigInt(length)));
  }

  json(): unknown {
    return JSON.parse(new TextDecoder().decode(this.block()));
  }

  #take(skipped: number, length: bigint): Uint8Array<ArrayBuffer> {
    const start = this.#at + skipped;
    if (length > BigInt(this.#bytes.length - start)) {
      throw new Error(`The payload ends before ${length} bytes from ${start}`);
    }
    this.#at = start + Number(length);
    return this.#bytes.subarray(start, this.#at);
  }
}

/** The names come first; what they depend on is not needed. */
function readPackages(bytes: Uint8Array<ArrayBuffer>): readonly string[] {
  if (bytes.length === 0) return [];
  const cursor = new Cursor(bytes, 0);
  const names: string[] = [];
  for (let left = cursor.u32(); left > 0; left--) {
    const { name, version } = splitId(cursor.text());
    names.push(`${name}@${version}`);
  }
  return names;
}

type Found = (path: string, file: Readonly<Record<string, unknown>>) => void;

/** The tree is made of `{Dir: {n, e}}`, `{File: {n}}` and `{Symlink: {n}}`. */
function listFiles(entries: unknown, prefix: string, found: Found): void {
  for (const entry of list(entries)) {
    for (const [kind, value] of Object.entries(record(entry))) {
      const node = record(value);
      const path = `${prefix}${String(node["n"])}`;
      if (kind === "Dir") listFiles(node["e"], `${path}/`, found);
      else found(path, node);
    }
  }
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
