/**
 * Values by their paths: read, put, deleted. What is given stays as it is.
 *
 * @module
 */

import { raise } from "./failure.ts";
import {
  boundArray,
  makeArray,
  makeCells,
  makeMember,
  step,
  steps,
} from "./fuel.ts";
import { boundsOf, cannotIndex, index } from "./indexing.ts";
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  member,
  type MutableObject,
  putMember,
  typeName,
} from "./json.ts";
import { copyObject } from "./keys.ts";
import { compare, equals } from "./order.ts";

/** How long paths may be. */
const LENGTH_MAX = 10_000;
/** Indices that jq takes. */
const INDEX_MAX = 536_870_911;

/** Containers that one operation has made, and so may change. */
export type Owned = WeakSet<object>;

/** Checks that a value is a path. */
export function asPath(path: Json): readonly Json[] {
  if (!isArray(path)) return raise("Path must be specified as an array");
  if (path.length > LENGTH_MAX) return raise("Path too deep");
  return path;
}

/** Reads the value at a path; below null there is null. */
export function getPath(value: Json, path: readonly Json[]): Json {
  let current = value;
  for (const key of path) {
    step();
    current = index(current, key);
  }
  return current;
}

/** Puts a value at a path. */
export function setPath(
  root: Json,
  path: readonly Json[],
  options: { readonly value: Json; readonly owned?: Owned },
): Json {
  const parents: Json[] = [];
  let current = root;
  for (const key of path) {
    step();
    parents.push(current);
    current = index(current, key);
  }
  let value = options.value;
  for (let i = path.length - 1; i >= 0; i--) {
    value = setKey(parents[i] ?? null, path[i] ?? null, {
      value,
      ...(options.owned === undefined ? {} : { owned: options.owned }),
    });
  }
  return value;
}

/** Puts a value at one key. */
export function setKey(
  target: Json,
  key: Json,
  { value, owned }: { readonly value: Json; readonly owned?: Owned },
): Json {
  if (typeof key === "string" && (target === null || isObject(target))) {
    const copy: MutableObject = target === null
      ? {}
      : ownedObject(target, owned);
    putMember(copy, key, value);
    makeMember();
    owned?.add(copy);
    return copy;
  }
  if (typeof key === "number" && (target === null || isArray(target))) {
    const copy = ownedArray(target ?? [], owned);
    putItem(copy, key, value);
    owned?.add(copy);
    return copy;
  }
  if (isObject(key) && (target === null || isArray(target))) {
    const spliced = splice(target ?? [], key, value);
    owned?.add(spliced);
    return spliced;
  }
  if (isObject(key) && typeof target === "string") {
    return raise("Cannot update string slices");
  }
  if (isArray(key) && isArray(target)) {
    return raise("Cannot update field at array index of array");
  }
  if (isObject(key)) {
    return raise(`Cannot update field at object index of ${typeName(target)}`);
  }
  return cannotIndex(target, key);
}

function ownedObject(object: JsonObject, owned: Owned | undefined) {
  if (owned?.has(object) === true) return writable(object);
  return copyObject(object);
}

/** What this operation made itself is changed in place. */
function writable(object: JsonObject): MutableObject {
  return object;
}

function ownedArray(items: readonly Json[], owned: Owned | undefined): Json[] {
  if (owned?.has(items) === true && isWritable(items)) return items;
  makeArray(items.length);
  return items.slice();
}

function isWritable(items: readonly Json[]): items is Json[] {
  return Array.isArray(items);
}

function putItem(items: Json[], key: number, value: Json): void {
  if (Number.isNaN(key)) raise("Cannot set array element at NaN index");
  let at = Math.floor(key);
  if (at < 0) at += items.length;
  if (at < 0) raise("Out of bounds negative array index");
  if (at > INDEX_MAX) raise("Array index too large");
  boundArray(at + 1);
  if (at >= items.length) makeCells(1 + at - items.length);
  while (items.length < at) items.push(null);
  items[at] = value;
}

function splice(
  items: readonly Json[],
  key: JsonObject,
  value: Json,
): readonly Json[] {
  const bounds = boundsOf(
    items.length,
    member(key, "start"),
    member(key, "end"),
  );
  if (!isArray(value)) {
    return raise("A slice of an array can only be assigned another array");
  }
  const { start, end } = bounds;
  makeArray(items.length + value.length);
  return [...items.slice(0, start), ...value, ...items.slice(end)];
}

/** Deletes what is at some paths, all seen from what there was before. */
export function deletePaths(root: Json, paths: Json): Json {
  if (!isArray(paths)) return raise("Paths must be specified as an array");
  steps(paths.length);
  const checked = paths.map((path) => {
    if (!isArray(path)) {
      return raise(`Path must be specified as array, not ${typeName(path)}`);
    }
    return asPath(path);
  });
  const sorted = checked.toSorted((a, b) => compare(a, b));
  if (sorted[0]?.length === 0) return null;
  return deleteSorted(root, sorted, 0);
}

function deleteSorted(
  value: Json,
  paths: readonly (readonly Json[])[],
  depth: number,
): Json {
  let result = value;
  const keys: Json[] = [];
  for (let end = paths.length; end > 0;) {
    step();
    const key = paths[end - 1]?.[depth] ?? null;
    let start = end - 1;
    while (start > 0 && equals(paths[start - 1]?.[depth] ?? null, key)) {
      start -= 1;
    }
    const group = paths.slice(start, end);
    end = start;
    if (group[0]?.length === depth + 1) {
      keys.push(key);
      continue;
    }
    if (result === null) continue;
    const child = index(result, key);
    if (child === null) continue;
    const left = deleteSorted(child, group, depth + 1);
    result = setKey(result, key, { value: left });
  }
  return deleteKeys(result, keys);
}

function deleteKeys(value: Json, keys: readonly Json[]): Json {
  if (value === null || keys.length === 0) return value;
  if (isArray(value)) {
    const gone = new Set<number>();
    for (const key of keys) markItems(value, key, gone);
    makeArray(value.length);
    return value.filter((_, i) => !gone.has(i));
  }
  if (!isObject(value)) {
    return raise(`Cannot delete fields from ${typeName(value)}`);
  }
  const left = copyObject(value);
  for (const key of keys) {
    if (typeof key !== "string") {
      return raise(`Cannot delete ${typeName(key)} field of object`);
    }
    delete left[key];
  }
  return left;
}

function markItems(
  items: readonly Json[],
  key: Json,
  gone: Set<number>,
): void {
  if (typeof key === "number") {
    const at = Math.floor(key);
    gone.add(at < 0 ? at + items.length : at);
    return;
  }
  if (!isObject(key)) {
    raise(`Cannot delete ${typeName(key)} element of array`);
  }
  const from = member(key, "start");
  const { start, end } = boundsOf(items.length, from, member(key, "end"));
  for (let i = start; i < end; i++) gone.add(i);
}
