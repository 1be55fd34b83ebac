/**
 * `raise`: fails with an error.
 *
 * @module
 */

import { member } from "../../model/json.ts";
import type { TaskPlace } from "../context.ts";
import { checkKeys, placeOf, readObject } from "../fields.ts";
import type { RaiseTask } from "../tree.ts";
import { readBase } from "./_base.ts";
import { readError } from "./error.ts";

/** What stands for an error that could not be read; there is no plan then. */
const UNREAD: RaiseTask["error"] = {
  type: { kind: "literal", value: "" },
  status: { kind: "literal", value: 500 },
};

/** Reads a `raise` task. */
export function readRaise(place: TaskPlace): RaiseTask {
  const base = readBase(place, { kind: "raise", known: ["raise"] });
  const at = placeOf(place, "raise");
  const raise = readObject(member(place.object, "raise"), at) ?? {};
  checkKeys(raise, at, {
    known: ["error"],
    required: ["error"],
    what: 'the "raise" of a task',
  });
  const error = readError(member(raise, "error"), placeOf(at, "error"));
  return { ...base, kind: "raise", error: error ?? UNREAD };
}
