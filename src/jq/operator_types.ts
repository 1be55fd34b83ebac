/**
 * What operators give for values of some types.
 *
 * @module
 */

import type { Operator } from "./tree.ts";
import {
  ARRAY,
  arrayOf,
  BOOLEAN,
  fieldOf,
  type FieldType,
  type JqType,
  keysOf,
  KIND,
  NEVER,
  NULL,
  NUMBER,
  OBJECT,
  objectOf,
  ofKinds,
  restrict,
  STRING,
  union,
} from "./types.ts";

/** What an operator gives, and whether it may fail. */
export interface Computed {
  /** {@linkcode NEVER} where it always fails. */
  readonly type: JqType;
  readonly fails: boolean;
}

const SINGLE_KINDS: readonly number[] = Object.values(KIND);

/** What an operator gives for two values. */
export function computedType(
  operator: Operator,
  left: JqType,
  right: JqType,
): Computed {
  switch (operator) {
    case "==":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return { type: BOOLEAN, fails: false };
    default:
      break;
  }
  let type = NEVER;
  let fails = operator === "/" || operator === "%";
  for (const a of SINGLE_KINDS) {
    if ((left.kinds & a) === 0) continue;
    for (const b of SINGLE_KINDS) {
      if ((right.kinds & b) === 0) continue;
      const given = ofPair(operator, restrict(left, a), restrict(right, b));
      if (given === undefined) fails = true;
      else type = union(type, given);
    }
  }
  return { type, fails };
}

/** What it gives for two values of one kind each; `undefined`: it fails. */
function ofPair(
  operator: Operator,
  left: JqType,
  right: JqType,
): JqType | undefined {
  const both = (kind: number): boolean =>
    left.kinds === kind && right.kinds === kind;
  const mixed = left.kinds | right.kinds;
  switch (operator) {
    case "+":
      if (left.kinds === KIND.null) return right;
      if (right.kinds === KIND.null) return left;
      if (both(KIND.object)) return merged(left, right);
      if (both(KIND.array)) return union(left, right);
      return both(KIND.number) || both(KIND.string) ? left : undefined;
    case "-":
      if (both(KIND.array)) return left;
      return both(KIND.number) ? NUMBER : undefined;
    case "*":
      if (both(KIND.object)) return OBJECT;
      if (mixed === (KIND.number | KIND.string)) return union(STRING, NULL);
      return both(KIND.number) ? NUMBER : undefined;
    case "/":
      if (both(KIND.string)) return arrayOf(STRING);
      return both(KIND.number) ? NUMBER : undefined;
    default:
      return both(KIND.number) ? NUMBER : undefined;
  }
}

/** The members of two objects, of which those of the second count. */
function merged(left: JqType, right: JqType): JqType {
  const fields = new Map<string, FieldType>();
  for (const key of new Set([...keysOf(left), ...keysOf(right)])) {
    const first = fieldOf(left, key);
    const second = fieldOf(right, key);
    fields.set(
      key,
      second.isRequired ? second : {
        type: union(first.type, second.type),
        isRequired: first.isRequired,
      },
    );
  }
  const rest = left.rest === undefined || right.rest === undefined
    ? undefined
    : union(left.rest, right.rest);
  return objectOf(fields, rest);
}

/** What `value[from:to]` gives. */
export function slicedType(type: JqType): Computed {
  const left = restrict(type, KIND.null | KIND.string | KIND.array);
  return {
    type: left.kinds === 0 ? NEVER : left,
    fails: true,
  };
}

/** What `value[key]` gives where the key is no constant text. */
export function indexedType(value: JqType, key: JqType): Computed {
  let type = NEVER;
  const has = (of: JqType, kind: number): boolean => (of.kinds & kind) !== 0;
  const isNull = has(value, KIND.null);
  if (has(key, KIND.string)) {
    if (isNull) type = union(type, NULL);
    if (has(value, KIND.object)) type = union(type, anyMember(value));
  }
  if (has(key, KIND.number)) {
    if (isNull) type = union(type, NULL);
    if (has(value, KIND.array)) type = union(type, itemOrNull(value));
  }
  if (has(key, KIND.object)) {
    type = union(type, slicedType(value).type);
  }
  if (has(key, KIND.array) && has(value, KIND.array)) {
    type = union(type, union(ARRAY, NULL));
  }
  const isSure = key.kinds === KIND.number &&
    (value.kinds & ~(KIND.null | KIND.array)) === 0;
  return { type, fails: !isSure };
}

function itemOrNull({ items }: JqType): JqType {
  return items === undefined ? ofKinds(-1 & 127) : union(items, NULL);
}

function anyMember(value: JqType): JqType {
  let all: JqType = NULL;
  for (const { type } of value.fields?.values() ?? []) all = union(all, type);
  return value.rest === undefined ? ofKinds(127) : union(all, value.rest);
}
