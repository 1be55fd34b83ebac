/**
 * Reads back what `deno compile` put into an executable: the baked
 * permissions and the embedded files.
 *
 * The gate compiles onto a stand-in base, which is quick and needs no
 * download, and then asserts on what was embedded. The format is Deno's own
 * and not promised by it, so a new Deno version may need a new reader here.
 *
 * @module
 */

/** What an executable carries. */
export interface Payload {
  /** Allowed and denied scopes: `[]` is everything, `null` is nothing. */
  readonly permissions: Readonly<Record<string, unknown>>;
  /** Path of the program below the embedded root. */
  readonly entrypoint: string;
  /** Paths of embedded files with `/` between the parts. */
  readonly files: readonly string[];
}

const MARKER = "d3n0l4nd";
const LENGTH_BYTES = 8;
const TREE_START = '[{"';

/**
 * Finds the payload of an executable.
 *
 * @throws Error when there is none, as in a program that Deno did not compile.
 */
export function readPayload(executable: Uint8Array<ArrayBuffer>): Payload {
  // One byte, one character: positions in the text are those in the file.
  const text = new TextDecoder("latin1").decode(executable);
  const header = findHeader(executable, text);
  if (header === undefined) {
    throw new Error("No payload of deno compile in this executable");
  }
  const { metadata, end } = header;
  const treeStart = text.indexOf(TREE_START, end);
  const tree = treeStart < 0
    ? undefined
    : readJson(executable, treeStart - LENGTH_BYTES)?.value;
  return {
    permissions: record(record(metadata)["permissions"]),
    entrypoint: String(record(metadata)["entrypoint_key"]),
    files: listFiles(tree, ""),
  };
}

interface Header {
  readonly metadata: unknown;
  readonly end: number;
}

function findHeader(
  bytes: Uint8Array<ArrayBuffer>,
  text: string,
): Header | undefined {
  let at = text.indexOf(MARKER);
  while (at >= 0) {
    const found = readJson(bytes, at + MARKER.length);
    if (found !== undefined) return { metadata: found.value, end: found.end };
    at = text.indexOf(MARKER, at + 1);
  }
  return undefined;
}

/** Reads a 64-bit length and as much JSON, or nothing when it is none. */
function readJson(
  bytes: Uint8Array<ArrayBuffer>,
  at: number,
): { readonly value: unknown; readonly end: number } | undefined {
  const start = at + LENGTH_BYTES;
  if (start > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = view.getBigUint64(at, true);
  if (length > BigInt(bytes.length - start)) return undefined;
  const end = start + Number(length);
  try {
    const text = new TextDecoder().decode(bytes.subarray(start, end));
    return { value: JSON.parse(text), end };
  } catch {
    return undefined;
  }
}

/** The tree is made of `{Dir: {n, e}}`, `{File: {n}}` and `{Symlink: {n}}`. */
function listFiles(entries: unknown, prefix: string): readonly string[] {
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry) => {
    const directory = record(record(entry)["Dir"]);
    if (typeof directory["n"] === "string") {
      return listFiles(directory["e"], `${prefix}${directory["n"]}/`);
    }
    const file = record(record(entry)["File"]);
    return typeof file["n"] === "string" ? [`${prefix}${file["n"]}`] : [];
  });
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value))
    : {};
}
