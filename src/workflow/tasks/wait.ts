/**
 * `wait`: waits.
 *
 * @module
 */

import { member } from "../../model/json.ts";
import type { TaskPlace } from "../context.ts";
import { placeOf } from "../fields.ts";
import { readDuration } from "../times.ts";
import type { WaitTask } from "../tree.ts";
import { readBase } from "./_base.ts";

/** Reads a `wait` task. */
export function readWait(place: TaskPlace): WaitTask {
  const base = readBase(place, { kind: "wait", known: ["wait"] });
  const duration = readDuration(
    member(place.object, "wait"),
    placeOf(place, "wait"),
  );
  return {
    ...base,
    kind: "wait",
    duration: duration ?? { kind: "fixed", ms: 0 },
  };
}
