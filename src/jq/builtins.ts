/**
 * The functions that are built in, by their names.
 *
 * @module
 */

import { DATE_BUILTINS } from "./builtins_dates.ts";
import { FLOW_BUILTINS } from "./builtins_flow.ts";
import { LOOP_BUILTINS } from "./builtins_loops.ts";
import { MATH_BUILTINS } from "./builtins_math.ts";
import { PATH_BUILTINS } from "./builtins_paths.ts";
import { REGEX_BUILTINS } from "./builtins_regex.ts";
import { TEXT_BUILTINS } from "./builtins_text.ts";
import { VALUE_BUILTINS } from "./builtins_values.ts";
import { makeArray } from "./fuel.ts";
import { type Native, plain } from "./native.ts";
import { listPrelude } from "./prelude.ts";

let natives: Readonly<Record<string, Native>> | undefined;
let listed: readonly string[] | undefined;

/** All of them, put together for the first program that calls one. */
function allNatives(): Readonly<Record<string, Native>> {
  return natives ??= {
    ...FLOW_BUILTINS,
    ...LOOP_BUILTINS,
    ...PATH_BUILTINS,
    ...VALUE_BUILTINS,
    ...TEXT_BUILTINS,
    ...REGEX_BUILTINS,
    ...MATH_BUILTINS,
    ...DATE_BUILTINS,
    "builtins/0": plain(() => {
      const all = listBuiltins();
      makeArray(all.length);
      return all;
    }),
  };
}

/** Finds a function by its name and the number of its arguments. */
export function findNative(name: string, count: number): Native | undefined {
  const key = `${name}/${count}`;
  const known = allNatives();
  return Object.hasOwn(known, key) ? known[key] : undefined;
}

/** All functions that are built in, as `name/count`. */
export function listBuiltins(): readonly string[] {
  return listed ??= [
    ...new Set([...Object.keys(allNatives()), ...listPrelude()]),
  ].filter((it) => !it.startsWith("_")).sort();
}
