/**
 * What is known of values before there are any: a set of types, what the items
 * of arrays are, and what the members of objects are.
 *
 * A type always holds at least the values that there can be, never fewer.
 *
 * @module
 */

import { isArray, isObject, type Json } from "./json.ts";

/** A kind of value: `true` and `false` are told apart, as `if` does. */
export const KIND = {
  null: 1,
  false: 2,
  true: 4,
  number: 8,
  string: 16,
  array: 32,
  object: 64,
} as const;
const EVERY = 127;
/** Types inside one another that are told apart; more is any value. */
const SIZE_MAX = 200;

/** A member of an object. */
export interface FieldType {
  /** What it is where it is there. */
  readonly type: JqType;
  /** Whether it is always there. */
  readonly isRequired: boolean;
}

/** A set of values. */
export interface JqType {
  /** Bits of {@linkcode KIND}. */
  readonly kinds: number;
  /** What the items of its arrays are; absent means anything. */
  readonly items?: JqType;
  /** The members of its objects that are known. */
  readonly fields?: ReadonlyMap<string, FieldType>;
  /** What other members are; absent means anything. */
  readonly rest?: JqType;
  /** How many types it is made of. */
  readonly size: number;
}

/** No value at all. */
export const NEVER: JqType = { kinds: 0, size: 1 };
/** Any value. */
export const ANY: JqType = { kinds: EVERY, size: 1 };
/** Values of one kind. */
export const NULL: JqType = { kinds: KIND.null, size: 1 };
/** `true` and `false`. */
export const BOOLEAN: JqType = { kinds: KIND.true | KIND.false, size: 1 };
/** Numbers. */
export const NUMBER: JqType = { kinds: KIND.number, size: 1 };
/** Texts. */
export const STRING: JqType = { kinds: KIND.string, size: 1 };
/** Arrays of anything. */
export const ARRAY: JqType = { kinds: KIND.array, size: 1 };
/** Objects of anything. */
export const OBJECT: JqType = { kinds: KIND.object, size: 1 };

/** Values of some kinds. */
export function ofKinds(kinds: number): JqType {
  return { kinds, size: 1 };
}

/** Arrays with such items. */
export function arrayOf(items: JqType): JqType {
  return bounded({ kinds: KIND.array, items, size: items.size + 1 });
}

/** Objects with such members, and others where they may have some. */
export function objectOf(
  fields: ReadonlyMap<string, FieldType>,
  rest?: JqType,
): JqType {
  let size = 1 + (rest?.size ?? 0);
  for (const { type } of fields.values()) size += type.size;
  return bounded({
    kinds: KIND.object,
    fields,
    ...(rest === undefined ? {} : { rest }),
    size,
  });
}

function bounded(type: JqType): JqType {
  return type.size > SIZE_MAX ? ofKinds(type.kinds) : type;
}

/** The values of either. */
export function union(a: JqType, b: JqType): JqType {
  if (a === b || b.kinds === 0) return a;
  if (a.kinds === 0) return b;
  const items = unionOf(a, b, KIND.array, (it) => it.items);
  const members = unionOfMembers(a, b);
  const size = 1 + (items?.size ?? 0) + (members.size ?? 0);
  return bounded({
    kinds: a.kinds | b.kinds,
    ...(items === undefined ? {} : { items }),
    ...(members.fields === undefined ? {} : { fields: members.fields }),
    ...(members.rest === undefined ? {} : { rest: members.rest }),
    size,
  });
}

/** Of two that may each have parts: those of who has the kind at all. */
function unionOf(
  a: JqType,
  b: JqType,
  kind: number,
  partOf: (type: JqType) => JqType | undefined,
): JqType | undefined {
  if ((a.kinds & kind) === 0) return partOf(b);
  if ((b.kinds & kind) === 0) return partOf(a);
  const left = partOf(a);
  const right = partOf(b);
  return left === undefined || right === undefined
    ? undefined
    : union(left, right);
}

interface Members extends Pick<JqType, "fields" | "rest"> {
  readonly size?: number;
}

function unionOfMembers(a: JqType, b: JqType): Members {
  if ((a.kinds & KIND.object) === 0) return membersOf(b);
  if ((b.kinds & KIND.object) === 0) return membersOf(a);
  const fields = new Map<string, FieldType>();
  for (const key of new Set([...keysOf(a), ...keysOf(b)])) {
    const left = fieldOf(a, key);
    const right = fieldOf(b, key);
    fields.set(key, {
      type: union(left.type, right.type),
      isRequired: left.isRequired && right.isRequired,
    });
  }
  const rest = a.rest === undefined || b.rest === undefined
    ? undefined
    : union(a.rest, b.rest);
  return membersOf(objectOf(fields, rest));
}

function membersOf({ fields, rest, size }: JqType): Members {
  return {
    ...(fields === undefined ? {} : { fields }),
    ...(rest === undefined ? {} : { rest }),
    size,
  };
}

/** The keys that are known of its objects. */
export function keysOf(type: JqType): readonly string[] {
  return [...type.fields?.keys() ?? []];
}

/** What a member of its objects is. */
export function fieldOf(type: JqType, key: string): FieldType {
  return type.fields?.get(key) ??
    { type: type.rest ?? ANY, isRequired: false };
}

/** What `.key` gives on its objects. */
export function memberOf(type: JqType, key: string): JqType {
  const field = fieldOf(type, key);
  return field.isRequired ? field.type : union(field.type, NULL);
}

/** What `.[]` gives on its arrays and objects. */
export function elementsOf(type: JqType): JqType {
  let all = NEVER;
  if ((type.kinds & KIND.array) !== 0) all = type.items ?? ANY;
  if ((type.kinds & KIND.object) === 0) return all;
  for (const field of type.fields?.values() ?? []) all = union(all, field.type);
  return union(all, type.rest ?? ANY);
}

/** Those of its values that are of some kinds. */
export function restrict(type: JqType, kinds: number): JqType {
  const left = type.kinds & kinds;
  return left === type.kinds ? type : { ...type, kinds: left };
}

/** Whether all of its values count as true. */
export function isAlwaysTrue({ kinds }: JqType): boolean {
  return kinds !== 0 && (kinds & (KIND.null | KIND.false)) === 0;
}

/** Whether none of its values counts as true. */
export function isNeverTrue({ kinds }: JqType): boolean {
  return kinds !== 0 && (kinds & ~(KIND.null | KIND.false)) === 0;
}

/** The kind of a value. */
export function kindOf(value: Json): number {
  switch (typeof value) {
    case "boolean":
      return value ? KIND.true : KIND.false;
    case "number":
      return KIND.number;
    case "string":
      return KIND.string;
    default:
      if (value === null) return KIND.null;
      return isArray(value) ? KIND.array : KIND.object;
  }
}

/** The narrowest type of a value. */
export function typeOf(value: Json): JqType {
  if (isArray(value)) return arrayOf(value.map(typeOf).reduce(union, NEVER));
  if (!isObject(value)) return ofKinds(kindOf(value));
  const fields = Object.entries(value).map(([key, it]) =>
    [key, { type: typeOf(it), isRequired: true }] as const
  );
  return objectOf(new Map(fields), NEVER);
}

/** Whether a value is one of a type. */
export function isOf(value: Json, type: JqType): boolean {
  if ((type.kinds & kindOf(value)) === 0) return false;
  if (isArray(value)) {
    const { items } = type;
    return items === undefined || value.every((it) => isOf(it, items));
  }
  if (!isObject(value)) return true;
  for (const [key, { isRequired }] of type.fields ?? []) {
    if (isRequired && !Object.hasOwn(value, key)) return false;
  }
  return Object.entries(value).every(([key, it]) =>
    isOf(it, fieldOf(type, key).type)
  );
}

const NAMES: readonly (readonly [number, string])[] = [
  [KIND.null, "null"],
  [KIND.true | KIND.false, "boolean"],
  [KIND.number, "number"],
  [KIND.string, "string"],
  [KIND.array, "array"],
  [KIND.object, "object"],
];

/** Names the types of values, as `number or null`. */
export function kindsInWords(type: JqType): string {
  return named(type, (name) => name);
}

/** Names the types of values in a sentence: `a number or null`. */
export function kindsInSentence(type: JqType): string {
  return named(type, (name) => {
    if (name === "null") return name;
    return /^[ao]/.test(name) ? `an ${name}` : `a ${name}`;
  });
}

function named({ kinds }: JqType, word: (name: string) => string): string {
  if (kinds === EVERY) return "any value";
  const names = NAMES.filter(([bits]) => (kinds & bits) !== 0)
    .map(([, name]) => word(name));
  return names.length === 0 ? "nothing" : names.join(" or ");
}
