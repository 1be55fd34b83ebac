/**
 * Errors of the file system as Stigmer's: the path and the way out.
 *
 * @module
 */

import { missingPermission } from "../host/missing_permission.ts";
import { type ErrorCode, messageOf, StigmerError } from "../model/error.ts";

interface Meaning {
  readonly code: ErrorCode;
  readonly text: string;
  readonly hint: string;
}

const DENIED: Meaning = {
  code: "PERMISSION_DENIED",
  text: "access is denied",
  hint: "Check the owner and mode of the folder, or choose another --home",
};

/** What is said for the errors of Deno, by their name. */
const BY_NAME: Readonly<Record<string, Meaning>> = {
  PermissionDenied: DENIED,
  NotCapable: {
    code: "PERMISSION_DENIED",
    text: "this process may not read and write there",
    hint: "Run with --allow-read and --allow-write for the home folder",
  },
  NotADirectory: {
    code: "INVALID_ARGUMENT",
    text: "a part of the path is a file and not a folder",
    hint: "Choose another --home",
  },
};

/** What is said for errors without a name of their own, by their number. */
const BY_CODE: Readonly<Record<string, Meaning>> = {
  EACCES: DENIED,
  EPERM: DENIED,
  ENOTDIR: BY_NAME.NotADirectory ?? DENIED,
  EROFS: {
    code: "FAILED_PRECONDITION",
    text: "its place is read-only",
    hint: "Make it writable, or choose another --home",
  },
  ENOSPC: {
    code: "RESOURCE_EXHAUSTED",
    text: "the disk is full",
    hint: "Free some space and try again",
  },
  EDQUOT: {
    code: "RESOURCE_EXHAUSTED",
    text: "the quota of the user is used up",
    hint: "Free some space and try again",
  },
};

/** Makes a Stigmer error of whatever making or finding a file threw. */
export function fileError(path: string, thrown: unknown): StigmerError {
  if (thrown instanceof StigmerError) return thrown;
  const meaning = meaningOf(thrown);
  if (meaning === undefined) {
    return new StigmerError(
      "INTERNAL",
      `Cannot open database "${path}": ${messageOf(thrown)}`,
      { cause: thrown },
    );
  }
  return new StigmerError(
    meaning.code,
    `Cannot open database "${path}": ${meaning.text}`,
    { cause: thrown, hints: [meaning.hint] },
  );
}

/** Places that no program may use but one that may do everything. */
const OF_SYSTEM: Meaning = {
  code: "PERMISSION_DENIED",
  text: "its place is one of the system, where nothing can be kept",
  hint: "Choose another --home",
};

function meaningOf(thrown: unknown): Meaning | undefined {
  if (!(thrown instanceof Error)) return undefined;
  if (missingPermission(thrown)?.isSpecial === true) return OF_SYSTEM;
  const code = "code" in thrown ? String(thrown.code) : "";
  return BY_CODE[code] ?? BY_NAME[thrown.name];
}
