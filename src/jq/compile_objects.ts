/**
 * Compiles the making of objects.
 *
 * @module
 */

import { described } from "./arithmetic.ts";
import {
  type Code,
  type Env,
  many,
  type One,
  type Signal,
  single,
} from "./code.ts";
import type { Compiler } from "./compile.ts";
import { raise } from "./failure.ts";
import { makeObject, meter } from "./fuel.ts";
import { isObject, type Json, type MutableObject, putMember } from "./json.ts";
import type { Scope } from "./scope.ts";
import type { Node, ObjectEntry } from "./tree.ts";

/** Compiles `{a: 1, (b): 2}`. */
export function compileObject(
  compiler: Compiler,
  entries: readonly ObjectEntry[],
  scope: Scope | undefined,
): Code {
  const parts = entries.map(({ key, value }) => ({
    key: compiler.compile(key, scope),
    name: constantKey(key),
    value: compiler.compile(value, scope),
    start: key.start,
  }));
  const all = parts.flatMap(({ key, value }) => [key, value]);
  if (all.every(({ arity }) => arity === "one")) {
    const small = smallObject(parts);
    if (small !== undefined) return small;
    return single((env, input) => {
      const object: MutableObject = {};
      for (const { key, name, value, start } of parts) {
        if (name !== undefined) {
          object[name] = value.one(env, input) ?? null;
          continue;
        }
        const by = textKey(key.one(env, input) ?? null, start);
        putMember(object, by, value.one(env, input) ?? null);
      }
      makeObject(parts.length);
      return object;
    });
  }
  return many((env, input, emit) => {
    const next = (at: number, made: MutableObject): Signal => {
      const part = parts[at];
      if (part === undefined) return emit(made);
      return part.key.run(env, input, (key) => {
        const by = textKey(key, part.start);
        return part.value.run(env, input, (value) => {
          const object = { ...made };
          putMember(object, by, value);
          makeObject(at + 1);
          return next(at + 1, object);
        });
      });
    };
    return next(0, {});
  });
}

interface Part {
  readonly name: string | undefined;
  readonly value: Code;
}

/**
 * Objects of few members whose names are known, written out: so they have one
 * shape from the start.
 */
function smallObject(parts: readonly Part[]): Code | undefined {
  const names = parts.map(({ name }) => name);
  const [a, b, c, d] = parts.map(takerOf);
  const [first, second, third, fourth] = names;
  if (names.includes(undefined) || new Set(names).size < names.length) {
    return undefined;
  }
  const count = parts.length;
  if (a === undefined || first === undefined || parts.length > 4) {
    return undefined;
  }
  const template: MutableObject = {};
  for (const name of names) if (name !== undefined) template[name] = null;
  return single((env, input) => {
    makeObject(count);
    const made = { ...template };
    made[first] = taken(a, env, input);
    if (b !== undefined && second !== undefined) {
      made[second] = taken(b, env, input);
    }
    if (c !== undefined && third !== undefined) {
      made[third] = taken(c, env, input);
    }
    if (d !== undefined && fourth !== undefined) {
      made[fourth] = taken(d, env, input);
    }
    return made;
  });
}

/** What gives a value; for a member of `.` that is looked at here. */
interface Taker {
  readonly key: string | undefined;
  readonly one: One;
}

function takerOf({ value: { known, one } }: Part): Taker {
  return { key: known?.kind === "member" ? known.key : undefined, one };
}

function taken(
  { key, one }: Taker,
  env: Env | undefined,
  input: Json,
): Json {
  if (key !== undefined && isObject(input)) return input[key] ?? null;
  return one(env, input) ?? null;
}

/** A key that is known, and that no object inherits. */
function constantKey(key: Node): string | undefined {
  if (key.kind !== "literal" || typeof key.value !== "string") return undefined;
  return key.value === "__proto__" ? undefined : key.value;
}

function textKey(key: Json, start: number): string {
  if (typeof key === "string") return key;
  meter.at = start;
  return raise(`Cannot use ${described(key)} as object key`);
}
