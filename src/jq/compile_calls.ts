/**
 * Compiles calls: of what a function is given, of functions that are defined,
 * and of those that are built in.
 *
 * @module
 */

import { findNative } from "./builtins.ts";
import {
  type Argument,
  type Arity,
  Closure,
  type Code,
  Env,
  finish,
  finishRun,
  later,
  many,
  type Paths,
  runLater,
  single,
} from "./code.ts";
import type { Compiler, Place } from "./compile.ts";
import { raise } from "./failure.ts";
import { descend, makeCells, meter, step } from "./fuel.ts";
import { findPrelude } from "./prelude.ts";
import {
  depthOf,
  find,
  type FunctionEntry,
  outward,
  type Scope,
  type Variant,
  within,
} from "./scope.ts";
import type { Definition, Node } from "./tree.ts";

type Call = Extract<Node, { kind: "call" }>;

/** Compiles a call. */
export function compileCall(
  compiler: Compiler,
  node: Call,
  place: Place,
): Code {
  const found = findFunction(node, place.scope);
  if (found?.entry.kind === "closure") {
    return compileClosure(found.entry.arity, found, place);
  }
  if (found?.entry.kind === "function") {
    return compileFunction(compiler, { node, entry: found.entry }, place);
  }
  const native = findNative(node.name, node.arguments.length);
  if (native !== undefined) {
    const given = node.arguments.map((it) =>
      compiler.argument(it, place.scope)
    );
    return native.code(given, node.start);
  }
  const prelude = findPrelude(node.name, node.arguments.length);
  if (prelude !== undefined) {
    return compileFunction(compiler, { node, entry: prelude }, place);
  }
  return single(() => raise(`Unknown function "${node.name}"`));
}

/** Finds the function or the argument that a call means. */
export function findFunction(
  { name, arguments: given }: Call,
  scope: Scope | undefined,
): Scope | undefined {
  const found = find(scope, (entry) => {
    if (entry.kind === "function") {
      return entry.definition.name === name &&
        entry.definition.parameters.length === given.length;
    }
    return entry.kind === "closure" && given.length === 0 &&
      entry.name === name;
  });
  return found;
}

/** A function knows itself: it is found in the scope that it makes. */
function compileClosure(
  arity: Arity,
  found: Scope,
  { scope }: Place,
): Code {
  const distance = depthOf(scope) - found.depth;
  if (arity !== "many") {
    return single((env, input) => {
      const other = outward(env, distance)?.other;
      if (!(other instanceof Closure)) return undefined;
      return other.argument.code.one(other.env, input);
    }, arity);
  }
  return many((env, input, emit) => {
    const other = outward(env, distance)?.other;
    if (!(other instanceof Closure)) return 0;
    step();
    return other.argument.code.run(other.env, input, emit);
  });
}

/** What a call has of its function, for values and for paths. */
export interface Called {
  /** The scope of the body. */
  readonly inner: Scope | undefined;
  /** The body, with parameters that are values bound. */
  readonly body: Node;
  /** Binds what the function is given. */
  readonly enter: (env: Env | undefined) => Env | undefined;
}

/** Prepares the call of a function with what it is given. */
export function prepareCall(
  entry: FunctionEntry,
  given: readonly Argument[],
  scope: Scope | undefined,
): Called {
  const { definition } = entry;
  let inner: Scope | undefined = ownScope(entry);
  definition.parameters.forEach(({ name }, i) => {
    const arity = given[i]?.code.arity ?? "many";
    inner = within(inner, { kind: "closure", name, arity });
  });
  const distance = depthOf(scope) - depthOf(entry.scope);
  const enter = (env: Env | undefined): Env | undefined => {
    let callee = outward(env, distance);
    for (const argument of given) {
      callee = new Env(null, callee, new Closure(argument, env));
    }
    return callee;
  };
  return { inner, body: withValues(definition), enter };
}

const ownScopes = new WeakMap<FunctionEntry, Scope>();

/** The scope in which a function stands for itself. */
function ownScope(entry: FunctionEntry): Scope {
  const known = ownScopes.get(entry);
  if (known !== undefined) return known;
  const scope: Scope = {
    entry,
    parent: entry.scope,
    depth: depthOf(entry.scope),
  };
  ownScopes.set(entry, scope);
  return scope;
}

/** `def f($a): b;` is `def f(a): a as $a | b;`. */
function withValues({ parameters, body }: Definition): Node {
  return parameters.toReversed().reduce<Node>((inner, parameter) => {
    if (!parameter.isValue) return inner;
    const { isValue: _, ...located } = parameter;
    return {
      ...located,
      kind: "bind",
      source: { ...located, kind: "call", arguments: [] },
      patterns: [{ ...located, kind: "variable" }],
      body: inner,
    };
  }, body);
}

function compileFunction(
  compiler: Compiler,
  { node, entry }: { readonly node: Call; readonly entry: FunctionEntry },
  { scope, isTail }: Place,
): Code {
  const given = node.arguments.map((it) => compiler.argument(it, scope));
  const called = prepareCall(entry, given, scope);
  const { enter } = called;
  const variant = variantOf(compiler, { entry, called, given });
  const arity = variant.code?.arity ?? variant.assumed;
  if (variant.code === undefined) variant.isRelied = true;
  // While it is compiled, the code of the variant is not there yet.
  const codeOf = (): Code => variant.code ?? NOTHING;
  // What is given to a call that is left to others stays until that is done.
  const kept = given.length * CLOSURE_CELLS;
  if (arity !== "many") {
    if (isTail) {
      return single((env, input) => {
        makeCells(kept);
        return later(codeOf(), enter(env), input);
      }, arity);
    }
    return single((env, input) => {
      step();
      descend();
      const value = finish(codeOf().one(enter(env), input));
      meter.depth -= 1;
      return value;
    }, arity);
  }
  if (isTail) {
    return many((env, input, emit) => {
      makeCells(kept);
      return runLater(codeOf(), { env: enter(env), input }, emit);
    });
  }
  return many((env, input, emit) => {
    step();
    descend();
    const signal = finishRun(codeOf().run(enter(env), input, emit));
    meter.depth -= 1;
    return signal;
  });
}

/** What an argument takes in memory, in cells. */
const CLOSURE_CELLS = 16;
const NOTHING: Code = single(() => undefined, "maybe");

/** Finds or compiles the version of a function for what it is given. */
function variantOf(
  compiler: Compiler,
  { entry, called, given }: {
    readonly entry: FunctionEntry;
    readonly called: Called;
    readonly given: readonly Argument[];
  },
): Variant {
  const key = given.map(({ code }) => code.arity).join();
  const known = entry.variants.get(key);
  if (known !== undefined) return known;
  const variant: Variant = {
    assumed: compiler.isLarge ? "many" : "maybe",
    isRelied: false,
  };
  entry.variants.set(key, variant);
  const code = compiler.compile(called.body, called.inner, true);
  if (code.arity === "many" && variant.isRelied && variant.assumed !== "many") {
    // It gives more than was hoped: those that rely on that are made again.
    variant.assumed = "many";
    variant.code = compiler.compile(called.body, called.inner, true);
  } else variant.code = code;
  return variant;
}

/** Compiles a call for the paths that it gives; `undefined` without any. */
export function compileCallPaths(
  compiler: Compiler,
  node: Call,
  scope: Scope | undefined,
): Paths | undefined {
  const found = findFunction(node, scope);
  if (found?.entry.kind === "closure") return closurePaths(found, scope);
  const native = found === undefined
    ? findNative(node.name, node.arguments.length)
    : undefined;
  const given = node.arguments.map((it) => compiler.argument(it, scope));
  if (native?.paths !== undefined) return native.paths(given, node.start);
  const entry = found?.entry ?? findPrelude(node.name, node.arguments.length);
  if (entry?.kind !== "function") return undefined;
  const called = prepareCall(entry, given, scope);
  const { enter } = called;
  let body: Paths | undefined;
  // Compiled at the first call: a function may call itself.
  return (env, at, emit) => {
    step();
    descend();
    const many = manyScope(called.inner);
    body ??= entry.paths.run ??= compiler.paths(called.body, many);
    const signal = body(enter(env), at, emit);
    meter.depth -= 1;
    return signal;
  };
}

/** For paths, one version of a function is enough. */
function manyScope(scope: Scope | undefined): Scope | undefined {
  if (scope?.entry.kind !== "closure") return scope;
  return within(manyScope(scope.parent), { ...scope.entry, arity: "many" });
}

function closurePaths(found: Scope, scope: Scope | undefined): Paths {
  const distance = depthOf(scope) - found.depth;
  return (env, at, emit) => {
    const other = outward(env, distance)?.other;
    if (!(other instanceof Closure)) return 0;
    step();
    return other.argument.paths()(other.env, at, emit);
  };
}
