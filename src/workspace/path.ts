/**
 * Paths as a model writes them: what is one within the folder, in its one
 * form, and what would lead out of it, on some system or another.
 *
 * This looks at the words alone; what is really there, `place.ts` looks at.
 *
 * @module
 */

import type { Platform } from "../host/host.ts";
import { isDeviceName } from "../model/file_name.ts";

/** Characters of a path at the most. */
const PATH_LENGTH_MAX = 1024;
/** Bytes of one name of a path at the most. */
const NAME_SIZE_BYTES_MAX = 255;
/** The folder itself. */
export const ROOT_PATH = ".";

/** C0, DEL, C1, and what turns the direction of writing around. */
const UNSEEN =
  /[\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/u;
/** Signs that look like a slash or a dot and become one for some programs. */
const LOOK_ALIKES = /[\u2024\u2044\u2215\u29f8\uff0e\uff0f\uff3c]/;
const LONE_SURROGATE = /\p{Surrogate}/u;
/** `PROGRA~1`, under which Windows knows a name as well. */
const SHORT_NAME = /~\d/;

/** A path in its one form, or why it is none. */
export type PathReading =
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "wrong"; readonly problem: string };

/**
 * Reads a path: parts with a slash between them, without `.` and empty parts;
 * `.` for the folder itself.
 */
export function readPath(text: string, os: Platform["os"]): PathReading {
  const shown = JSON.stringify(text.slice(0, 200));
  const problem = wholeProblem(text) ?? startProblem(text, os);
  if (problem !== undefined) return wrong(`${shown} ${problem}`);
  const slashed = os === "windows" ? text.replaceAll("\\", "/") : text;
  const parts = slashed.split("/").filter((it) => it !== "" && it !== ".");
  for (const part of parts) {
    const wrongPart = partProblem(part, os);
    if (wrongPart !== undefined) return wrong(`${shown} ${wrongPart}`);
  }
  return { kind: "path", path: parts.join("/") || ROOT_PATH };
}

function wholeProblem(text: string): string | undefined {
  if (text.length > PATH_LENGTH_MAX) {
    return `is longer than ${PATH_LENGTH_MAX} characters`;
  }
  if (UNSEEN.test(text)) return "has characters in it that nobody sees";
  if (LONE_SURROGATE.test(text)) return "is no valid Unicode";
  if (LOOK_ALIKES.test(text)) {
    return "has a sign in it that only looks like a slash or a dot";
  }
  return undefined;
}

/** What does not begin in the folder. */
function startProblem(text: string, os: Platform["os"]): string | undefined {
  if (/^(?:[\\/]{2}|[\\/]\?\?[\\/])/.test(text)) {
    return "leads to another machine or to a device: write it from the folder";
  }
  if (/^[\\/]/.test(text)) {
    return 'is absolute: write it from the folder, as "src/main.ts"';
  }
  if (/^[A-Za-z]:/.test(text) && (os === "windows" || /^..[\\/]/.test(text))) {
    return "is on a drive: write it from the folder";
  }
  if (/^~(?:[^/\\]*[/\\]|$)/.test(text)) {
    return 'begins with "~": write it from the folder';
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text) || /^file:/i.test(text)) {
    return "is a URL: write it from the folder";
  }
  // What leads up on Windows is a name elsewhere, and never meant as one.
  if (/(?:^|[\\/])\.\.(?:[\\/]|$)/.test(text)) {
    return 'leads up with "..": what is above the folder is out of reach';
  }
  return undefined;
}

function partProblem(part: string, os: Platform["os"]): string | undefined {
  if (new TextEncoder().encode(part).length > NAME_SIZE_BYTES_MAX) {
    return `has a name of more than ${NAME_SIZE_BYTES_MAX} bytes`;
  }
  if (/^\.{2,}\s*$/.test(part) || /^\s*\.\.\s*$/.test(part)) {
    return 'leads up with ".."';
  }
  if (os !== "windows") return undefined;
  if (/[<>:"|?*]/.test(part)) {
    return part.includes(":")
      ? 'has a ":" in it: a second stream of a file is out of reach'
      : "has a sign in it that no name of Windows has";
  }
  if (/[. ]$/.test(part)) {
    return "has a name that ends in a dot or a space, which Windows leaves out";
  }
  if (isDeviceName(part)) return "names a device of Windows";
  if (SHORT_NAME.test(part)) {
    return "has a short name of Windows in it: write it in full";
  }
  return undefined;
}

function wrong(
  problem: string,
): Extract<PathReading, { readonly kind: "wrong" }> {
  return { kind: "wrong", problem };
}
