/**
 * Reads where it goes after a task.
 *
 * @module
 */

import type { Json } from "../model/json.ts";
import { didYouMean } from "../model/near.ts";
import type { Place } from "./context.ts";
import { readString, reportError } from "./fields.ts";
import type { Flow } from "./tree.ts";

/** Reads a `then`: a directive, or a task of the same list. */
export function readFlow(value: Json | undefined, place: Place): Flow {
  const text = readString(value, place);
  if (text === undefined) return { kind: "continue" };
  if (text === "continue" || text === "exit" || text === "end") {
    return { kind: text };
  }
  const { list } = place.context;
  const index = list.get(text);
  if (index !== undefined) return { kind: "goto", index };
  const near = didYouMean(text, [...list.keys(), "continue", "exit", "end"]);
  reportError(place, {
    message: `There is no task "${text}" in this list to go to`,
    hint: near.hint ??
      'Name a task of the same list, or "continue", "exit" or "end"',
  });
  return { kind: "continue" };
}
