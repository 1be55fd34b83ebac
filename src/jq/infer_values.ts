/**
 * What texts, formats and objects give.
 *
 * @module
 */

import { type Flow, one, retyped, times } from "./flow.ts";
import type { Inference, Known } from "./infer.ts";
import type { NodeOf } from "./tree.ts";
import {
  type FieldType,
  KIND,
  kindsInSentence,
  NEVER,
  objectOf,
  STRING,
  union,
} from "./types.ts";

const FORMATS_FOR_ALL: readonly (string | undefined)[] = [
  undefined,
  "text",
  "json",
];

/** `@json`. */
export function inferFormat({ name }: NodeOf<"format">): Flow {
  return one(STRING, !FORMATS_FOR_ALL.includes(name));
}

/** A text with what is put into it. */
export function inferText(
  inference: Inference,
  node: NodeOf<"text">,
  known: Known,
): Flow {
  let all = one(STRING, !FORMATS_FOR_ALL.includes(node.format));
  for (const part of node.parts) {
    if (typeof part === "string") continue;
    all = retyped(times(inference.flow(part, known), all), STRING);
  }
  return all;
}

/** An object. */
export function inferObject(
  inference: Inference,
  node: NodeOf<"object">,
  known: Known,
): Flow {
  const fields = new Map<string, FieldType>();
  let rest = NEVER;
  let all = one(NEVER);
  for (const { key, value } of node.entries) {
    const given = inference.flow(value, known);
    const name = inference.flow(key, known);
    all = times(times(all, given), name);
    if (all.most === 0) continue;
    const isText = (name.type.kinds & KIND.string) !== 0;
    if (!isText && all.least > 0) {
      const words = kindsInSentence(name.type);
      return inference.fail(
        key,
        known,
        `a key is a string, and this is ${words}`,
      );
    }
    if (name.type.kinds !== KIND.string) all = { ...all, fails: true };
    const isConstant = key.kind === "literal";
    if (isConstant && typeof key.value === "string") {
      fields.set(key.value, { type: given.type, isRequired: true });
    } else rest = union(rest, given.type);
  }
  // What is computed may be any of the keys that are written, too.
  if (rest.kinds !== 0) {
    for (const [name, { type }] of fields) {
      fields.set(name, { type: union(type, rest), isRequired: true });
    }
  }
  return retyped(all, objectOf(fields, rest));
}
