/**
 * Sums of many values that are added to in place.
 *
 * Nobody sees what there is between two additions; to copy it each time would
 * take the square of how much is added.
 *
 * @module
 */

import { add } from "./arithmetic.ts";
import {
  boundArray,
  limitText,
  makeCells,
  makeMember,
  makeText,
  meter,
} from "./fuel.ts";
import {
  isArray,
  isContainer,
  isObject,
  type Json,
  type MutableObject,
  putMember,
} from "./json.ts";
import { listKeys } from "./keys.ts";

/** What is added to. */
export interface Sum {
  value: Json;
  /** Where it was made here, and so may be changed. */
  items: Json[] | undefined;
  members: MutableObject | undefined;
}

/** What a text takes beside its units, in cells. */
const TEXT_CELLS = 4;

/** Starts a sum with a value that is somebody else's. */
export function startSum(value: Json): Sum {
  return { value, items: undefined, members: undefined };
}

/** What came out; a text is counted now, as it grew uncounted. */
export function endSum({ value }: Sum): Json {
  return typeof value === "string" ? makeText(value) : value;
}

/** Adds a value, for a node at an offset. */
export function addTo(sum: Sum, value: Json, start: number): void {
  if (typeof sum.value === "string" && typeof value === "string") {
    limitText(sum.value.length + value.length);
    makeCells((value.length >> 3) + TEXT_CELLS);
    sum.value += value;
    return;
  }
  if (sum.items !== undefined && isArray(value)) {
    boundArray(sum.items.length + value.length);
    makeCells(value.length);
    for (const item of value) sum.items.push(item);
    return;
  }
  if (sum.members !== undefined && isObject(value)) {
    for (const key of listKeys(value)) {
      makeMember();
      putMember(sum.members, key, value[key] ?? null);
    }
    return;
  }
  meter.at = start;
  const isMade = isContainer(sum.value) && isContainer(value);
  sum.value = add(sum.value, value);
  sum.items = isMade && isWritable(sum.value) ? sum.value : undefined;
  sum.members = isMade && isObject(sum.value) ? sum.value : undefined;
}

function isWritable(value: Json): value is Json[] {
  return Array.isArray(value);
}
