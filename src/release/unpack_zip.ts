/**
 * The program in a `.zip`, piece by piece.
 *
 * @module
 */

import type { Entry, FileEntry } from "@zip.js/zip.js";
import { messageOf, StigmerError } from "../model/error.ts";
import {
  type ArchiveEntry,
  entryRules,
  odd,
  type Wanted,
} from "./unpack_rules.ts";

/** The kind of a file in the mode of Unix, and the kinds that are taken. */
const KIND_MASK = 0o170000;
const PLAIN_KINDS: readonly number[] = [0, 0o100000];

/**
 * Gives one file of an archive.
 *
 * @throws {StigmerError} DATA_LOSS when it is not there once, and when
 * something is that no release holds.
 */
export async function* unpackZip(
  archive: Uint8Array<ArrayBuffer>,
  wanted: Wanted,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const { ZipReader } = await import("@zip.js/zip.js");
  const reader = new ZipReader(new Blob([archive]).stream(), {
    // What tools may read in two ways is not read at all.
    strictness: "strict",
    checkSignature: true,
    checkOverlappingEntry: true,
    useWebWorkers: false,
  });
  try {
    const rules = entryRules(wanted);
    let found: FileEntry | undefined;
    for await (const entry of reader.getEntriesGenerator()) {
      if (rules.take(entryOf(entry)) && !entry.directory) found = entry;
    }
    rules.end();
    if (found !== undefined) yield* unpackEntry(found);
  } catch (error) {
    if (error instanceof StigmerError) throw error;
    throw new StigmerError(
      "DATA_LOSS",
      `Cannot unpack the release: it is no whole .zip, ${messageOf(error)}`,
      { cause: error },
    );
  } finally {
    await reader.close();
  }
}

function entryOf(entry: Entry): ArchiveEntry {
  const kind = (entry.unixMode ?? 0) & KIND_MASK;
  return {
    name: entry.filename,
    sizeBytes: entry.uncompressedSize,
    isPlain: !entry.directory && !entry.symlink && !entry.encrypted &&
      PLAIN_KINDS.includes(kind),
  };
}

/** Unpacks an entry, as far as it claims to go. */
async function* unpackEntry(
  entry: FileEntry,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const { readable, writable } = new TransformStream<
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>
  >();
  const written = entry.getData(writable);
  // What it throws is thrown below, or what is read fails with it.
  written.catch(() => {});
  let received = 0;
  for await (const chunk of readable) {
    received += chunk.length;
    if (received > entry.uncompressedSize) {
      throw odd("a file that is larger than it claims to be");
    }
    yield chunk;
  }
  await written;
}
