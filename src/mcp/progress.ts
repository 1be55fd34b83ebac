/**
 * How far a tool call has come, as lines for people.
 *
 * @module
 */

import type { Progress } from "@modelcontextprotocol/client";
import { shownLine } from "./shown_line.ts";

/** Lines of one call that are told at the most. */
const PROGRESS_LINES_MAX = 1000;
/** Characters of one. */
const PROGRESS_LENGTH_MAX = 500;

/** Tells each progress as a line, without what is secret: `3/10 Reads on`. */
export function progressTeller(
  tell: (line: string) => void,
  hide: (text: string) => string = (text) => text,
): (progress: Progress) => void {
  let count = 0;
  let last = "";
  return (progress) => {
    const line = progressLine(progress, hide);
    if (line === last || count >= PROGRESS_LINES_MAX) return;
    last = line;
    count++;
    tell(line);
  };
}

function progressLine(
  { progress, total, message = "" }: Progress,
  hide: (text: string) => string,
): string {
  const share = total === undefined ? `${progress}` : `${progress}/${total}`;
  const lengthMax = PROGRESS_LENGTH_MAX;
  return shownLine(`${share} ${message}`, { hide, lengthMax });
}
