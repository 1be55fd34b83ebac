/**
 * Compiles assignments: `=`, `|=`, `+=` and their kind.
 *
 * @module
 */

import {
  type Code,
  type Env,
  firstOf,
  GO,
  loosest,
  many,
  type Paths,
  single,
} from "./code.ts";
import type { Compiler } from "./compile.ts";
import { seesInput } from "./compile_append.ts";
import { operatorOf } from "./compile_operators.ts";
import { runPaths } from "./recurse.ts";
import { meter } from "./fuel.ts";
import { isTrue, type Json } from "./json.ts";
import { deletePaths, getPath, type Owned, setPath } from "./paths.ts";
import type { Scope } from "./scope.ts";
import type { Node } from "./tree.ts";

type Assign = Extract<Node, { kind: "assign" }>;

/** Compiles an assignment. */
export function compileAssignment(
  compiler: Compiler,
  node: Assign,
  scope: Scope | undefined,
): Code {
  const paths = compiler.paths(node.left, scope);
  const right = compiler.compile(node.right, scope);
  if (node.operator === "|=") {
    return single((env, input) => {
      meter.at = node.start;
      return update(paths, { env, input }, (old) => firstOf(right, env, old));
    });
  }
  const apply = applierOf(node.operator);
  const assign = (env: Env | undefined, input: Json, value: Json): Json => {
    meter.at = node.start;
    return update(paths, { env, input }, (old) => apply(old, value));
  };
  if (right.arity === "many") {
    return many((env, input, emit) =>
      right.run(env, input, (value) => emit(assign(env, input, value)))
    );
  }
  return single((env, input) => {
    const value = right.one(env, input);
    return value === undefined ? undefined : assign(env, input, value);
  }, loosest(right));
}

function applierOf(
  operator: Exclude<Assign["operator"], "|=">,
): (old: Json, value: Json) => Json {
  switch (operator) {
    case "=":
      return (_, value) => value;
    case "//=":
      return (old, value) => isTrue(old) ? old : value;
    case "+=":
      return operatorOf("+");
    case "-=":
      return operatorOf("-");
    case "*=":
      return operatorOf("*");
    case "/=":
      return operatorOf("/");
    case "%=":
      return operatorOf("%");
  }
}

/** Assigns, and changes in place what it made itself before. */
export type InPlace = (
  env: Env | undefined,
  input: Json,
  mine: Mine,
) => Json;

/** Containers that one who assigns has made, and has given to nobody. */
export interface Mine {
  owned: Owned;
}

/**
 * Compiles an assignment that goes on where an earlier one ended, as `reduce`
 * has it; `undefined` where others might see what is in between.
 */
export function compileInPlace(
  compiler: Compiler,
  node: Node,
  scope: Scope | undefined,
): InPlace | undefined {
  if (node.kind === "pipe") {
    const first = compileInPlace(compiler, node.left, scope);
    const second = compileInPlace(compiler, node.right, scope);
    if (first === undefined || second === undefined) return undefined;
    return (env, input, mine) => second(env, first(env, input, mine), mine);
  }
  if (node.kind !== "assign") return undefined;
  // Of several paths a later one may read what an earlier one changed.
  if (!givesOnePath(compiler, node.left, scope)) return undefined;
  const { operator, start } = node;
  const right = compiler.compile(node.right, scope);
  const paths = compiler.paths(node.left, scope);
  if (operator === "|=") {
    return (env, input, mine) => {
      meter.at = start;
      const change = (old: Json) => firstOf(right, env, old);
      return update(paths, { env, input }, change, mine);
    };
  }
  if (right.arity !== "one" || seesInput(node.right)) return undefined;
  const apply = applierOf(operator);
  return (env, input, mine) => {
    const value = right.one(env, null) ?? null;
    meter.at = start;
    const change = (old: Json) => apply(old, value);
    return update(paths, { env, input }, change, mine);
  };
}

/** Whether a program gives one path, and is done with its input by then. */
function givesOnePath(
  compiler: Compiler,
  node: Node,
  scope: Scope | undefined,
): boolean {
  if (node.kind === "identity") return true;
  if (node.kind === "pipe") {
    return givesOnePath(compiler, node.left, scope) &&
      givesOnePath(compiler, node.right, scope);
  }
  return node.kind === "index" &&
    givesOnePath(compiler, node.target, scope) &&
    compiler.compile(node.key, scope).arity === "one";
}

/**
 * Gives all that stands at some paths a new value, or takes it away where
 * there is none.
 */
export function update(
  paths: Paths,
  from: { readonly env: Env | undefined; readonly input: Json },
  change: (old: Json) => Json | undefined,
  mine: Mine = { owned: new WeakSet() },
): Json {
  let result = from.input;
  const gone: Json[] = [];
  runPaths(paths, from, (path) => {
    const old = getPath(result, path);
    // What is given away must not be changed in place later.
    if (typeof old === "object" && old !== null && mine.owned.has(old)) {
      mine.owned = new WeakSet();
    }
    const value = change(old);
    if (value === undefined) gone.push(path);
    else result = setPath(result, path, { value, owned: mine.owned });
    return GO;
  });
  if (gone.length === 0) return result;
  // What is left is in containers that are not known to be made here.
  mine.owned = new WeakSet();
  return deletePaths(result, gone);
}
