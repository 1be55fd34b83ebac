/**
 * What an archive of a release holds, whichever way it is packed: a few plain
 * files at its top, one of which is the program.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";

/** Files in an archive at the most. */
const ENTRIES_MAX = 16;
const PLAIN_NAME_REGEXP = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** What is wanted of an archive. */
export interface Wanted {
  /** Name of the file in it. */
  readonly name: string;
  readonly sizeBytesMax: number;
}

/** A file of an archive, as it is told there. */
export interface ArchiveEntry {
  readonly name: string;
  readonly sizeBytes: number;
  /** Whether its kind is that of a plain file. */
  readonly isPlain: boolean;
}

/** Looks at the files of one archive, one after the other. */
export interface EntryRules {
  /**
   * Takes the next file and says whether it is the wanted one.
   *
   * @throws {StigmerError} DATA_LOSS for what no release holds.
   */
  take(entry: ArchiveEntry): boolean;
  /**
   * Ends it.
   *
   * @throws {StigmerError} DATA_LOSS when the wanted file was not there.
   */
  end(): void;
}

/** Begins to look for a file. */
export function entryRules(wanted: Wanted): EntryRules {
  let count = 0;
  let found = 0;
  function take({ name, sizeBytes, isPlain }: ArchiveEntry): boolean {
    if (++count > ENTRIES_MAX) throw odd(`more than ${ENTRIES_MAX} files`);
    if (!isPlain || !PLAIN_NAME_REGEXP.test(name)) {
      throw odd(`"${name}", which is no plain file at its top`);
    }
    if (sizeBytes > wanted.sizeBytesMax) {
      throw odd(`"${name}", which is too large`);
    }
    if (name !== wanted.name) return false;
    if (++found > 1) throw odd(`"${name}" twice`);
    return true;
  }
  function end(): void {
    if (found === 0) throw odd(`no "${wanted.name}"`);
  }
  return { take, end };
}

/** Makes the error for what no archive of a release has. */
export function odd(what: string): StigmerError {
  return new StigmerError(
    "DATA_LOSS",
    `Cannot unpack the release: its archive has ${what}`,
  );
}
