/**
 * Writes an export into a folder, a file for each document: what has not
 * changed is not touched, and what an earlier export wrote and is gone now is
 * removed.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import {
  type ExportList,
  LIST_NAME,
  listText,
  pathOf,
  readList,
} from "../manifest/portable_folder.ts";
import { documentText, type ExportHead } from "../manifest/portable_text.ts";
import { StigmerError } from "../model/error.ts";
import type { Context } from "./context.ts";
import type { ExportedDocument } from "./exporting.ts";
import { fileErrorOf } from "./file_error.ts";
import { folderOf, joinPath } from "./path.ts";

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
/** Files that are written at once. */
const WRITES_MAX = 32;

/** Writes an export into a folder. */
export async function writeFolder(
  { host }: Context,
  folder: string,
  { head, documents }: {
    readonly head: ExportHead;
    readonly documents: AsyncIterable<ExportedDocument>;
  },
): Promise<void> {
  try {
    const before = await listBefore(host, folder);
    const files = new Map<string, string>();
    let writes: (() => Promise<void>)[] = [];
    for await (const { record, document, isHistory } of documents) {
      const path = pathOf(record, isHistory);
      if (path === undefined) throw noPath(record.kind, record.name);
      const { checksum } = record;
      const form = isHistory ? "json" : "yaml";
      const text = documentText(document, { checksum, form });
      writes.push(() => writeIfOther(host, placeOf(host, folder, path), text));
      files.set(path, checksum);
      if (writes.length < WRITES_MAX) continue;
      await Promise.all(writes.map((write) => write()));
      writes = [];
    }
    await Promise.all(writes.map((write) => write()));
    // Until this one is written the folder is the export before.
    await writeIfOther(
      host,
      joinPath(host, folder, LIST_NAME),
      listText({ head, files }),
    );
    for (const path of before.keys()) {
      if (files.has(path)) continue;
      await host.files.remove(placeOf(host, folder, path));
    }
  } catch (error) {
    throw fileErrorOf(error, `Cannot export into "${folder}"`) ?? error;
  }
}

/** The files of the export that is there; refuses a folder of others. */
async function listBefore(
  host: Host,
  folder: string,
): Promise<ExportList["files"]> {
  if (host.files.stat(folder) === undefined) {
    host.files.makeDirectory(folder, { mode: DIRECTORY_MODE });
    return new Map();
  }
  const path = joinPath(host, folder, LIST_NAME);
  if (host.files.stat(path) !== undefined) {
    const list = readList(await host.files.readText(path));
    if (list === undefined) throw brokenList(path);
    return list.files;
  }
  const names = await host.files.list(folder);
  if (names.every((it) => it.startsWith("."))) return new Map();
  throw foreignFolder(folder);
}

/** The path of a file of the export as the platform writes it. */
export function placeOf(host: Host, folder: string, path: string): string {
  return path.split("/").reduce(
    (place, name) => joinPath(host, place, name),
    folder,
  );
}

async function writeIfOther(
  host: Host,
  path: string,
  text: string,
): Promise<void> {
  const { files } = host;
  const isThere = files.stat(path) !== undefined;
  if (isThere && await files.readText(path) === text) return;
  if (!isThere) files.makeDirectory(folderOf(host, path));
  await files.writeAtomic(path, text, { mode: FILE_MODE });
}

function noPath(kind: string, name: string): StigmerError {
  return new StigmerError(
    "INTERNAL",
    `Cannot export ${kind} "${name}" into a folder: its name is no file's`,
    { hints: ["Export into one file"] },
  );
}

function brokenList(path: string): StigmerError {
  return new StigmerError(
    "FAILED_PRECONDITION",
    `Cannot export over "${path}": it is no list of an export any more`,
    { hints: ["Restore it, or name an empty folder"] },
  );
}

function foreignFolder(folder: string): StigmerError {
  return new StigmerError(
    "ALREADY_EXISTS",
    `Cannot export into "${folder}": it holds what is no export`,
    { hints: ["Name an empty folder, or one that an export wrote"] },
  );
}
