/**
 * Compiles the making of objects.
 *
 * @module
 */

import { described } from "./arithmetic.ts";
import { type Code, many, type Signal, single } from "./code.ts";
import type { Compiler } from "./compile.ts";
import { raise } from "./failure.ts";
import { makeCells, meter } from "./fuel.ts";
import { type Json, type MutableObject, putMember } from "./json.ts";
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
      makeCells(parts.length + 1);
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
          makeCells(at + 2);
          return next(at + 1, object);
        });
      });
    };
    return next(0, {});
  });
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
