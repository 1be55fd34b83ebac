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

const DIRECTIVES = ["continue", "exit", "end"] as const;
/** Letters that a directive may be broken off after. */
const START_MIN = 2;

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
  const near = didYouMean(text, [...list.keys(), ...DIRECTIVES]);
  reportError(place, {
    message: `There is no task "${text}" in this list to go to`,
    hint: near.hint ?? hintOfStart(text) ??
      'Name a task of the same list, or "continue", "exit" or "end"',
  });
  return { kind: "continue" };
}

/** Offers what was not written to its end: `en` is too short for a near name. */
function hintOfStart(text: string): string | undefined {
  if (text.length < START_MIN) return undefined;
  const meant = DIRECTIVES.find((it) => it.startsWith(text.toLowerCase()));
  return meant === undefined ? undefined : `Did you mean "${meant}"?`;
}
