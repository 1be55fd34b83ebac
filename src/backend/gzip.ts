/**
 * Gzip of messages, by what the platform has.
 *
 * @module
 */

import { Code, ConnectError } from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";

/** Bytes that are packed at once. */
const PACKED_AT_ONCE: number = 64 * 1024;
/** Bytes that are unpacked at once; 4 MiB at the most come of them. */
const UNPACKED_AT_ONCE: number = 4 * 1024;

/** Gzip as Connect asks for it. */
export const GZIP: Compression = {
  name: "gzip",
  compress: (bytes) =>
    bytes.byteLength <= PACKED_AT_ONCE ? packed(bytes) : collected(
      slicesOf(bytes, PACKED_AT_ONCE)
        .pipeThrough(new CompressionStream("gzip")),
      Infinity,
    ),
  decompress: (bytes, bytesMax) =>
    bytes.byteLength === 0 ? Promise.resolve(new Uint8Array()) : collected(
      slicesOf(bytes, UNPACKED_AT_ONCE)
        .pipeThrough(new DecompressionStream("gzip")),
      bytesMax,
    ),
};

/** Packs what is one piece: pipes take longer than the work itself. */
async function packed(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const { readable, writable } = new CompressionStream("gzip");
  const writer = writable.getWriter();
  const whole = new Response(readable).bytes();
  await Promise.all([writer.write(new Uint8Array(bytes)), writer.close()]);
  return await whole;
}

/**
 * The platform unpacks each piece that it is given to its end, a thousand
 * times its size: only between two of them can a bomb be put out.
 */
function slicesOf(
  bytes: Uint8Array,
  sizeBytes: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.byteLength) return controller.close();
      controller.enqueue(new Uint8Array(bytes.subarray(at, at + sizeBytes)));
      at += sizeBytes;
    },
  }, { highWaterMark: 0 });
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
