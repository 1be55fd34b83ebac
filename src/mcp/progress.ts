/**
 * How far a tool call has come, as lines for people.
 *
 * @module
 */

import type { Progress } from "@modelcontextprotocol/client";

/** Lines of one call that are told at the most. */
const PROGRESS_LINES_MAX = 1000;
/** Characters of one. */
const PROGRESS_LENGTH_MAX = 500;

/** Tells each progress as a line: `3/10 Reads chapter three`. */
export function progressTeller(
  tell: (line: string) => void,
): (progress: Progress) => void {
  let count = 0;
  let last = "";
  return (progress) => {
    const line = progressLine(progress);
    if (line === last || count >= PROGRESS_LINES_MAX) return;
    last = line;
    count++;
    tell(line);
  };
}

function progressLine({ progress, total, message = "" }: Progress): string {
  const share = total === undefined ? `${progress}` : `${progress}/${total}`;
  return `${share} ${message}`.replaceAll(/\s+/g, " ").trim()
    .slice(0, PROGRESS_LENGTH_MAX);
}
