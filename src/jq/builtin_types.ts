/**
 * What built-in functions take and give, as far as that is the same for all
 * values: a test compares each line with what the function does.
 *
 * @module
 */

import {
  ANY,
  ARRAY,
  arrayOf,
  BOOLEAN,
  type JqType,
  KIND,
  NULL,
  NUMBER,
  OBJECT,
  ofKinds,
  STRING,
  union,
} from "./types.ts";

/** What a function takes and gives. */
export interface Signature {
  /** The kinds of `.` that it takes; it fails for all others. */
  readonly takes: number;
  /** What it gives. */
  readonly gives: JqType;
  /** Whether it never fails for what it takes. */
  readonly isSure: boolean;
}

const { null: NULLS, number: NUMBERS, string: STRINGS } = KIND;
const { array: ARRAYS, object: OBJECTS } = KIND;
const EVERYTHING = ANY.kinds;
const COLLECTIONS = ARRAYS | OBJECTS;

function sure(takes: number, gives: JqType): Signature {
  return { takes, gives, isSure: true };
}

function unsure(takes: number, gives: JqType): Signature {
  return { takes, gives, isSure: false };
}

const MATH = ("floor ceil round trunc rint nearbyint sqrt cbrt fabs exp exp2 " +
  "exp10 pow10 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh " +
  "cosh tanh asinh acosh atanh logb significand gamma lgamma tgamma")
  .split(" ");
const TEXTS = ("ascii_downcase ascii_upcase trim ltrim rtrim").split(" ");
const NUMBER_TESTS = "isnan isinfinite isnormal".split(" ");

/** By `name/count`; of functions with arguments it says nothing of those. */
export const SIGNATURES: ReadonlyMap<string, Signature> = new Map([
  ...MATH.map((name) => [`${name}/0`, sure(NUMBERS, NUMBER)] as const),
  ...TEXTS.map((name) => [`${name}/0`, sure(STRINGS, STRING)] as const),
  ...NUMBER_TESTS.map((name) => [`${name}/0`, sure(NUMBERS, BOOLEAN)] as const),
  ["null/0", sure(EVERYTHING, NULL)],
  ["true/0", sure(EVERYTHING, ofKinds(KIND.true))],
  ["false/0", sure(EVERYTHING, ofKinds(KIND.false))],
  ["nan/0", sure(EVERYTHING, NUMBER)],
  ["infinite/0", sure(EVERYTHING, NUMBER)],
  ["now/0", unsure(EVERYTHING, NUMBER)],
  ["not/0", sure(EVERYTHING, BOOLEAN)],
  ["type/0", sure(EVERYTHING, STRING)],
  ["tojson/0", sure(EVERYTHING, STRING)],
  ["tostring/0", sure(EVERYTHING, STRING)],
  ["tonumber/0", unsure(NUMBERS | STRINGS, NUMBER)],
  ["toboolean/0", unsure(BOOLEAN.kinds | STRINGS, BOOLEAN)],
  ["fromjson/0", unsure(STRINGS, ANY)],
  ["length/0", sure(NULLS | NUMBERS | STRINGS | COLLECTIONS, NUMBER)],
  ["utf8bytelength/0", sure(STRINGS, NUMBER)],
  ["keys/0", sure(COLLECTIONS, arrayOf(union(STRING, NUMBER)))],
  ["keys_unsorted/0", sure(COLLECTIONS, arrayOf(union(STRING, NUMBER)))],
  ["to_entries/0", sure(COLLECTIONS, arrayOf(OBJECT))],
  ["from_entries/0", unsure(COLLECTIONS, OBJECT)],
  ["explode/0", sure(STRINGS, arrayOf(NUMBER))],
  ["implode/0", unsure(ARRAYS, STRING)],
  ["sort/0", sure(ARRAYS, ARRAY)],
  ["unique/0", sure(ARRAYS, ARRAY)],
  ["min/0", sure(ARRAYS, ANY)],
  ["max/0", sure(ARRAYS, ANY)],
  ["reverse/0", unsure(NULLS | STRINGS | COLLECTIONS, union(STRING, ARRAY))],
  ["flatten/0", sure(COLLECTIONS, ARRAY)],
  ["transpose/0", unsure(COLLECTIONS, arrayOf(ARRAY))],
  ["any/0", sure(COLLECTIONS, BOOLEAN)],
  ["all/0", sure(COLLECTIONS, BOOLEAN)],
  ["toarray/0", sure(EVERYTHING, ARRAY)],
  ["mktime/0", unsure(ARRAYS, NUMBER)],
  ["gmtime/0", unsure(NUMBERS, arrayOf(NUMBER))],
  ["todate/0", unsure(NUMBERS | ARRAYS, STRING)],
  ["fromdate/0", unsure(STRINGS, NUMBER)],
  ["fromdateiso8601/0", unsure(STRINGS, NUMBER)],
  ["todateiso8601/0", unsure(NUMBERS | ARRAYS, STRING)],
  ["test/1", unsure(STRINGS, BOOLEAN)],
  ["test/2", unsure(STRINGS, BOOLEAN)],
  ["match/1", unsure(STRINGS, OBJECT)],
  ["match/2", unsure(STRINGS, OBJECT)],
  ["capture/1", unsure(STRINGS, OBJECT)],
  ["capture/2", unsure(STRINGS, OBJECT)],
  ["sub/2", unsure(STRINGS, STRING)],
  ["sub/3", unsure(STRINGS, STRING)],
  ["gsub/2", unsure(STRINGS, STRING)],
  ["gsub/3", unsure(STRINGS, STRING)],
  ["split/1", unsure(STRINGS, arrayOf(STRING))],
  ["startswith/1", unsure(STRINGS, BOOLEAN)],
  ["endswith/1", unsure(STRINGS, BOOLEAN)],
  ["join/1", unsure(COLLECTIONS, ANY)],
  ["has/1", unsure(EVERYTHING, BOOLEAN)],
  ["contains/1", unsure(EVERYTHING, BOOLEAN)],
  ["inside/1", unsure(EVERYTHING, BOOLEAN)],
  ["sort_by/1", unsure(ARRAYS, ARRAY)],
  ["group_by/1", unsure(ARRAYS, arrayOf(ARRAY))],
  ["unique_by/1", unsure(ARRAYS, ARRAY)],
  ["map/1", unsure(COLLECTIONS, ARRAY)],
  ["map_values/1", unsure(COLLECTIONS, union(ARRAY, OBJECT))],
  ["any/1", unsure(COLLECTIONS, BOOLEAN)],
  ["all/1", unsure(COLLECTIONS, BOOLEAN)],
  ["isempty/1", unsure(EVERYTHING, BOOLEAN)],
  ["pow/2", unsure(EVERYTHING, NUMBER)],
  ["strftime/1", unsure(NUMBERS | ARRAYS, STRING)],
  ["strptime/1", unsure(STRINGS, arrayOf(NUMBER))],
]);

/** Functions that give some of what they are given: `name/0` to its kinds. */
export const SELECTORS: ReadonlyMap<string, number> = new Map([
  ["values/0", EVERYTHING & ~NULLS],
  ["nulls/0", NULLS],
  ["booleans/0", BOOLEAN.kinds],
  ["numbers/0", NUMBERS],
  ["strings/0", STRINGS],
  ["arrays/0", ARRAYS],
  ["objects/0", OBJECTS],
  ["iterables/0", COLLECTIONS],
  ["scalars/0", EVERYTHING & ~COLLECTIONS],
]);
