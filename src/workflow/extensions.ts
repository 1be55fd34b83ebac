/**
 * Reads `use.extensions`: what is done before and after tasks of a kind.
 *
 * @module
 */

import { isJsonObject, type Json, member } from "../model/json.ts";
import type { Context, Place } from "./context.ts";
import { DOCUMENT_VARIABLES, readCondition } from "./data_flow.ts";
import {
  checkKeys,
  placeOf,
  readArray,
  readChoice,
  reportError,
  reportType,
} from "./fields.ts";
import type { ExtendedKind, Extension } from "./tree.ts";

/** The groups of tasks that can be extended. */
export const EXTENDED_KINDS: readonly ExtendedKind[] = [
  "call",
  "composite",
  "emit",
  "for",
  "listen",
  "raise",
  "run",
  "set",
  "switch",
  "try",
  "wait",
  "all",
];

/** Reads the list; absent gives none. */
export function readExtensions(
  value: Json | undefined,
  place: Place,
): readonly Extension[] {
  const items = readArray(value, place) ?? [];
  const names = new Set<string>();
  return items.flatMap((item, i) => {
    const at = placeOf(place, i);
    if (!isJsonObject(item)) {
      reportType(at, "an object of one key, the name of an extension", item);
      return [];
    }
    const [entry, ...others] = Object.entries(item);
    if (entry === undefined || others.length > 0) {
      reportError(at, {
        message: "An extension stands under one key, its name",
        ...(Object.hasOwn(item, "extend")
          ? { hint: 'Write "- name: {…}" around it' }
          : {}),
      });
      return [];
    }
    const [name] = entry;
    if (names.has(name)) {
      reportError(placeOf(at, name), {
        atKey: true,
        message: `There is an extension "${name}" already`,
      });
    }
    names.add(name);
    const read = readExtension(entry, placeOf(at, name));
    return read === undefined ? [] : [read];
  });
}

function readExtension(
  [name, value]: readonly [string, Json],
  outer: Place,
): Extension | undefined {
  // It stands outside of every task: what tasks see, its tasks see.
  const context: Context = {
    ...outer.context,
    variables: new Set(DOCUMENT_VARIABLES),
  };
  const place: Place = { ...outer, context };
  if (!isJsonObject(value)) {
    reportType(place, "an object", value);
    return undefined;
  }
  checkKeys(value, place, {
    known: ["extend", "when", "before", "after"],
    required: ["extend"],
    what: "an extension",
    instead: { if: "when", extends: "extend", do: "before" },
  });
  const extend = readChoice(
    member(value, "extend"),
    placeOf(place, "extend"),
    EXTENDED_KINDS,
  );
  const when = readCondition(member(value, "when"), placeOf(place, "when"));
  const list = (key: string) =>
    context.readList(member(value, key), placeOf(place, key));
  const [before, after] = [list("before"), list("after")];
  if (extend === undefined) return undefined;
  return {
    name,
    extend,
    ...(when === undefined ? {} : { when }),
    before,
    after,
  };
}
