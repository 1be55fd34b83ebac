/**
 * Reads a stream of bytes as lines, in time linear in their length.
 *
 * A message may be many megabytes and come in thousands of pieces: they are
 * joined once, at the end of the line.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";

const NEWLINE = 10;

/**
 * Gives the lines of a stream, without their ends and without a last line
 * that has none.
 *
 * @throws StigmerError RESOURCE_EXHAUSTED once a line is too long.
 */
export async function* readLines(
  stream: AsyncIterable<Uint8Array>,
  options: { readonly lineSizeBytesMax: number },
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream) {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      const piece = chunk.subarray(start, end < 0 ? chunk.length : end);
      sizeBytes += piece.length;
      if (sizeBytes > options.lineSizeBytesMax) {
        throw tooLong(options.lineSizeBytesMax);
      }
      pieces.push(piece);
      if (end < 0) break;
      yield decoder.decode(join(pieces, sizeBytes)).replace(/\r$/, "");
      pieces = [];
      sizeBytes = 0;
      start = end + 1;
    }
  }
}

function join(pieces: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const [first] = pieces;
  if (first !== undefined && pieces.length === 1) return first;
  const whole = new Uint8Array(sizeBytes);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function tooLong(lineSizeBytesMax: number): StigmerError {
  return new StigmerError(
    "RESOURCE_EXHAUSTED",
    `it wrote a line of more than ${lineSizeBytesMax} bytes`,
  );
}
