/**
 * Reads what an option names: a file, a pipe, a device or standard input.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import { fileErrorOf } from "./file_error.ts";

/** Other names of it, which Deno gives no program but one that may do all. */
const STDIN_PATHS: ReadonlySet<string> = new Set([
  "-",
  "/dev/stdin",
  "/dev/fd/0",
  "/proc/self/fd/0",
]);

/** Whether a path names standard input. */
export function isStdin(path: string): boolean {
  return STDIN_PATHS.has(path);
}

/**
 * Reads a text that `-` or a path names.
 *
 * @param what What it is, as `the input`.
 * @throws {StigmerError} NOT_FOUND when nothing is there; for a folder, and
 * for what may not be read.
 */
export async function readNamedText(
  host: Host,
  path: string,
  options: {
    readonly what: string;
    readonly sizeBytesMax: number;
    /** What the limit is called where some bytes do not count. */
    readonly sizeBytesTold?: number;
  },
): Promise<string> {
  const { what, sizeBytesMax, sizeBytesTold = sizeBytesMax } = options;
  if (isStdin(path)) return await readStdin(host, sizeBytesMax);
  const act = `Cannot read ${what} "${path}"`;
  try {
    const info = host.files.stat(path);
    if (info === undefined) {
      const { nearFileHints } = await import("./near_file.ts");
      const hints = await nearFileHints(host, path);
      throw new StigmerError("NOT_FOUND", `${act}: no such file`, { hints });
    }
    if (info.kind === "directory") {
      throw invalidArgument(`${act}: it is a folder`, {
        hints: ["Name a file, or - for standard input"],
      });
    }
    if (info.sizeBytes > sizeBytesMax) {
      throw invalidArgument(`${act}: it is over ${sizeBytesTold} bytes`);
    }
    return await host.files.readText(path);
  } catch (error) {
    throw fileErrorOf(error, act) ?? error;
  }
}

/** Reads standard input; who sits before it is told that it is read. */
async function readStdin(host: Host, sizeBytesMax: number): Promise<string> {
  if (host.terminal.isTerminal("stdin")) {
    const end = host.platform.os === "windows" ? "Ctrl-Z and Enter" : "Ctrl-D";
    host.terminal.write(
      "stderr",
      `Reading from the terminal, ${end} on a line of its own ends it\n`,
    );
  }
  return await host.terminal.readStdin(sizeBytesMax);
}
