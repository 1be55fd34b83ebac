/**
 * What an expression reads of its scope: the paths that it begins at.
 *
 * Rather too much than too little: where it is not clear what `.` is, all of
 * it counts as read.
 *
 * @module
 */

import {
  type Looks,
  type Reading,
  readNode,
  type ReadPath,
} from "./_reading.ts";
import type { Expression, PlainPath, Scope } from "./expression.ts";
import { isJsonArray, isJsonObject, type Json, member } from "../model/json.ts";
import { treeOf } from "./_tree.ts";

export type { Looks, ReadPath } from "./_reading.ts";

/** What of a scope an expression reads. */
export interface Reads {
  readonly paths: readonly ReadPath[];
  /**
   * Whether what it gives depends on what the texts that it reads say: `no`
   * where it only puts them into place, `perhaps` where it may depend on
   * whether something is a text, or is there.
   */
  readonly looks: Looks;
}

const known = new WeakMap<Expression, Reads>();

/** Finds what an expression reads. */
export function readsOf(expression: Expression): Reads {
  const reads = known.get(expression) ?? find(expression);
  known.set(expression, reads);
  return reads;
}

/** Gives what an expression reads in a scope. */
export function valuesRead(
  expression: Expression,
  scope: Scope,
): readonly Json[] {
  const { paths } = readsOf(expression);
  const own = new Map<string, Json>();
  const startOf = ({ variable }: PlainPath): Json => {
    if (variable === undefined) return scope.input;
    const value = own.get(variable) ??
      (Object.hasOwn(scope.variables, variable)
        ? scope.variables[variable] ?? null
        : null);
    own.set(variable, value);
    return value;
  };
  return paths.map((path) => follow(startOf(path), path.steps));
}

/** As far as the path goes: what is no object is read itself. */
function follow(start: Json, steps: readonly (string | number)[]): Json {
  let value = start;
  for (const step of steps) {
    if (typeof step === "string" && isJsonObject(value)) {
      value = member(value, step) ?? null;
    } else if (typeof step === "number" && isJsonArray(value)) {
      value = value.at(step) ?? null;
    } else return value;
  }
  return value;
}

function find(expression: Expression): Reads {
  const { path, literal, text } = expression;
  if (path !== undefined) return { paths: [{ ...path, at: 0 }], looks: "no" };
  if (literal !== undefined) return { paths: [], looks: "no" };
  if (text !== undefined) {
    const paths = text.flatMap((it) =>
      typeof it === "string" ? [] : [{ ...it, at: 0 }]
    );
    return { paths, looks: "no" };
  }
  const { variables: free } = expression;
  const tree = treeOf(expression);
  const reading: Reading = {
    paths: [],
    free,
    looks: "no",
    isUnclear: false,
  };
  readNode(reading, tree, true);
  if (reading.isUnclear) return readsAll(tree.start, free);
  return { paths: reading.paths, looks: reading.looks };
}

/** What is read where it is not clear what a name means. */
function readsAll(at: number, free: readonly string[] = []): Reads {
  const variables = free.map((variable) => ({ variable, steps: [], at }));
  return { paths: [{ steps: [], at }, ...variables], looks: "yes" };
}
