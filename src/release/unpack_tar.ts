/**
 * The program in a `.tar.gz`, piece by piece.
 *
 * An archive of a release holds plain files at its top and nothing else, so
 * this reads no more of the format than that: whatever could lead elsewhere is
 * refused, not followed.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import {
  type ArchiveEntry,
  entryRules,
  odd,
  type Wanted,
} from "./unpack_rules.ts";

const BLOCK_BYTES = 512;
/**
 * Bytes that are unpacked at once: each piece is unpacked whole, to a thousand
 * times its size at the most, before anybody can stop it.
 */
const UNPACKED_AT_ONCE: number = 16 * 1024;
const PLAIN_FILES: readonly number[] = [0, 0x30];

/**
 * Gives one file of an archive and reads it to its end.
 *
 * @throws {StigmerError} DATA_LOSS when it is not there once, and when
 * something is that no release holds.
 */
export async function* unpackTar(
  archive: AsyncIterable<Uint8Array<ArrayBuffer>>,
  wanted: Wanted,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const unpacked = ReadableStream.from(slicesOf(archive))
    .pipeThrough(new DecompressionStream("gzip"));
  const bytes = readerOf(unpacked);
  try {
    const rules = entryRules(wanted);
    // It ends at a header of nothing, or by the rules, which count.
    for (;;) {
      const header = await bytes.exactly(BLOCK_BYTES);
      if (header.every((it) => it === 0)) break;
      const entry = readHeader(header);
      const isWanted = rules.take(entry);
      for await (const piece of bytes.pieces(entry.sizeBytes)) {
        if (isWanted) yield piece;
      }
      await bytes.exactly(padding(entry.sizeBytes));
    }
    rules.end();
    await bytes.drain();
  } catch (error) {
    if (error instanceof StigmerError) throw error;
    throw new StigmerError(
      "DATA_LOSS",
      "Cannot unpack the release: it is no whole .tar.gz",
      { cause: error },
    );
  } finally {
    await bytes.cancel();
  }
}

function readHeader(header: Uint8Array): ArchiveEntry {
  if (checksumIn(header) !== numberIn(header, 148, 8)) {
    throw odd("a header that is broken");
  }
  const kind = header[156] ?? 0;
  return {
    name: textIn(header, 0, 100).replace(/^\.\//, ""),
    sizeBytes: numberIn(header, 124, 12),
    isPlain: PLAIN_FILES.includes(kind) && textIn(header, 345, 155) === "",
  };
}

function textIn(header: Uint8Array, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

function numberIn(header: Uint8Array, start: number, length: number): number {
  const digits = textIn(header, start, length).trim();
  if (!/^[0-7]{1,11}$/.test(digits)) throw odd("a header that is broken");
  return parseInt(digits, 8);
}

/** The sum of a header, as it is where its own place holds spaces. */
function checksumIn(header: Uint8Array): number {
  return header.reduce(
    (sum, it, i) => sum + (i >= 148 && i < 156 ? 0x20 : it),
    0,
  );
}

function padding(sizeBytes: number): number {
  return (BLOCK_BYTES - sizeBytes % BLOCK_BYTES) % BLOCK_BYTES;
}

async function* slicesOf(
  archive: AsyncIterable<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  for await (const chunk of archive) {
    for (let at = 0; at < chunk.length; at += UNPACKED_AT_ONCE) {
      yield chunk.subarray(at, at + UNPACKED_AT_ONCE);
    }
  }
}

interface ByteReader {
  /** That many bytes as they come. */
  pieces(
    length: number,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void>;
  /** That many bytes at once. */
  exactly(length: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Reads what is left, which must be zeros. */
  drain(): Promise<void>;
  cancel(): Promise<void>;
}

function readerOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): ByteReader {
  const reader = stream.getReader();
  let rest: Uint8Array<ArrayBuffer> = new Uint8Array();
  async function fill(): Promise<boolean> {
    while (rest.length === 0) {
      const { done, value } = await reader.read();
      if (done) return false;
      rest = value;
    }
    return true;
  }
  async function* pieces(
    length: number,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
    for (let left = length; left > 0;) {
      if (!await fill()) throw odd("an end where none should be");
      const piece = rest.subarray(0, left);
      rest = rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }
  return {
    pieces,
    async exactly(length) {
      const bytes = new Uint8Array(length);
      let at = 0;
      for await (const piece of pieces(length)) {
        bytes.set(piece, at);
        at += piece.length;
      }
      return bytes;
    },
    async drain() {
      while (await fill()) {
        if (rest.some((it) => it !== 0)) throw odd("something after its end");
        rest = new Uint8Array();
      }
    },
    cancel: () => reader.cancel().catch(() => {}),
  };
}
