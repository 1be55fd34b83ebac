/**
 * Sees to it that the database of a server stays where it is. The system lets
 * one remove or replace a file that is open: what is written after that is in
 * no file that anybody finds again.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { StigmerError } from "../model/error.ts";

/** How often the file is looked at: writes of that long may be lost. */
const LOOK_MS = 500;

/**
 * Waits until the file is removed or is another one.
 *
 * @throws {StigmerError} DATA_LOSS then; nothing when the signal comes first.
 */
export async function databaseLost(
  host: Pick<Host, "clock" | "files">,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const { clock, files } = host;
  const opened = files.stat(path)?.fileId;
  // Ends with the server.
  for (;;) {
    try {
      await clock.sleep(LOOK_MS, signal);
    } catch {
      return;
    }
    const found = files.stat(path);
    if (found !== undefined && found.fileId === opened) continue;
    const what = found === undefined ? "was removed" : "is another file now";
    throw new StigmerError(
      "DATA_LOSS",
      `Cannot go on with database "${path}": it ${what}`,
      {
        hints: [
          "What came in the last second may be lost; put a backup in its place with `stigmer restore`, and start the server again",
        ],
      },
    );
  }
}
