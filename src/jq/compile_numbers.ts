/**
 * Compiles operators with two sides so that numbers, which most of them are
 * for, are computed with at once: each operator is written out, as a function
 * that is looked up costs more than what it computes.
 *
 * @module
 */

import { type Code, deciding, type One, single, type Test } from "./code.ts";
import { isObject, type Json } from "./json.ts";
import type { Operator } from "./tree.ts";

interface Sides {
  readonly left: Code;
  readonly right: Code;
}

/** What an operator does with all values. */
type Slow = (a: Json, b: Json) => Json;

/** Compiles an operator whose sides give one value each. */
export function compileFast(
  operator: Operator,
  sides: Sides,
  slow: Slow,
): Code {
  const test = memberTest(operator, sides, slow) ??
    valueTest(operator, sides, slow);
  if (test !== undefined) return deciding(test);
  return single(arithmetic(operator, sides, slow));
}

/** Compares a member with a number that is known; others are left to `slow`. */
function memberTest(
  operator: Operator,
  { left, right }: Sides,
  slow: Slow,
): Test | undefined {
  if (left.known?.kind !== "member") return undefined;
  if (right.known?.kind !== "constant") return undefined;
  const { key } = left.known;
  const { value: number } = right.known;
  if (typeof number !== "number") return undefined;
  const { one } = left;
  const rest: Test = (env, input) =>
    slow(one(env, input) ?? null, number) === true;
  // What is no number (NaN) is below all, and the same as none.
  switch (operator) {
    case "==":
      return (env, input) => {
        const a = memberOf(input, key);
        return typeof a === "number" ? a === number : rest(env, input);
      };
    case "!=":
      return (env, input) => {
        const a = memberOf(input, key);
        return typeof a === "number" ? a !== number : rest(env, input);
      };
    case "<":
      return (env, input) => {
        const a = memberOf(input, key);
        return typeof a === "number" ? !(a >= number) : rest(env, input);
      };
    case "<=":
      return (env, input) => {
        const a = memberOf(input, key);
        return typeof a === "number" ? !(a > number) : rest(env, input);
      };
    case ">":
      return (env, input) => {
        const a = memberOf(input, key);
        return typeof a === "number" ? a > number : rest(env, input);
      };
    case ">=":
      return (env, input) => {
        const a = memberOf(input, key);
        return typeof a === "number" ? a >= number : rest(env, input);
      };
    default:
      return undefined;
  }
}

function memberOf(value: Json, key: string): Json | undefined {
  return isObject(value) ? value[key] : undefined;
}

/** Compares what the sides give. */
function valueTest(
  operator: Operator,
  { left, right }: Sides,
  slow: Slow,
): Test | undefined {
  const { one: first } = left;
  const { one: second } = right;
  const rest = (a: Json, b: Json): boolean => slow(a, b) === true;
  switch (operator) {
    case "==":
      return (env, input) => {
        const b = second(env, input) ?? null;
        const a = first(env, input) ?? null;
        if (typeof a === "number" && typeof b === "number") {
          return a === b;
        }
        return rest(a, b);
      };
    case "!=":
      return (env, input) => {
        const b = second(env, input) ?? null;
        const a = first(env, input) ?? null;
        if (typeof a === "number" && typeof b === "number") {
          return a !== b;
        }
        return rest(a, b);
      };
    case "<":
      return (env, input) => {
        const b = second(env, input) ?? null;
        const a = first(env, input) ?? null;
        if (typeof a === "number" && typeof b === "number") {
          return a < b || Number.isNaN(a);
        }
        return rest(a, b);
      };
    case "<=":
      return (env, input) => {
        const b = second(env, input) ?? null;
        const a = first(env, input) ?? null;
        if (typeof a === "number" && typeof b === "number") {
          return a <= b || Number.isNaN(a);
        }
        return rest(a, b);
      };
    case ">":
      return (env, input) => {
        const b = second(env, input) ?? null;
        const a = first(env, input) ?? null;
        if (typeof a === "number" && typeof b === "number") {
          return a > b || (Number.isNaN(b) && !Number.isNaN(a));
        }
        return rest(a, b);
      };
    case ">=":
      return (env, input) => {
        const b = second(env, input) ?? null;
        const a = first(env, input) ?? null;
        if (typeof a === "number" && typeof b === "number") {
          return a >= b || (Number.isNaN(b) && !Number.isNaN(a));
        }
        return rest(a, b);
      };
    default:
      return undefined;
  }
}

/** Computes with what the sides give. */
function arithmetic(
  operator: Operator,
  { left, right }: Sides,
  slow: Slow,
): One {
  const number = right.known?.kind === "constant" ? right.known.value : null;
  return typeof number === "number"
    ? withNumber(operator, left, { number, slow })
    : withValues(operator, { left, right }, slow);
}

/** Computes with a number that is known. */
function withNumber(
  operator: Operator,
  { one, known }: Code,
  { number, slow }: { readonly number: number; readonly slow: Slow },
): One {
  const key = known?.kind === "member" ? known.key : undefined;
  const take: One = (env, input) =>
    key !== undefined && isObject(input) ? input[key] : one(env, input);
  switch (operator) {
    case "+":
      return (env, input) => {
        const a = take(env, input) ?? null;
        return typeof a === "number" ? a + number : slow(a, number);
      };
    case "-":
      return (env, input) => {
        const a = take(env, input) ?? null;
        return typeof a === "number" ? a - number : slow(a, number);
      };
    case "*":
      return (env, input) => {
        const a = take(env, input) ?? null;
        return typeof a === "number" ? a * number : slow(a, number);
      };
    default:
      return (env, input) => slow(take(env, input) ?? null, number);
  }
}

function withValues(
  operator: Operator,
  { left, right }: Sides,
  slow: Slow,
): One {
  const { one: first } = left;
  const { one: second } = right;
  switch (operator) {
    case "+":
      return (env, input) => {
        const b = second(env, input) ?? null;
        const a = first(env, input) ?? null;
        if (typeof a === "number" && typeof b === "number") return a + b;
        return slow(a, b);
      };
    case "-":
      return (env, input) => {
        const b = second(env, input) ?? null;
        const a = first(env, input) ?? null;
        if (typeof a === "number" && typeof b === "number") return a - b;
        return slow(a, b);
      };
    case "*":
      return (env, input) => {
        const b = second(env, input) ?? null;
        const a = first(env, input) ?? null;
        if (typeof a === "number" && typeof b === "number") return a * b;
        return slow(a, b);
      };
    default:
      return (env, input) => {
        const b = second(env, input) ?? null;
        const a = first(env, input) ?? null;
        return slow(a, b);
      };
  }
}
