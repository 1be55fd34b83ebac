/**
 * What the functions are made of that are not written in jq itself.
 *
 * @module
 */

import {
  type Argument,
  type Code,
  combine,
  type Env,
  type Paths,
  type Signal,
} from "./code.ts";
import { meter, readText } from "./fuel.ts";
import type { Json } from "./json.ts";

/** A function that is built in. */
export interface Native {
  /** Compiles a call of it at an offset. */
  readonly code: (given: readonly Argument[], start: number) => Code;
  /** Compiles a call for its paths, where it gives some. */
  readonly paths?: (given: readonly Argument[], start: number) => Paths;
}

/** A function of `.` and the values of its arguments. */
export function plain(
  compute: (input: Json, values: readonly Json[]) => Json,
): Native {
  return {
    code: (given, start) =>
      combine(given.map(({ code }) => code), (input, values) => {
        meter.at = start;
        if (typeof input === "string") readText(input);
        for (const value of values) {
          if (typeof value === "string") readText(value);
        }
        return compute(input, values);
      }),
  };
}

/** A function of `.` alone. */
export function ofInput(compute: (input: Json) => Json): Native {
  return plain((input) => compute(input));
}

/** A function of `.` and one value. */
export function ofOne(compute: (input: Json, value: Json) => Json): Native {
  return plain((input, [value = null]) => compute(input, value));
}

/** A function of `.` and two values. */
export function ofTwo(
  compute: (input: Json, a: Json, b: Json) => Json,
): Native {
  return plain((input, [a = null, b = null]) => compute(input, a, b));
}

/** What runs with an argument. */
export interface Running {
  readonly env: Env | undefined;
  readonly input: Json;
}

/** Gives the values of an argument in turn. */
export function each(
  argument: Argument | undefined,
  { env, input }: Running,
  emit: (value: Json) => Signal,
): Signal {
  return argument === undefined ? 0 : argument.code.run(env, input, emit);
}
