/**
 * SQLite's errors as Stigmer's: a code, the path and the way out.
 *
 * @module
 */

import { type ErrorCode, messageOf, StigmerError } from "../model/error.ts";

/** What is said for one of SQLite's primary result codes. */
interface Meaning {
  readonly code: ErrorCode;
  /** Completes `Cannot use database "path": …`. */
  readonly text: string;
  readonly hint?: string;
  /** How the message begins where the driver gives no result code. */
  readonly message: string;
}

const PRIMARY_CODE_MASK = 0xff;
const PRIMARY_KEY_CODE = 1555;
const UNIQUE_CODE = 2067;
const CONSTRAINT_CODE = 19;
const NOT_A_DATABASE_CODE = 26;

const MEANINGS: Readonly<Record<number, Meaning>> = {
  3: {
    code: "PERMISSION_DENIED",
    text: "access is denied",
    hint: "Check the owner and mode of the file and of its folder",
    message: "access permission denied",
  },
  5: {
    code: "UNAVAILABLE",
    text: "another process holds its lock",
    hint: "Try again, the other process may be writing much",
    message: "database is locked",
  },
  6: {
    code: "UNAVAILABLE",
    text: "one of its tables is locked",
    hint: "Try again",
    message: "database table is locked",
  },
  8: {
    code: "FAILED_PRECONDITION",
    text: "it is read-only",
    hint: "Make the file and its folder writable, or choose another --home",
    message: "attempt to write a readonly database",
  },
  10: {
    code: "DATA_LOSS",
    text: "reading or writing the disk failed",
    hint: "Check the disk, then restore the file from a backup if need be",
    message: "disk I/O error",
  },
  11: {
    code: "DATA_LOSS",
    text: "the file is corrupt",
    hint:
      "Move it away and restore a backup, or start anew with `stigmer init`",
    message: "database disk image is malformed",
  },
  13: {
    code: "RESOURCE_EXHAUSTED",
    text: "the disk is full",
    hint: "Free some space and try again, nothing of this change was kept",
    message: "database or disk is full",
  },
  14: {
    code: "FAILED_PRECONDITION",
    text: "the file cannot be opened",
    hint: "Check that you own it, and that its folder may be written",
    message: "unable to open database file",
  },
  18: {
    code: "RESOURCE_EXHAUSTED",
    text: "a value is larger than SQLite can keep",
    hint: "Store it as a file and refer to it",
    message: "string or blob too big",
  },
  [NOT_A_DATABASE_CODE]: {
    code: "FAILED_PRECONDITION",
    text: "the file is not an SQLite database, or its first bytes are damaged",
    hint: "Choose another --home, or move the file away and run `stigmer init`",
    message: "file is not a database",
  },
};

/** Makes a Stigmer error of whatever the driver threw. */
export function fromSqliteError(path: string, thrown: unknown): StigmerError {
  if (thrown instanceof StigmerError) return thrown;
  const text = messageOf(thrown);
  const errcode = sqliteCode(thrown);
  const meaning = errcode === undefined
    ? Object.values(MEANINGS).find((it) => text.startsWith(it.message))
    : MEANINGS[errcode & PRIMARY_CODE_MASK];
  if (meaning !== undefined) return known(path, meaning, thrown);
  if (errcode === UNIQUE_CODE || errcode === PRIMARY_KEY_CODE) {
    return new StigmerError(
      "ALREADY_EXISTS",
      `Cannot write to database "${path}": ${text}`,
      { cause: thrown },
    );
  }
  const act = errcode !== undefined &&
      (errcode & PRIMARY_CODE_MASK) === CONSTRAINT_CODE
    ? "write to"
    : "use";
  return new StigmerError(
    "INTERNAL",
    `Cannot ${act} database "${path}": ${text}`,
    { cause: thrown },
  );
}

/**
 * Says SQLite's extended result code of a thrown error, or of its cause;
 * `undefined` when it has none.
 */
export function sqliteCode(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error)) return undefined;
  if ("errcode" in thrown && typeof thrown.errcode === "number") {
    return thrown.errcode;
  }
  return thrown.cause === undefined ? undefined : sqliteCode(thrown.cause);
}

function known(path: string, meaning: Meaning, cause: unknown): StigmerError {
  return new StigmerError(
    meaning.code,
    `Cannot use database "${path}": ${meaning.text}`,
    { cause, ...(meaning.hint === undefined ? {} : { hints: [meaning.hint] }) },
  );
}
