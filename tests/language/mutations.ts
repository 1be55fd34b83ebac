/**
 * Small damages of a definition, one at a time.
 *
 * @module
 */

import { pointerTo } from "../../src/model/diagnostic.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
} from "../../src/model/json.ts";

/** A definition with one damage. */
export interface Mutation {
  /** Where and what, as `/do/0/a/set: removed`. */
  readonly what: string;
  readonly json: Json;
}

/** What stands in the place of a value: each is wrong somewhere. */
const SUBSTITUTES: readonly Json[] = [
  42,
  -1,
  0.5,
  true,
  null,
  "",
  "no such thing",
  "not a uri",
  "P1",
  [],
  [1],
  ["x"],
  {},
  { zzz: 1 },
];

/** Gives every single damage of a definition. */
export function mutationsOf(json: Json): readonly Mutation[] {
  return mutate(json, "").map(({ what, json }) => ({ what, json }));
}

function mutate(json: Json, pointer: string): readonly Mutation[] {
  const own: Mutation[] = SUBSTITUTES.map((it) => ({
    what: `${pointer}: ${JSON.stringify(it)}`,
    json: it,
  }));
  if (isJsonArray(json)) return [...own, ...mutateItems(json, pointer)];
  return isJsonObject(json) ? [...own, ...mutateKeys(json, pointer)] : own;
}

function mutateItems(
  list: readonly Json[],
  pointer: string,
): readonly Mutation[] {
  return list.flatMap((item, i) => {
    const at = pointerTo(pointer, i);
    return [
      { what: `${at}: removed`, json: list.toSpliced(i, 1) },
      { what: `${at}: twice`, json: list.toSpliced(i, 0, item) },
      ...mutate(item, at).map(({ what, json }) => ({
        what,
        json: list.with(i, json),
      })),
    ];
  });
}

function mutateKeys(object: JsonObject, pointer: string): readonly Mutation[] {
  const unknown = {
    what: `${pointer}: zzz added`,
    json: { ...object, zzz: 1 },
  };
  return [
    unknown,
    ...Object.entries(object).flatMap(([key, value]) => {
      const at = pointerTo(pointer, key);
      const { [key]: _, ...rest } = object;
      return [
        { what: `${at}: removed`, json: rest },
        { what: `${at}: misspelled`, json: { ...rest, [`${key}Z`]: value } },
        ...mutate(value, at).map(({ what, json }) => ({
          what,
          json: { ...object, [key]: json },
        })),
      ];
    }),
  ];
}
