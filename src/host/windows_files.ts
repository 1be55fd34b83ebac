/**
 * What files are on Windows that they are nowhere else: texts in UTF-16, as the
 * older PowerShell writes them with `>`, and words that can be no file's name.
 *
 * @module
 */

import type { Os } from "./os.ts";

/** A name, a path or a directory name that is none. */
const NO_NAME_CODES = /\(os error (?:123|161|267)\)/;

/**
 * Decodes the content of a text file. A mark at its start says UTF-16, and is
 * no part of the text; anything else is UTF-8.
 */
export function decodeText(bytes: Uint8Array): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe
    ? "utf-16le"
    : bytes[0] === 0xfe && bytes[1] === 0xff
    ? "utf-16be"
    : undefined;
  return encoding === undefined
    ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)
    : new TextDecoder(encoding).decode(bytes);
}

/**
 * Says whether a failure means that a path can be no file's, as `*.yaml`, which
 * the command lines of Windows hand on as it is: nothing is there then.
 */
export function isNoName(os: Os, error: unknown): boolean {
  return os === "windows" && error instanceof Error &&
    NO_NAME_CODES.test(error.message);
}
