/**
 * Errors of the file system in words of people.
 *
 * @module
 */

import { missingPermission } from "../host/missing_permission.ts";
import { type ErrorCode, StigmerError } from "../model/error.ts";

/** What an error of the file system means. */
interface Meaning {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly hint?: string;
}

/**
 * Says what an error of the file system means.
 *
 * @param thrown What was thrown.
 * @param act What was tried, as `Cannot read "a.yaml"`; absent when only the
 * error itself knows.
 * @returns `undefined` for any other error.
 */
export function fileErrorOf(
  thrown: unknown,
  act?: string,
): StigmerError | undefined {
  if (!(thrown instanceof Error) || thrown instanceof StigmerError) {
    return undefined;
  }
  const meaning = meaningOf(thrown);
  if (meaning === undefined) return undefined;
  const { code, reason, hint } = meaning;
  return new StigmerError(code, `${act ?? actOf(thrown)}: ${reason}`, {
    hints: hint === undefined ? [] : [hint],
    cause: thrown,
  });
}

/**
 * Retells an error that ends in the raw words of the system.
 *
 * @returns The error itself when it does not.
 */
export function withoutRawWords(error: StigmerError): StigmerError {
  const { cause } = error;
  if (!(cause instanceof Error) || error.hints.length > 0) return error;
  const end = error.message.lastIndexOf(`: ${cause.message}`);
  if (end < 0) return error;
  return fileErrorOf(cause, error.message.slice(0, end)) ?? error;
}

function meaningOf(error: Error): Meaning | undefined {
  const missing = missingPermission(error);
  if (missing !== undefined) {
    const { reason, hint } = missing;
    return { code: "PERMISSION_DENIED", reason, hint };
  }
  const known = MEANINGS[error.name];
  if (known !== undefined) return known;
  // Deno has no class of its own for these.
  const os = OS_REGEXP.exec(error.message)?.[1];
  return os === undefined ? undefined : {
    code: "FAILED_PRECONDITION",
    reason: (error.message.split(" (os error")[0] ?? "").toLowerCase(),
    hint: /no space|quota/i.test(error.message)
      ? "Make room on the disk, then try again"
      : "Name another place, or free this one",
  };
}

const OS_REGEXP = /\(os error (\d+)\)/;

const MEANINGS: Readonly<Record<string, Meaning>> = {
  NotFound: {
    code: "NOT_FOUND",
    reason: "no such file or folder",
    hint: "Check the path; folders above it must be there",
  },
  PermissionDenied: {
    code: "PERMISSION_DENIED",
    reason: "permission denied",
    hint: "Give yourself access to it, or name another place",
  },
  AlreadyExists: {
    code: "ALREADY_EXISTS",
    reason: "something is there already",
    hint: "Move it away, or name another place",
  },
  IsADirectory: {
    code: "INVALID_ARGUMENT",
    reason: "it is a folder",
    hint: "Name a file",
  },
  NotADirectory: {
    code: "INVALID_ARGUMENT",
    reason: "a part of the path is no folder",
    hint: "Check the path",
  },
};

/** Deno ends its messages in `: open '/path'`, or `: stat '/path'`. */
const DENO_ACT_REGEXP = /: (\w+) '([^']+)'(?: -> '[^']+')?$/;

const ACTS: Readonly<Record<string, string>> = {
  stat: "look at",
  lstat: "look at",
  open: "open",
  mkdir: "make",
  readdir: "list",
  readfile: "read",
  writefile: "write",
  remove: "remove",
  rename: "write",
  realpath: "find",
};

function actOf(error: Error): string {
  const missing = missingPermission(error);
  if (missing !== undefined) return `Cannot ${missing.act}`;
  const [, call = "", path] = DENO_ACT_REGEXP.exec(error.message) ?? [];
  if (path === undefined) return "Cannot use a file";
  return `Cannot ${ACTS[call] ?? "use"} "${path}"`;
}
