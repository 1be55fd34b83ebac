/**
 * Functions of values: their keys, types, order and parts.
 *
 * @module
 */

import { described, subtract } from "./arithmetic.ts";
import { raise } from "./failure.ts";
import {
  boundArray,
  makeArray,
  makeCells,
  makeMember,
  makeText,
  meter,
  step,
  steps,
} from "./fuel.ts";
import {
  contains,
  has,
  index,
  indicesOf,
  slice,
  valuesOf,
} from "./indexing.ts";
import {
  isArray,
  isObject,
  type Json,
  type MutableObject,
  putMember,
  typeName,
} from "./json.ts";
import { listKeys, sortedKeys } from "./keys.ts";
import { type Native, ofInput, ofOne, plain } from "./native.ts";
import { parseNumber } from "./numbers.ts";
import { compare, equals, sortValues } from "./order.ts";
import { readJson } from "./read_json.ts";
import { indicesOfText, lengthOf } from "./texts.ts";
import { textOf, writeJson } from "./write_json.ts";

function length(value: Json): Json {
  switch (typeof value) {
    case "string":
      return lengthOf(value);
    case "number":
      return Math.abs(value);
    case "boolean":
      return raise(`${described(value)} has no length`);
    default:
      if (value === null) return 0;
      return isArray(value) ? value.length : listKeys(value).length;
  }
}

function keys(value: Json, sort: boolean): Json {
  if (isArray(value)) {
    makeArray(value.length);
    return value.map((_, i) => i);
  }
  if (!isObject(value)) return raise(`${described(value)} has no keys`);
  const all = sort ? sortedKeys(value) : listKeys(value);
  makeArray(all.length);
  return all;
}

function flatten(value: Json, depth: Json): Json {
  if (compare(depth, 0) < 0) {
    return raise("flatten depth must not be negative");
  }
  const flat: Json[] = [];
  let noted = 0;
  // The rest of each array that is open, and how deep it may be.
  const open: { items: Iterator<Json>; depth: Json }[] = [
    { items: valuesOf(value)[Symbol.iterator](), depth },
  ];
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    step();
    const next = top.items.next();
    if (next.done === true) open.pop();
    else if (isArray(next.value) && top.depth !== 0) {
      const items = next.value[Symbol.iterator]();
      open.push({ items, depth: subtract(top.depth, 1) });
    } else {
      flat.push(next.value);
      if (flat.length - noted < 64) continue;
      boundArray(flat.length);
      makeCells(flat.length - noted);
      noted = flat.length;
    }
  }
  makeCells(flat.length - noted);
  return flat;
}

function indices(value: Json, wanted: Json): Json {
  if (typeof value === "string" && typeof wanted === "string") {
    steps(value.length >> 3);
    return indicesOfText(value, wanted);
  }
  if (isArray(value)) {
    return indicesOf(value, isArray(wanted) ? wanted : [wanted]);
  }
  return index(value, wanted);
}

function firstIndex(value: Json, wanted: Json, at: 0 | -1): Json {
  const found = indices(value, wanted);
  return index(at === 0 ? found : slice(found, -1, null), 0);
}

function sorted(value: Json): readonly Json[] {
  if (isArray(value)) {
    makeArray(value.length);
    return sortValues(value);
  }
  return raise(
    `${described(value)} cannot be sorted, as it is not an array`,
  );
}

function unique(value: Json): Json {
  const items: Json[] = [];
  for (const item of sorted(value)) {
    const last = items.at(-1);
    if (last === undefined || !equals(last, item)) items.push(item);
  }
  return items;
}

function extreme(value: Json, isBetter: (order: number) => boolean): Json {
  if (!isArray(value)) {
    return raise(`${described(value)} cannot be searched from`);
  }
  return value.reduce<Json | undefined>((best, item) => {
    step();
    if (best === undefined) return item;
    return isBetter(compare(item, best)) ? item : best;
  }, undefined) ?? null;
}

function reverse(value: Json): Json {
  if (typeof value === "string") {
    makeCells(value.length);
    return makeText(Array.from(value).reverse().join(""));
  }
  if (value === null) return [];
  if (isObject(value) && listKeys(value).length === 0) return [];
  if (!isArray(value)) {
    return raise(`Cannot reverse ${described(value)}, as it is no array`);
  }
  makeArray(value.length);
  return value.toReversed();
}

/** What `{key, value}` takes in an array. */
const ENTRY_CELLS = 8;

function toEntries(value: Json): Json {
  if (isArray(value)) {
    makeCells(value.length * ENTRY_CELLS);
    return value.map((item, key) => ({ key, value: item }));
  }
  if (!isObject(value)) return raise(`${described(value)} has no keys`);
  const keys = listKeys(value);
  makeCells(keys.length * ENTRY_CELLS);
  return keys.map((key) => ({ key, value: value[key] ?? null }));
}

/** Where there is no `key`, one of these is taken that counts as true. */
const OTHER_KEYS = ["k", "name", "Name", "K", "Key"];
const VALUE_NAMES = ["value", "v"];

function fromEntries(value: Json): Json {
  const object: MutableObject = {};
  for (const entry of valuesOf(value)) {
    step();
    const found = VALUE_NAMES.find((it) => has(entry, it)) ?? "Value";
    putMember(object, entryKey(entry), index(entry, found));
    makeMember();
  }
  return object;
}

function entryKey(entry: Json): string {
  let key = index(entry, "key");
  for (const name of OTHER_KEYS) {
    if (key !== null && key !== false) break;
    if (index(entry, "key") !== null) break;
    key = index(entry, name);
  }
  if (typeof key === "string") return key;
  return raise(`Cannot use ${described(key)} as object key`);
}

function toNumber(value: Json): Json {
  if (typeof value === "number") return value;
  if (typeof value === "string") steps(value.length >> 2);
  const number = typeof value === "string" ? parseNumber(value) : undefined;
  return number ?? raise(`${described(value)} cannot be parsed as a number`);
}

function toBoolean(value: Json): Json {
  if (typeof value === "boolean") return value;
  if (value === "true") return true;
  if (value === "false") return false;
  return raise(`${described(value)} cannot be parsed as a boolean`);
}

function transpose(value: Json): Json {
  const rows = valuesOf(value);
  steps(rows.length);
  const width = rows.reduce<number>((most, row) => {
    const size = length(row);
    return typeof size === "number" && size > most ? size : most;
  }, 0);
  boundArray(width);
  makeCells(width * (rows.length + ENTRY_CELLS));
  return Array.from(
    { length: Math.ceil(width) },
    (_, i) => rows.map((row) => index(row, i)),
  );
}

function bsearch(value: Json, wanted: Json): Json {
  if (!isArray(value)) {
    if (length(value) === 0) return -1;
    return raise(`${described(value)} cannot be searched from`);
  }
  let low = 0;
  let high = value.length - 1;
  while (low <= high) {
    step();
    const middle = (low + high) >> 1;
    const order = compare(value[middle] ?? null, wanted);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1 - low;
}

function now(): Json {
  const { nowMs } = meter;
  return nowMs === undefined
    ? raise("the time is not known here")
    : nowMs / 1000;
}

function keep(test: (value: Json) => boolean): Native {
  return {
    code: () => ({
      arity: "maybe",
      one: (_, input) => test(input) ? input : undefined,
      run: (_, input, emit) => test(input) ? emit(input) : 0,
    }),
    paths: () => (_, { path, value }, emit) =>
      test(value) ? emit(path, value) : 0,
  };
}

function isScalar(value: Json): boolean {
  return typeof value !== "object" || value === null;
}

/** `name/count` to what it does. */
export const VALUE_BUILTINS: Readonly<Record<string, Native>> = {
  "null/0": plain(() => null),
  "true/0": plain(() => true),
  "false/0": plain(() => false),
  "length/0": ofInput(length),
  "keys/0": ofInput((input) => keys(input, true)),
  "keys_unsorted/0": ofInput((input) => keys(input, false)),
  "has/1": ofOne(has),
  "in/1": ofOne((input, object) => has(object, input)),
  "contains/1": ofOne((input, part) => contains(input, part)),
  "inside/1": ofOne((input, whole) => contains(whole, input)),
  "type/0": ofInput(typeName),
  "tojson/0": ofInput(writeJson),
  "fromjson/0": ofInput((input) => {
    if (typeof input === "string") return readJson(input);
    return raise(`${described(input)} only strings can be parsed`);
  }),
  "tostring/0": ofInput(textOf),
  "tonumber/0": ofInput(toNumber),
  "toboolean/0": ofInput(toBoolean),
  "toarray/0": ofInput((input) => isArray(input) ? input : [input]),
  "flatten/0": ofInput((input) => flatten(input, 1e9)),
  "flatten/1": ofOne(flatten),
  "indices/1": ofOne(indices),
  "index/1": ofOne((input, wanted) => firstIndex(input, wanted, 0)),
  "rindex/1": ofOne((input, wanted) => firstIndex(input, wanted, -1)),
  "sort/0": ofInput(sorted),
  "unique/0": ofInput(unique),
  "min/0": ofInput((input) => extreme(input, (order) => order < 0)),
  "max/0": ofInput((input) => extreme(input, (order) => order >= 0)),
  "reverse/0": ofInput(reverse),
  "to_entries/0": ofInput(toEntries),
  "from_entries/0": ofInput(fromEntries),
  "transpose/0": ofInput(transpose),
  "bsearch/1": ofOne(bsearch),
  "now/0": ofInput(now),
  "values/0": keep((value) => value !== null),
  "nulls/0": keep((value) => value === null),
  "booleans/0": keep((value) => typeof value === "boolean"),
  "numbers/0": keep((value) => typeof value === "number"),
  "strings/0": keep((value) => typeof value === "string"),
  "arrays/0": keep(isArray),
  "objects/0": keep(isObject),
  "iterables/0": keep((value) => !isScalar(value)),
  "scalars/0": keep(isScalar),
  "have_decnum/0": plain(() => false),
  "have_literal_numbers/0": plain(() => true),
};
