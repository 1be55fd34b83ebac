/**
 * Gzip of messages, by what the platform has.
 *
 * @module
 */

import { Code, ConnectError } from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";

/** Gzip as Connect asks for it. */
export const GZIP: Compression = {
  name: "gzip",
  compress: (bytes) =>
    collected(piped(bytes, new CompressionStream("gzip")), Infinity),
  decompress: (bytes, bytesMax) =>
    bytes.byteLength === 0
      ? Promise.resolve(new Uint8Array())
      : collected(piped(bytes, new DecompressionStream("gzip")), bytesMax),
};

function piped(
  bytes: Uint8Array,
  through: TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>,
): ReadableStream<Uint8Array> {
  return new Blob([new Uint8Array(bytes)]).stream().pipeThrough(through);
}

/** Reads a stream to its end, but no more than is taken: a bomb goes off early. */
async function collected(
  stream: ReadableStream<Uint8Array>,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of stream) {
      length += chunk.byteLength;
      if (length > bytesMax) throw tooLarge(bytesMax);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof ConnectError ? error : damaged(error);
  }
  return joined(chunks, length);
}

function joined(
  chunks: readonly Uint8Array[],
  length: number,
): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}

function tooLarge(bytesMax: number): ConnectError {
  return new ConnectError(
    `Cannot read the message: unpacked it is over ${bytesMax} bytes`,
    Code.ResourceExhausted,
  );
}

function damaged(cause: unknown): ConnectError {
  return new ConnectError(
    "Cannot read the message: it is no gzip",
    Code.InvalidArgument,
    undefined,
    undefined,
    cause,
  );
}
