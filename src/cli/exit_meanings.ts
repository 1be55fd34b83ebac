/**
 * What each exit code of the program means.
 *
 * @module
 */

import { EXIT_CODES, NEWER_EXIT_CODE } from "../model/error.ts";
import type { Row } from "./help.ts";

/** The codes that the program can end with, and what they mean. */
export const EXIT_MEANINGS: readonly Row[] = [
  ["0", "Done; of a run: it completed"],
  ["1", "Failed; of `diff`: something differs"],
  ["2", "Wrong usage, or an invalid manifest"],
  ["3", "Not found"],
  [
    "4",
    "Not signed in to the backend, or not allowed; of a run: it failed with an authentication or authorization error, as for a missing secret",
  ],
  [
    "5",
    "In conflict with what is there; of a run: it waits for a person, and nobody can be asked; of a tool server: somebody is to log in first",
  ],
  [`${NEWER_EXIT_CODE}`, "`upgrade --check` found a newer release"],
  ["124", "Out of time"],
  ["130", "Interrupted or cancelled"],
];

/** The codes that errors have and nothing is said of. */
export function unexplainedExitCodes(): readonly number[] {
  const known = new Set(EXIT_MEANINGS.map(([code]) => code));
  return Object.values(EXIT_CODES).filter((it) => !known.has(`${it}`));
}
