/**
 * Walks through values, and through the paths to what is in them.
 *
 * @module
 */

import {
  type Emit,
  type EmitPath,
  type Env,
  GO,
  NOWHERE,
  Path,
  type Paths,
  ROOT,
  type Signal,
} from "./code.ts";
import { raise } from "./failure.ts";
import { makeGrown, step } from "./fuel.ts";
import { valuesOf } from "./indexing.ts";
import { isArray, isObject, type Json } from "./json.ts";
import { listKeys } from "./keys.ts";
import { writeShort } from "./write_json.ts";

/** Gives a value and all that is in it. */
export function recurse(value: Json, emit: Emit): Signal {
  step();
  const signal = emit(value);
  if (signal !== GO || typeof value !== "object" || value === null) {
    return signal;
  }
  for (const item of valuesOf(value)) {
    const next = recurse(item, emit);
    if (next !== GO) return next;
  }
  return GO;
}

/** Gives a path and those of all that is below it. */
export function recursePaths(path: Path, value: Json, emit: EmitPath): Signal {
  step();
  const signal = emit(path, value);
  if (signal !== GO || typeof value !== "object" || value === null) {
    return signal;
  }
  return iteratePaths(
    path,
    value,
    (next, item) => recursePaths(next, item, emit),
  );
}

/** Gives the keys of all paths, each of which must be of `.`. */
export function runPaths(
  paths: Paths,
  from: { readonly env: Env | undefined; readonly input: Json },
  emit: (keys: readonly Json[], value: Json) => Signal,
): Signal {
  return paths(from.env, { path: ROOT, value: from.input }, (path, value) => {
    if (path === NOWHERE) {
      raise(`Invalid path expression with result ${writeShort(value)}`);
    }
    return emit(keysOf(path), value);
  });
}

/** The keys of a path from its start. */
export function keysOf(path: Path): Json[] {
  const keys: Json[] = [];
  let at: Path | undefined = path;
  while (at !== undefined && at.parent !== undefined) {
    keys.push(at.key);
    at = at.parent;
  }
  makeGrown(keys.length);
  return keys.reverse();
}

/** Goes on to a key; fails where the value stands nowhere. */
export function stepTo(path: Path, key: Json, value: Json): Path {
  if (path !== NOWHERE) return new Path(path, key);
  return raise(
    `Invalid path expression near attempt to access element ${
      writeShort(key)
    } of ${writeShort(value)}`,
  );
}

/** Gives the paths of what is in a value, one level below. */
export function iteratePaths(path: Path, value: Json, emit: EmitPath): Signal {
  if (path === NOWHERE) {
    raise(
      `Invalid path expression near attempt to iterate through ${
        writeShort(value)
      }`,
    );
  }
  if (isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      step();
      const signal = emit(new Path(path, i), value[i] ?? null);
      if (signal !== GO) return signal;
    }
    return GO;
  }
  if (!isObject(value)) valuesOf(value);
  else {
    for (const key of listKeys(value)) {
      step();
      const signal = emit(new Path(path, key), value[key] ?? null);
      if (signal !== GO) return signal;
    }
  }
  return GO;
}
