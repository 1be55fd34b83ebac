/**
 * Reads an export that was written to a file, a folder or standard input, and
 * checks that it is what it was.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type PortableRecord,
  PortableRecordSchema,
} from "../../gen/stigmer/backend/v1/transfer_pb.ts";
import {
  isPortableKind,
  PORTABLE_FORMAT,
  sha256,
  sumOf,
} from "../backend/portable.ts";
import { isHistoryKind } from "../backend/history_records.ts";
import type { LocatedDiagnostic } from "../manifest/located.ts";
import { LIST_NAME, readList } from "../manifest/portable_folder.ts";
import {
  type ExportHead,
  type PortableChunk,
  readChunk,
  splitExport,
} from "../manifest/portable_text.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import { isJsonObject, type JsonObject, member } from "../model/json.ts";
import { slugOf } from "../model/slug.ts";
import type { Context } from "./context.ts";
import { placeOf } from "./export_folder.ts";
import { fileErrorOf } from "./file_error.ts";
import { locatedManifest, manifestIn } from "./import_manifest.ts";
import { joinPath } from "./path.ts";
import { readNamedText } from "./read_text.ts";

/** One document as it was found. */
export interface Piece extends PortableChunk {
  readonly file: string;
  /** Whether it belongs to the export, and was not put beside it. */
  readonly isListed: boolean;
}

/** An export that was found. */
export interface ImportSource {
  /** Absent where nothing says so. */
  readonly head?: ExportHead;
  /** All documents, read anew at each call. */
  readonly pieces: () => AsyncIterable<Piece>;
  /** Of all checksums in order; absent where nothing says so. */
  readonly checksum?: string;
  /** What it is called. */
  readonly name: string;
}

/** What a document became. */
export interface ReadPiece {
  readonly record?: PortableRecord;
  readonly problems: readonly LocatedDiagnostic[];
}

/** Bytes of one file, and of standard input, at the most. */
const SOURCE_SIZE_BYTES_MAX: number = 400 * 1024 * 1024;
const CHANGED_HINT = "Import it all the same with --no-verify, or export again";

/**
 * Opens what `-f` names.
 *
 * @throws {StigmerError} INVALID_ARGUMENT for what is no export, is cut off, or
 * is of a later format.
 */
export async function openSource(
  context: Context,
  name: string,
  { verify }: { readonly verify: boolean },
): Promise<ImportSource> {
  const { host } = context;
  const isFolder = name !== "-" && host.files.stat(name)?.kind === "directory";
  const source = isFolder
    ? await openFolder(context, name, { verify })
    : await openFile(context, name);
  const { head } = source;
  if (head !== undefined && head.format > PORTABLE_FORMAT) {
    throw invalidArgument(
      `Cannot import "${name}": its format is ${head.format}, this release ` +
        `reads up to ${PORTABLE_FORMAT}`,
      { hints: ["Import it with the release that wrote it, or a later one"] },
    );
  }
  if (head === undefined && verify) throw noExport(name);
  if (source.checksum === "" && verify) throw cutOff(name);
  return source;
}

async function openFile(
  { host }: Context,
  name: string,
): Promise<ImportSource> {
  const text = await readNamedText(host, name, {
    what: "the export",
    sizeBytesMax: SOURCE_SIZE_BYTES_MAX,
  });
  const plain = text.startsWith("\ufeff") ? text.slice(1) : text;
  const { head, end, chunks } = splitExport(plain);
  return {
    name,
    ...(head === undefined ? {} : { head }),
    // What has a beginning has an end: without it, it was cut off.
    ...(head === undefined ? {} : { checksum: end?.checksum ?? "" }),
    async *pieces() {
      for (const it of chunks) yield { ...it, file: name, isListed: true };
    },
  };
}

async function openFolder(
  { host }: Context,
  folder: string,
  { verify }: { readonly verify: boolean },
): Promise<ImportSource> {
  const { files } = host;
  const path = joinPath(host, folder, LIST_NAME);
  const list = files.stat(path) === undefined
    ? undefined
    : readList(await files.readText(path));
  if (list === undefined && verify) throw noExport(folder);
  const listed = list?.files ?? new Map<string, string>();
  const others = (await foundBelow(host, folder))
    .filter((it) => !listed.has(it));
  return {
    name: folder,
    ...(list === undefined ? {} : { head: list.head }),
    async *pieces() {
      for (const [at, checksum] of listed) {
        const place = placeOf(host, folder, at);
        const text = await readListed(host, place, { verify });
        if (text === undefined) continue;
        for (const it of splitExport(text).chunks) {
          yield { ...it, checksum, file: place, isListed: true };
        }
      }
      for (const at of others) {
        const place = placeOf(host, folder, at);
        const text = await files.readText(place);
        for (const it of splitExport(text).chunks) {
          yield { ...it, file: place, isListed: false };
        }
      }
    },
  };
}

/** Files are missing when somebody removed a resource by hand. */
async function readListed(
  { files }: Context["host"],
  path: string,
  { verify }: { readonly verify: boolean },
): Promise<string | undefined> {
  try {
    if (!verify && files.stat(path) === undefined) return undefined;
    return await files.readText(path);
  } catch (error) {
    const found = fileErrorOf(error, `Cannot import "${path}"`);
    if (found === undefined) throw error;
    // What the list names and is not there makes it another export.
    const code = found.code === "NOT_FOUND" ? "INVALID_ARGUMENT" : found.code;
    throw new StigmerError(code, found.message, {
      hints: ["Restore the file, or import what is there with --no-verify"],
      cause: error,
    });
  }
}

/** Definitions in the folders of an export, in the order of their paths. */
async function foundBelow(
  host: Context["host"],
  folder: string,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await host.files.list(folder)) {
    const place = joinPath(host, folder, name);
    const isFolder = host.files.stat(place)?.kind === "directory";
    if (!/^[a-z-]+$/.test(name) || name === "history" || !isFolder) continue;
    for (const file of await host.files.list(place)) {
      if (/\.ya?ml$/.test(file)) found.push(`${name}/${file}`);
    }
  }
  return found;
}

/** Makes a record of a document, or says what is wrong with it. */
export async function readPiece(
  piece: Piece,
  { verify }: { readonly verify: boolean },
): Promise<ReadPiece> {
  const document = await readChunk(piece);
  if (document !== undefined) {
    const text = JSON.stringify(document);
    const checksum = await sha256(text);
    if (checksum === piece.checksum) {
      return { record: recordOf(document, { text, checksum }), problems: [] };
    }
  }
  if (verify) return { problems: [changed(piece)] };
  const kind = document === undefined ? "" : textIn(document, "kind");
  const isOther = kind === "Skill" || kind === "Schedule" ||
    isHistoryKind(kind);
  if (isOther && document !== undefined) {
    const text = JSON.stringify(document);
    const checksum = await sha256(text);
    return { record: recordOf(document, { text, checksum }), problems: [] };
  }
  const { document: read, problems } = await manifestIn(piece);
  if (read === undefined) return { problems };
  const text = JSON.stringify(read);
  const checksum = await sha256(text);
  return { record: recordOf(read, { text, checksum }), problems };
}

/** Finds the place in a file of what is wrong with a record. */
export async function locateProblem(
  piece: Piece,
  problem: {
    readonly pointer: string;
    readonly message: string;
    readonly hint: string;
  },
): Promise<LocatedDiagnostic> {
  const { pointer, message, hint } = problem;
  const diagnostic = {
    severity: "error" as const,
    pointer,
    message,
    ...(hint === "" ? {} : { hint }),
  };
  return await locatedManifest(piece, diagnostic) ??
    atStart(piece, message, hint);
}

/** What the records of a source add up to. */
export async function checkSum(
  source: ImportSource,
  checksums: readonly string[],
): Promise<string> {
  const sum = await sumOf(checksums);
  if (source.checksum === undefined || source.checksum === sum) return sum;
  throw invalidArgument(
    `Cannot import "${source.name}": documents are missing, or in another order`,
    { hints: [CHANGED_HINT] },
  );
}

function recordOf(
  document: JsonObject,
  { text, checksum }: { readonly text: string; readonly checksum: string },
): PortableRecord {
  const kind = textIn(document, "kind");
  const metadata = member(document, "metadata");
  const named = isJsonObject(metadata) ? metadata : {};
  const name = textIn(named, "name");
  return create(PortableRecordSchema, {
    kind,
    name: isPortableKind(kind) && kind !== "Schedule"
      ? textIn(named, "slug") || (slugOf(name) ?? name)
      : name,
    document: text,
    checksum,
  });
}

function changed(piece: Piece): LocatedDiagnostic {
  if (!piece.isListed) {
    return atStart(piece, "This file is not of the export", CHANGED_HINT);
  }
  return atStart(
    piece,
    piece.checksum === undefined
      ? "This document has no checksum"
      : "This document was changed since it was exported",
    CHANGED_HINT,
  );
}

function atStart(
  { file, line, text }: Piece,
  message: string,
  hint: string,
): LocatedDiagnostic {
  // The place of a document is its first line that says something.
  const above = /^(?:[ \t]*(?:#[^\n]*)?\n)*/.exec(text)?.[0] ?? "";
  return {
    severity: "error",
    file,
    line: line + above.split("\n").length - 1,
    column: 1,
    message,
    ...(hint === "" ? {} : { hint }),
  };
}

function textIn(object: JsonObject, key: string): string {
  const value = member(object, key);
  return typeof value === "string" ? value : "";
}

/** What is left of it may end within a document. */
function cutOff(name: string): StigmerError {
  return invalidArgument(
    `Cannot import "${name}": it is cut off, its end is missing`,
    { hints: ["Export it again, or copy all of it"] },
  );
}

function noExport(name: string): StigmerError {
  return invalidArgument(`Cannot import "${name}": it is no export`, {
    hints: [
      "Manifests are applied with: stigmer apply -f FILE",
      "Import it all the same with --no-verify",
    ],
  });
}
