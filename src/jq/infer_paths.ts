/**
 * What paths give: members, items, slices.
 *
 * @module
 */

import { type Flow, retyped, times } from "./flow.ts";
import type { Inference, Known } from "./infer.ts";
import { nearestName } from "./nearest.ts";
import { indexedType, slicedType } from "./operator_types.ts";
import type { Node, NodeOf } from "./tree.ts";
import {
  elementsOf,
  type JqType,
  keysOf,
  KIND,
  kindsInSentence,
  memberOf,
  NEVER,
  NULL,
  restrict,
  union,
} from "./types.ts";

const COLLECTIONS = KIND.array | KIND.object;

/** What a part of a term gives that is taken apart. */
function targetOf(
  inference: Inference,
  node: NodeOf<"index"> | NodeOf<"slice"> | NodeOf<"iterate">,
  known: Known,
): Flow {
  return inference.flow(
    node.target,
    node.isOptional ? { ...known, isCaught: true } : known,
  );
}

/** Where `?` follows, what fails gives nothing. */
function optional(
  node: { readonly isOptional?: true },
  flow: Flow,
  target: Flow,
): Flow {
  if (node.isOptional !== true || !flow.fails) return flow;
  return { ...flow, least: 0, fails: target.fails };
}

/** `value[key]` and `value.key`. */
export function inferIndex(
  inference: Inference,
  node: NodeOf<"index">,
  known: Known,
): Flow {
  const target = targetOf(inference, node, known);
  const key = inference.flow(node.key, known);
  inference.note(node, known, target.type);
  const both = times(key, target);
  if (both.most === 0) return optional(node, both, both);
  const name = nameOf(node.key);
  const given = name !== undefined
    ? named(inference, node, { name, target })
    : indexedType(target.type, key.type);
  if (given.type.kinds === 0 && both.least > 0 && node.isOptional !== true) {
    const words = kindsInSentence(target.type);
    const what = name === undefined
      ? `${words} cannot be indexed with ${kindsInSentence(key.type)}`
      : `there is no "${name}" in ${words}`;
    return inference.fail(endOf(node), known, what);
  }
  return optional(node, retyped(both, given.type, given.fails), both);
}

function nameOf(key: Node): string | undefined {
  return key.kind === "literal" && typeof key.value === "string"
    ? key.value
    : undefined;
}

function named(
  inference: Inference,
  node: NodeOf<"index">,
  { name, target }: { readonly name: string; readonly target: Flow },
): { readonly type: JqType; readonly fails: boolean } {
  const { type } = target;
  const fails = (type.kinds & ~(KIND.null | KIND.object)) !== 0;
  const isNull = (type.kinds & KIND.null) !== 0;
  if ((type.kinds & KIND.object) === 0) {
    return { type: isNull ? NULL : NEVER, fails };
  }
  const member = memberOf(type, name);
  const isNowhere = type.rest?.kinds === 0 && !type.fields?.has(name);
  if (isNowhere && target.least > 0) missing(inference, node, { name, type });
  return { type: isNull ? union(member, NULL) : member, fails };
}

function missing(
  inference: Inference,
  node: NodeOf<"index">,
  { name, type }: { readonly name: string; readonly type: JqType },
): void {
  const keys = keysOf(type);
  const near = nearestName(name, keys);
  inference.warn(
    endOf(node),
    `There is no "${name}" here: it is always null`,
    near === undefined
      ? (keys.length === 0 ? undefined : `There is ${listed(keys)}`)
      : `Did you mean "${near}"?`,
  );
}

const LISTED_MAX = 6;

function listed(keys: readonly string[]): string {
  const quoted = keys.slice(0, LISTED_MAX).map((it) => `"${it}"`).join(", ");
  return keys.length > LISTED_MAX ? `${quoted} …` : quoted;
}

/** The last step of a path, without what it is taken from. */
function endOf(node: NodeOf<"index">): Pick<Node, "start" | "end"> {
  const { target, key } = node;
  const start = key.start > target.end ? key.start : target.end;
  return {
    start: Math.max(node.start, Math.min(start, node.end)),
    end: node.end,
  };
}

/** `value[from:to]`. */
export function inferSlice(
  inference: Inference,
  node: NodeOf<"slice">,
  known: Known,
): Flow {
  const target = targetOf(inference, node, known);
  let all = target;
  for (const bound of [node.from, node.to]) {
    if (bound === undefined) continue;
    all = times(inference.flow(bound, known), all);
  }
  if (all.most === 0) return optional(node, all, all);
  const { type } = slicedType(target.type);
  if (type.kinds === 0 && all.least > 0 && node.isOptional !== true) {
    const words = kindsInSentence(target.type);
    return inference.fail(node, known, `${words} has no parts to cut`);
  }
  return optional(node, retyped(all, type, true), all);
}

/** `value[]`. */
export function inferIterate(
  inference: Inference,
  node: NodeOf<"iterate">,
  known: Known,
): Flow {
  const target = targetOf(inference, node, known);
  if (target.most === 0) return optional(node, target, target);
  const left = restrict(target.type, COLLECTIONS);
  if (left.kinds === 0 && target.least > 0 && node.isOptional !== true) {
    const words = kindsInSentence(target.type);
    return inference.fail(node, known, `${words} has no items`);
  }
  const type = left.kinds === 0 ? NEVER : elementsOf(left);
  const fails = target.fails || left.kinds !== target.type.kinds;
  const flow = { type, least: 0, most: 2, fails };
  return optional(node, flow, target);
}
