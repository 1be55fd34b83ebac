/**
 * What a program of ours needs that runs apart from the rest: files, time, and
 * lines on its standard streams. Nothing else is loaded with it, so that it is
 * there at once.
 *
 * @module
 */

import type { Files } from "./host.ts";
import { systemFiles } from "./system_files.ts";

/** What a program apart is given. */
export interface ApartHost {
  readonly files: Files;
  /** Milliseconds since some fixed moment. */
  monotonic(): number;
  /** The lines of stdin, without their ends. */
  lines(): AsyncIterable<string>;
  /** Writes a line to stdout. */
  writeLine(line: string): Promise<void>;
}

/** Gives the machine as a program apart sees it. */
export function apartHost(): ApartHost {
  return {
    files: systemFiles(),
    monotonic: () => performance.now(),
    lines: () => linesOf(Deno.stdin.readable),
    writeLine,
  };
}

/** The lines of a stream; each is put together once. */
export async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string> {
  let pieces: string[] = [];
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const parts = text.split("\n");
    const last = parts.pop() ?? "";
    for (const part of parts) {
      yield [...pieces, part].join("");
      pieces = [];
    }
    pieces.push(last);
  }
}

async function writeLine(line: string): Promise<void> {
  const bytes = new TextEncoder().encode(`${line}\n`);
  for (let at = 0; at < bytes.length;) {
    at += await Deno.stdout.write(bytes.subarray(at));
  }
}
