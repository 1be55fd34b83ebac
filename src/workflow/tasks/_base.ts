/**
 * What tasks of every kind have.
 *
 * @module
 */

import { member } from "../../model/json.ts";
import type { TaskPlace } from "../context.ts";
import { readCondition, readInputFlow, readOutputFlow } from "../data_flow.ts";
import { checkKeys, type KeyRules, placeOf, readObject } from "../fields.ts";
import { readFlow } from "../flow.ts";
import { readTimeout } from "../times.ts";
import type { TaskBase } from "../tree.ts";
import { BASE_KEYS, KIND_KEYS } from "./base_keys.ts";

/** Keys of other languages for these. */
const INSTEAD: Readonly<Record<string, string>> = {
  condition: "if",
  next: "then",
  goto: "then",
  when: "if",
};

/** Checks the keys of a task and reads those that every kind has. */
export function readBase(
  place: TaskPlace,
  rules: Omit<KeyRules, "what"> & { readonly kind: string },
): TaskBase {
  const { object, name, pointer } = place;
  checkKeys(object, place, {
    known: [...BASE_KEYS, ...rules.known],
    required: rules.required ?? [],
    what: `a "${rules.kind}" task`,
    instead: { ...INSTEAD, ...rules.instead },
    otherwise: (key) =>
      KIND_KEYS.includes(key)
        ? `A task does one thing: make a task of its own for "${key}"`
        : undefined,
  });
  readObject(member(object, "metadata"), placeOf(place, "metadata"));
  const condition = readCondition(member(object, "if"), placeOf(place, "if"));
  const timeout = readTimeout(
    member(object, "timeout"),
    placeOf(place, "timeout"),
  );
  return {
    name,
    pointer,
    ...(condition === undefined ? {} : { if: condition }),
    input: readInputFlow(member(object, "input"), placeOf(place, "input")),
    output: readOutputFlow(member(object, "output"), placeOf(place, "output")),
    export: readOutputFlow(member(object, "export"), placeOf(place, "export")),
    ...(timeout === undefined ? {} : { timeout }),
    then: readFlow(member(object, "then"), placeOf(place, "then")),
  };
}
