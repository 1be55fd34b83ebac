/**
 * Compiles what takes a part of a value: `.a`, `.[0]`, `.[1:3]`, `.[]`.
 *
 * @module
 */

import {
  type Code,
  combine,
  type Emit,
  GO,
  loosest,
  many,
  type Signal,
  single,
} from "./code.ts";
import type { Compiler } from "./compile.ts";
import { Raised } from "./failure.ts";
import { meter, noteCaught, step } from "./fuel.ts";
import { index, slice, valuesOf } from "./indexing.ts";
import { isArray, isContainer, isObject, type Json } from "./json.ts";
import type { Scope } from "./scope.ts";
import type { Node, NodeOf } from "./tree.ts";

export function compileIndex(
  compiler: Compiler,
  node: NodeOf<"index">,
  scope: Scope | undefined,
): Code {
  const target = compiler.compile(node.target, scope);
  const { key, start } = node;
  const isOptional = node.isOptional === true;
  if (key.kind === "literal" && typeof key.value === "string") {
    const must = memberTaker(key.value, start);
    const take = isOptional ? unlessRaised(must) : must;
    const arity = isOptional && target.arity === "one" ? "maybe" : target.arity;
    if (node.target.kind === "identity") {
      const code = single((_, it) => take(it), arity);
      if (isOptional || key.value in Object.prototype) return code;
      return { ...code, known: { kind: "member", key: key.value } };
    }
    if (target.arity === "many") {
      return many((env, input, emit) =>
        target.run(env, input, (value) => given(take(value), emit))
      );
    }
    const { one } = target;
    return single((env, input) => {
      const value = one(env, input);
      return value === undefined ? undefined : take(value);
    }, arity);
  }
  const keys = compiler.compile(key, scope);
  const must = (value: Json, by: Json): Json => {
    meter.at = start;
    return index(value, by);
  };
  const take = isOptional ? unlessRaised(must) : must;
  if (target.arity === "many" || keys.arity === "many") {
    // The keys change last.
    return many((env, input, emit) =>
      keys.run(
        env,
        input,
        (by) => target.run(env, input, (value) => given(take(value, by), emit)),
      )
    );
  }
  const arity = isOptional ? "maybe" : loosest(target, keys);
  return single((env, input) => {
    const by = keys.one(env, input);
    if (by === undefined) return undefined;
    const value = target.one(env, input);
    return value === undefined ? undefined : take(value, by);
  }, arity);
}

function given(value: Json | undefined, emit: Emit): Signal {
  return value === undefined ? GO : emit(value);
}

/** The same, with nothing where it raises. */
export function unlessRaised<Given extends readonly unknown[], Made>(
  take: (...given: Given) => Made,
): (...given: Given) => Made | undefined {
  return (...given) => {
    try {
      return take(...given);
    } catch (thrown) {
      if (!(thrown instanceof Raised)) throw thrown;
      noteCaught();
      return undefined;
    }
  };
}

/** Takes the member of one name, fast where nothing is inherited by it. */
function memberTaker(key: string, start: number): (value: Json) => Json {
  const isInherited = key in Object.prototype;
  return (value) => {
    if (value === null) return null;
    if (!isInherited && isObject(value)) return value[key] ?? null;
    meter.at = start;
    return index(value, key);
  };
}

export function compileSlice(
  compiler: Compiler,
  node: NodeOf<"slice">,
  scope: Scope | undefined,
): Code {
  const nothing: Node = { ...node, kind: "literal", value: null };
  const target = compiler.compile(node.target, scope);
  const from = compiler.compile(node.from ?? nothing, scope);
  const to = compiler.compile(node.to ?? nothing, scope);
  const parts = combine([target, to, from], (_, values) => values);
  const must = (values: Json): Json => {
    const [value = null, end = null, start = null] = isArray(values)
      ? values
      : [];
    meter.at = node.start;
    return slice(value, start, end);
  };
  const take = node.isOptional === true ? unlessRaised(must) : must;
  if (parts.arity === "many") {
    return many((env, input, emit) =>
      parts.run(env, input, (values) => given(take(values), emit))
    );
  }
  return single((env, input) => {
    const values = parts.one(env, input);
    return values === undefined ? undefined : take(values);
  }, node.isOptional === true ? "maybe" : parts.arity);
}

export function compileIterate(
  compiler: Compiler,
  { target: from, start, isOptional }: NodeOf<"iterate">,
  scope: Scope | undefined,
): Code {
  const each = (value: Json, emit: Emit): Signal => {
    meter.at = start;
    if (isOptional === true && !isContainer(value)) return GO;
    for (const item of valuesOf(value)) {
      step();
      const signal = emit(item);
      if (signal !== GO) return signal;
    }
    return GO;
  };
  if (from.kind === "identity") {
    return many((_, input, emit) => each(input, emit));
  }
  const target = compiler.compile(from, scope);
  return many((env, input, emit) =>
    target.run(env, input, (value) => each(value, emit))
  );
}
