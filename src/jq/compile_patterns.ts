/**
 * Compiles `as`: what it binds, and alternatives with `?//`.
 *
 * @module
 */

import { type Code, Env, many, type Signal, single } from "./code.ts";
import type { Compiler, Place } from "./compile.ts";
import { attempt } from "./compile_try.ts";
import { Raised } from "./failure.ts";
import { meter, step } from "./fuel.ts";
import { index } from "./indexing.ts";
import type { Json } from "./json.ts";
import { type Scope, within } from "./scope.ts";
import type { Node, Pattern } from "./tree.ts";

/** Binds the variables of a pattern, in all ways. */
export type Binder = (
  env: Env | undefined,
  value: Json,
  then: (env: Env | undefined) => Signal,
) => Signal;

/** Patterns compiled: the scope behind them, and what binds it. */
export interface Bound {
  readonly scope: Scope | undefined;
  /** One for each alternative; all bind the same names in the same order. */
  readonly binders: readonly Binder[];
  /** Whether they bind one name to the value itself. */
  readonly isSimple: boolean;
}

/** Compiles patterns; the scope has the names of all alternatives. */
export function compilePatterns(
  compiler: Compiler,
  patterns: readonly Pattern[],
  scope: Scope | undefined,
): Bound {
  const [only] = patterns;
  if (patterns.length === 1 && only !== undefined) {
    const { inner, binder } = compilePattern(compiler, only, scope);
    const isSimple = only.kind === "variable";
    return { scope: inner, binders: [binder], isSimple };
  }
  const names = [...new Set(patterns.flatMap(namesOf))];
  const nulls = names.reduce<Scope | undefined>(
    (outer, name) => within(outer, { kind: "variable", name }),
    scope,
  );
  let last = nulls;
  const binders = patterns.map((pattern): Binder => {
    const { binder } = compilePattern(compiler, pattern, nulls);
    const bound = namesOf(pattern);
    last = names.reduce<Scope | undefined>(
      (outer, name) => within(outer, { kind: "variable", name }),
      scope,
    );
    return (env, value, then) => {
      let outer = env;
      for (let i = 0; i < names.length; i++) outer = new Env(null, outer);
      return binder(
        outer,
        value,
        (found) => then(rebound(env, { names, bound, found })),
      );
    };
  });
  return { scope: last, binders, isSimple: false };
}

/** Binds all names in one order; those that this pattern has not, to null. */
function rebound(
  env: Env | undefined,
  { names, bound, found }: {
    readonly names: readonly string[];
    readonly bound: readonly string[];
    readonly found: Env | undefined;
  },
): Env | undefined {
  const values = new Map<string, Json>();
  let at = found;
  for (const name of bound.toReversed()) {
    if (!values.has(name)) values.set(name, at?.value ?? null);
    at = at?.parent;
  }
  return names.reduce<Env | undefined>(
    (outer, name) => new Env(values.get(name) ?? null, outer),
    env,
  );
}

/** The names that a pattern binds, in the order in which it does. */
export function namesOf(pattern: Pattern): readonly string[] {
  switch (pattern.kind) {
    case "variable":
      return [pattern.name];
    case "array":
      return pattern.items.flatMap(namesOf);
    case "object":
      return pattern.entries.flatMap(({ variable, value }) => [
        ...(variable === undefined ? [] : [variable]),
        ...(value === undefined ? [] : namesOf(value)),
      ]);
  }
}

interface CompiledPattern {
  readonly inner: Scope | undefined;
  readonly binder: Binder;
}

function compilePattern(
  compiler: Compiler,
  pattern: Pattern,
  scope: Scope | undefined,
): CompiledPattern {
  switch (pattern.kind) {
    case "variable":
      return {
        inner: within(scope, { kind: "variable", name: pattern.name }),
        binder: (env, value, then) => then(new Env(value, env)),
      };
    case "array":
      return compileItems(compiler, pattern, scope);
    case "object":
      return compileEntries(compiler, pattern, scope);
  }
}

function compileItems(
  compiler: Compiler,
  { items, start }: Extract<Pattern, { kind: "array" }>,
  scope: Scope | undefined,
): CompiledPattern {
  let inner = scope;
  const binders = items.map((item) => {
    const compiled = compilePattern(compiler, item, inner);
    inner = compiled.inner;
    return compiled.binder;
  });
  const bindFrom = (
    at: number,
    env: Env | undefined,
    of: {
      readonly value: Json;
      readonly then: (env: Env | undefined) => Signal;
    },
  ): Signal => {
    const binder = binders[at];
    if (binder === undefined) return of.then(env);
    meter.at = start;
    return binder(
      env,
      index(of.value, at),
      (next) => bindFrom(at + 1, next, of),
    );
  };
  return {
    inner,
    binder: (env, value, then) => bindFrom(0, env, { value, then }),
  };
}

/**
 * The keys see what was bound before them, and the value that all is taken
 * from as `.`.
 */
function compileEntries(
  compiler: Compiler,
  { entries, start }: Extract<Pattern, { kind: "object" }>,
  scope: Scope | undefined,
): CompiledPattern {
  let inner = scope;
  const steps = entries.map((entry) => {
    const key = compiler.compile(entry.key, inner);
    const name = entry.variable;
    if (name !== undefined) inner = within(inner, { kind: "variable", name });
    if (entry.value === undefined) return { key, name };
    const compiled = compilePattern(compiler, entry.value, inner);
    inner = compiled.inner;
    return { key, name, binder: compiled.binder };
  });
  const bindFrom = (
    at: number,
    env: Env | undefined,
    of: {
      readonly value: Json;
      readonly then: (env: Env | undefined) => Signal;
    },
  ): Signal => {
    const entry = steps[at];
    if (entry === undefined) return of.then(env);
    const { key, name, binder } = entry;
    return key.run(env, of.value, (by) => {
      meter.at = start;
      if (typeof by !== "string") index(null, true);
      const found = index(of.value, by);
      const next = name === undefined ? env : new Env(found, env);
      if (binder === undefined) return bindFrom(at + 1, next, of);
      return binder(next, found, (bound) => bindFrom(at + 1, bound, of));
    });
  };
  return {
    inner,
    binder: (env, value, then) => bindFrom(0, env, { value, then }),
  };
}

/** Runs something for what patterns bind: the first that does not raise. */
export function bindFirst<Given extends readonly unknown[]>(
  { binders }: Bound,
  bind: { readonly env: Env | undefined; readonly value: Json },
  run: {
    readonly body: (
      env: Env | undefined,
      emit: (...given: Given) => Signal,
    ) => Signal;
    readonly emit: (...given: Given) => Signal;
  },
): Signal {
  const { env, value } = bind;
  const { body, emit } = run;
  for (const [i, binder] of binders.entries()) {
    if (i === binders.length - 1) {
      return binder(env, value, (inner) => body(inner, emit));
    }
    const { depth } = meter;
    const raised = attempt<Given, Signal>(
      (guarded) => binder(env, value, (inner) => body(inner, guarded)),
      emit,
    );
    if (!(raised instanceof Raised)) return raised;
    meter.depth = depth;
  }
  return 0;
}

/** Compiles `source as patterns | body`. */
export function compileBind(
  compiler: Compiler,
  node: Extract<Node, { kind: "bind" }>,
  { scope, isTail }: Place,
): Code {
  const source = compiler.compile(node.source, scope);
  const bound = compilePatterns(compiler, node.patterns, scope);
  const { isSimple } = bound;
  const isLast = isTail && isSimple && source.arity !== "many";
  const body = compiler.compile(node.body, bound.scope, isLast);
  if (isSimple && source.arity !== "many" && body.arity !== "many") {
    const { one: first } = source;
    const { one: second } = body;
    const arity = source.arity === "one" ? body.arity : "maybe";
    return single((env, input) => {
      const value = first(env, input);
      if (value === undefined) return undefined;
      return second(new Env(value, env), input);
    }, arity);
  }
  if (isSimple) {
    return many((env, input, emit) =>
      source.run(env, input, (value) => {
        step();
        return body.run(new Env(value, env), input, emit);
      })
    );
  }
  return many((env, input, emit) =>
    source.run(env, input, (value) => {
      step();
      return bindFirst(bound, { env, value }, {
        body: (inner, guarded) => body.run(inner, input, guarded),
        emit,
      });
    })
  );
}
