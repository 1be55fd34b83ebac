/**
 * `do`: runs a list.
 *
 * @module
 */

import { member } from "../../model/json.ts";
import type { TaskPlace } from "../context.ts";
import { placeOf } from "../fields.ts";
import type { DoTask } from "../tree.ts";
import { readBase } from "./_base.ts";

/** Reads a `do` task. */
export function readDo(place: TaskPlace): DoTask {
  const base = readBase(place, { kind: "do", known: ["do"] });
  const tasks = place.context.readList(
    member(place.object, "do"),
    placeOf(place, "do"),
  );
  return { ...base, kind: "do", tasks };
}
