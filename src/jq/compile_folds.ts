/**
 * Compiles `reduce` and `foreach`.
 *
 * @module
 */

import { type Code, Env, GO, many, type Signal, single } from "./code.ts";
import type { Compiler } from "./compile.ts";
import { compileAppend } from "./compile_append.ts";
import { compileInPlace, type Mine } from "./compile_assign.ts";
import { bindFirst, compilePatterns } from "./compile_patterns.ts";
import { step } from "./fuel.ts";
import { isArray, type Json } from "./json.ts";
import type { Scope } from "./scope.ts";
import { endSum, startSum } from "./sums.ts";
import type { Node } from "./tree.ts";

/** Compiles `reduce source as patterns (initial; update)`. */
export function compileReduce(
  compiler: Compiler,
  node: Extract<Node, { kind: "reduce" }>,
  scope: Scope | undefined,
): Code {
  const source = compiler.compile(node.source, scope);
  const bound = compilePatterns(compiler, node.patterns, scope);
  const initial = compiler.compile(node.initial, scope);
  const update = compiler.compile(node.update, bound.scope);
  const { isSimple } = bound;
  const append = isSimple
    ? compileAppend(compiler, node.update, bound.scope)
    : undefined;
  const assign = isSimple
    ? compileInPlace(compiler, node.update, bound.scope)
    : undefined;
  const last = (env: Env | undefined, state: Json): Json => {
    if (update.arity !== "many") return update.one(env, state) ?? null;
    let result: Json = null;
    update.run(env, state, (value) => {
      result = value;
      return GO;
    });
    return result;
  };
  const overItems = isSimple && node.source.kind === "iterate" &&
    node.source.target.kind === "identity" && update.arity !== "many";
  const fold = (env: Env | undefined, input: Json, from: Json): Json => {
    if (append !== undefined) {
      const sum = startSum(from);
      source.run(env, input, (value) => {
        step();
        append(new Env(value, env), sum);
        return GO;
      });
      return endSum(sum);
    }
    if (assign !== undefined) {
      const mine: Mine = { owned: new WeakSet() };
      let assigned = from;
      source.run(env, input, (value) => {
        step();
        assigned = assign(new Env(value, env), assigned, mine);
        return GO;
      });
      return assigned;
    }
    let state = from;
    if (overItems && isArray(input)) {
      for (const item of input) {
        step();
        state = update.one(new Env(item, env), state) ?? null;
      }
      return state;
    }
    source.run(env, input, (value): Signal => {
      step();
      if (isSimple) {
        state = last(new Env(value, env), state);
        return GO;
      }
      // What is bound in several ways updates several times.
      return bindFirst<readonly []>(bound, { env, value }, {
        body: (inner) => {
          state = last(inner, state);
          return GO;
        },
        emit: () => GO,
      });
    });
    return state;
  };
  if (initial.arity === "many") {
    return many((env, input, emit) =>
      initial.run(env, input, (from) => emit(fold(env, input, from)))
    );
  }
  return single((env, input) => {
    const from = initial.one(env, input);
    return from === undefined ? undefined : fold(env, input, from);
  }, initial.arity);
}

/** Compiles `foreach source as patterns (initial; update; extract)`. */
export function compileForeach(
  compiler: Compiler,
  node: Extract<Node, { kind: "foreach" }>,
  scope: Scope | undefined,
): Code {
  const source = compiler.compile(node.source, scope);
  const bound = compilePatterns(compiler, node.patterns, scope);
  const initial = compiler.compile(node.initial, scope);
  const update = compiler.compile(node.update, bound.scope);
  const extract = node.extract === undefined
    ? undefined
    : compiler.compile(node.extract, bound.scope);
  return many((env, input, emit) =>
    initial.run(env, input, (from) => {
      let state: Json = from;
      return source.run(env, input, (value) => {
        step();
        return bindFirst<readonly [Json]>(bound, { env, value }, {
          body: (inner, give) => {
            const before = state;
            // Where an update gives nothing, null is left.
            state = null;
            return update.run(inner, before, (next) => {
              state = next;
              return extract?.run(inner, next, give) ?? give(next);
            });
          },
          emit,
        });
      });
    })
  );
}
