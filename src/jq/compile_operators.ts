/**
 * Compiles operators with two sides.
 *
 * @module
 */

import { add, divide, modulo, multiply, subtract } from "./arithmetic.ts";
import { type Code, combine, GO, loosest, many, single } from "./code.ts";
import type { Compiler } from "./compile.ts";
import { compileFast } from "./compile_numbers.ts";
import { meter } from "./fuel.ts";
import { isTrue, type Json } from "./json.ts";
import { compare, equals } from "./order.ts";
import type { Scope } from "./scope.ts";
import type { NodeOf, Operator } from "./tree.ts";

/** What an operator does with two values. */
export function operatorOf(operator: Operator): (a: Json, b: Json) => Json {
  return COMPUTE[operator];
}

export function compileBinary(
  compiler: Compiler,
  node: NodeOf<"binary">,
  scope: Scope | undefined,
): Code {
  const left = compiler.compile(node.left, scope);
  const right = compiler.compile(node.right, scope);
  const compute = COMPUTE[node.operator];
  const { start } = node;
  if (left.arity === "one" && right.arity === "one") {
    return compileFast(node.operator, { left, right }, (a, b) => {
      meter.at = start;
      return compute(a, b);
    });
  }
  return combine([left, right], (_, [a = null, b = null]) => {
    meter.at = start;
    return compute(a, b);
  });
}

export function compileLogic(
  compiler: Compiler,
  node: NodeOf<"and" | "or">,
  scope: Scope | undefined,
): Code {
  const left = compiler.compile(node.left, scope);
  const right = compiler.compile(node.right, scope);
  const decided = node.kind === "or";
  const arity = loosest(left, right);
  if (arity === "many") {
    return many((env, input, emit) =>
      left.run(env, input, (a) => {
        if (isTrue(a) === decided) return emit(decided);
        return right.run(env, input, (b) => emit(isTrue(b)));
      })
    );
  }
  return single((env, input) => {
    const a = left.one(env, input);
    if (a === undefined) return undefined;
    if (isTrue(a) === decided) return decided;
    const b = right.one(env, input);
    return b === undefined ? undefined : isTrue(b);
  }, arity);
}

export function compileAlternative(
  compiler: Compiler,
  node: NodeOf<"alternative">,
  scope: Scope | undefined,
): Code {
  const left = compiler.compile(node.left, scope);
  const right = compiler.compile(node.right, scope);
  if (left.arity !== "many" && right.arity !== "many") {
    return single((env, input) => {
      const value = left.one(env, input);
      if (value !== undefined && isTrue(value)) return value;
      return right.one(env, input);
    }, right.arity);
  }
  return many((env, input, emit) => {
    let isFound = false;
    const signal = left.run(env, input, (value) => {
      if (!isTrue(value)) return GO;
      isFound = true;
      return emit(value);
    });
    return isFound || signal !== GO ? signal : right.run(env, input, emit);
  });
}

const COMPUTE: Readonly<Record<Operator, (a: Json, b: Json) => Json>> = {
  "+": add,
  "-": subtract,
  "*": multiply,
  "/": divide,
  "%": modulo,
  "==": (a, b) => equals(a, b),
  "!=": (a, b) => !equals(a, b),
  "<": (a, b) => compare(a, b) < 0,
  "<=": (a, b) => compare(a, b) <= 0,
  ">": (a, b) => compare(a, b) > 0,
  ">=": (a, b) => compare(a, b) >= 0,
};
