/**
 * What operators give: arithmetic, comparisons, `and`, `or` and `//`.
 *
 * @module
 */

import { type Flow, isFailure, one, retyped, times } from "./flow.ts";
import type { Inference, Known } from "./infer.ts";
import { computedType } from "./operator_types.ts";
import type { NodeOf } from "./tree.ts";
import {
  BOOLEAN,
  isAlwaysTrue,
  isNeverTrue,
  KIND,
  kindsInSentence,
  NUMBER,
  restrict,
  union,
} from "./types.ts";

const OPERATIONS: Readonly<Record<string, string>> = {
  "+": "added",
  "-": "subtracted",
  "*": "multiplied",
  "/": "divided",
  "%": "divided",
};

/** `-a`. */
export function inferNegate(
  inference: Inference,
  node: NodeOf<"negate">,
  known: Known,
): Flow {
  const body = inference.flow(node.body, known);
  if (body.type.kinds === 0) return body;
  const isNumber = (body.type.kinds & KIND.number) !== 0;
  if (!isNumber && body.least > 0) {
    const words = kindsInSentence(body.type);
    return inference.fail(node, known, `${words} cannot be negated`);
  }
  const fails = body.fails || body.type.kinds !== KIND.number;
  return retyped(body, NUMBER, fails);
}

/** `a + b`, `a == b`. */
export function inferBinary(
  inference: Inference,
  node: NodeOf<"binary">,
  known: Known,
): Flow {
  const left = inference.flow(node.left, known);
  const right = inference.flow(node.right, known);
  const pairs = times(right, left);
  if (pairs.most === 0) return pairs;
  const { type, fails } = computedType(
    node.operator,
    left.type,
    right.type,
  );
  if (type.kinds === 0 && pairs.least > 0) {
    const words = `${kindsInSentence(left.type)} and ${
      kindsInSentence(right.type)
    }`;
    const what = OPERATIONS[node.operator] ?? "computed with";
    return inference.fail(node, known, `${words} cannot be ${what}`);
  }
  return retyped(pairs, type, fails);
}

/** `a and b`, `a or b`: the second is not always asked. */
export function inferLogic(
  inference: Inference,
  node: NodeOf<"and" | "or">,
  known: Known,
): Flow {
  const left = inference.flow(node.left, known);
  const { holds, holdsNot } = inference.sides(node.left, known);
  const asked = node.kind === "and" ? holds : holdsNot;
  // The second one is not come to where the first one always decides.
  const right = asked === undefined
    ? one(BOOLEAN)
    : inference.flow(node.right, asked);
  if (isFailure(left)) return retyped(left, BOOLEAN);
  return {
    ...times(left, { ...right, least: Math.min(1, right.least) }),
    type: BOOLEAN,
    most: Math.max(left.most, Math.min(2, left.most * right.most)),
  };
}

/** `a // b`. */
export function inferAlternative(
  inference: Inference,
  node: NodeOf<"alternative">,
  known: Known,
): Flow {
  const left = inference.flow(node.left, known);
  const isThere = left.least > 0 && isAlwaysTrue(left.type);
  const right = isThere
    ? inference.quietly(node.right, known)
    : inference.flow(node.right, known);
  if (isFailure(left)) return left;
  if (isThere) {
    const words = kindsInSentence(left.type);
    inference.warn(
      node.right,
      `This is never reached: what stands before // is always there, it is ${words}`,
    );
    return left;
  }
  if (left.most > 0 && !left.fails && isNeverTrue(left.type)) {
    inference.warn(
      node.left,
      `This is never given: it is ${kindsInSentence(left.type)}, and what ` +
        "stands after // is taken",
    );
  }
  const there = restrict(left.type, ~(KIND.null | KIND.false));
  return {
    type: union(there, right.type),
    least: Math.min(1, right.least),
    most: Math.max(left.most, right.most),
    fails: left.fails || right.fails,
  };
}
