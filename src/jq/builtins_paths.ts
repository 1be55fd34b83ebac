/**
 * Functions about paths, and those that take a function of each item.
 *
 * @module
 */

import { described } from "./arithmetic.ts";
import { collect, type Env, GO, many, ROOT, single } from "./code.ts";
import { keysOf, recursePaths, runPaths, stepTo } from "./recurse.ts";
import { raise } from "./failure.ts";
import { makeCells, meter, step } from "./fuel.ts";
import { valuesOf } from "./indexing.ts";
import { isArray, isTrue, type Json } from "./json.ts";
import { each, type Native, ofOne, ofTwo } from "./native.ts";
import { compare, equals, sortBy } from "./order.ts";
import { asPath, deletePaths, getPath, setPath } from "./paths.ts";
import { addTo, endSum, startSum } from "./sums.ts";

const path: Native = {
  code: ([of]) =>
    many((env, input, emit) =>
      of === undefined
        ? GO
        : runPaths(of.paths(), { env, input }, (keys) => emit(keys))
    ),
};

const getpath: Native = {
  code: ([at]) =>
    ofOne((input, value) => getPath(input, asPath(value)))
      .code(at === undefined ? [] : [at], 0),
  paths: ([of]) => (env, at, emit) =>
    each(of, { env, input: at.value }, (value) => {
      const keys = asPath(value);
      let to = at.path;
      let current = at.value;
      for (const key of keys) {
        to = stepTo(to, key, current);
        current = current === null ? null : getPath(current, [key]);
      }
      return emit(to, current);
    }),
};

const paths: Native = {
  code: ([condition]) =>
    many((env, input, emit) =>
      recursePaths(ROOT, input, (at, value) => {
        if (condition === undefined) {
          return at === ROOT ? GO : emit(keysOf(at));
        }
        // The condition is asked of all, and may fail there.
        return each(
          condition,
          { env, input: value },
          (is) => isTrue(is) && at !== ROOT ? emit(keysOf(at)) : GO,
        );
      })
    ),
};

const del: Native = {
  code: ([of]) =>
    single((env, input) => {
      const gone: Json[] = [];
      if (of === undefined) return input;
      runPaths(of.paths(), { env, input }, (keys) => {
        gone.push(keys);
        return GO;
      });
      return deletePaths(input, gone);
    }),
};

const pick: Native = {
  code: ([of]) =>
    single((env, input) => {
      let picked: Json = null;
      if (of === undefined) return null;
      runPaths(of.paths(), { env, input }, (keys) => {
        picked = setPath(picked, keys, { value: getPath(input, keys) });
        return GO;
      });
      return picked;
    }),
};

/** A function of an array and what another gives for each of its items. */
function by(
  what: string,
  compute: (items: readonly Json[], keys: readonly Json[]) => Json,
): Native {
  return {
    code: ([of]) =>
      single((env, input) => {
        if (!isArray(input)) {
          return raise(
            `${described(input)} cannot be ${what}, as it is not an array`,
          );
        }
        // There is room for all keys before the first one is known.
        makeCells(input.length * 2);
        const keys = input.map((item) => keyOf(of, env, item));
        return compute(input, keys);
      }),
  };
}

function keyOf(
  of: Parameters<Native["code"]>[0][number] | undefined,
  env: Env | undefined,
  item: Json,
): Json {
  step();
  return of === undefined ? [item] : collect(of.code, env, item);
}

/** Puts items with equal keys together, in the order of the keys. */
function groups(
  items: readonly Json[],
  keys: readonly Json[],
): readonly (readonly Json[])[] {
  const found: Json[][] = [];
  let last: Json = null;
  for (const at of sortBy(items, keys)) {
    const item = items[at] ?? null;
    const key = keys[at] ?? null;
    const group = found.at(-1);
    if (group !== undefined && equals(last, key)) group.push(item);
    else found.push([item]);
    last = key;
  }
  return found;
}

function extreme(
  items: readonly Json[],
  keys: readonly Json[],
  isBetter: (order: number) => boolean,
): Json {
  let best = 0;
  for (let i = 1; i < items.length; i++) {
    step();
    if (isBetter(compare(keys[i] ?? null, keys[best] ?? null))) best = i;
  }
  return items[best] ?? null;
}

/** Adds values up. */
export function sumOf(items: readonly Json[]): Json {
  const sum = startSum(null);
  for (const item of items) {
    step();
    addTo(sum, item, meter.at);
  }
  return endSum(sum);
}

/** `name/count` to what it does. */
export const PATH_BUILTINS: Readonly<Record<string, Native>> = {
  "path/1": path,
  "paths/0": paths,
  "paths/1": paths,
  "getpath/1": getpath,
  "setpath/2": ofTwo((input, at, value) =>
    setPath(input, asPath(at), { value })
  ),
  "delpaths/1": ofOne((input, all) => deletePaths(input, all)),
  "del/1": del,
  "pick/1": pick,
  "sort_by/1": by(
    "sorted",
    (items, keys) => sortBy(items, keys).map((at) => items[at] ?? null),
  ),
  "group_by/1": by("sorted", groups),
  "unique_by/1": by(
    "sorted",
    (items, keys) => groups(items, keys).map(([first = null]) => first),
  ),
  "min_by/1": by(
    "sorted",
    (items, keys) => extreme(items, keys, (order) => order < 0),
  ),
  "max_by/1": by(
    "sorted",
    (items, keys) => extreme(items, keys, (order) => order >= 0),
  ),
  "add/0": {
    code: () => single((_, input) => sumOf(valuesOf(input))),
  },
  "add/1": {
    code: ([of]) =>
      single((env, input) =>
        of === undefined ? null : sumOf(collect(of.code, env, input))
      ),
  },
};
