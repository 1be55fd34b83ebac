/**
 * What becomes of one record of an import's history.
 *
 * @module
 */

import { jsonEquals } from "../model/json.ts";
import type { HistoryOutcome, HistoryResult } from "./history_records.ts";

/** What is done about history that is there and differs. */
export type HistoryConflict = "fail" | "skip" | "replace";

/** What becomes of a record that is there and differs. */
export function outcomeOf(
  onConflict: HistoryConflict,
  why: string,
): HistoryResult {
  switch (onConflict) {
    case "fail":
      return done("conflict", why);
    case "skip":
      return done("skipped", why);
    case "replace":
      return done("replaced", why);
  }
}

/** What becomes of a record that goes with one that was skipped. */
export function skippedWith(what: string): HistoryResult {
  return done("skipped", `its ${what} was skipped`);
}

/** A result, with why where that must be said. */
export function done(outcome: HistoryOutcome, detail = ""): HistoryResult {
  return { outcome, detail };
}

/** Says whether two things would be written the same. */
export function equal(here: unknown, given: unknown): boolean {
  return jsonEquals(
    JSON.parse(JSON.stringify(here)),
    JSON.parse(JSON.stringify(given)),
  );
}
