/**
 * A file that may be given as argument or as option.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";

/**
 * Takes the one file that was given.
 *
 * @throws {StigmerError} When none or both were given.
 */
export function fileOf(
  argument: string | undefined,
  option: string | undefined,
): string {
  if (argument !== undefined && option !== undefined) {
    throw invalidArgument(
      `Cannot take both "${argument}" and "${option}", give one file`,
    );
  }
  const file = argument ?? option;
  if (file !== undefined) return file;
  throw invalidArgument("Missing argument <FILE>", {
    hints: ["Name a file, or - for standard input"],
  });
}
