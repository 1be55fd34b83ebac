/**
 * Files that may be given as argument or as option.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";

/**
 * Takes the files that were given, in either way.
 *
 * @throws {StigmerError} When none was given.
 */
export function filesOf(
  args: readonly string[],
  options: readonly string[],
): readonly string[] {
  const files = [...options, ...args];
  if (files.length > 0) return files;
  throw invalidArgument("Missing argument <FILES>...", {
    hints: ["Name files and folders, or - for standard input"],
  });
}

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
