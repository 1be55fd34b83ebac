/**
 * What is known once a condition was asked: which values of `.` and of
 * variables it holds for, and whether it can hold at all.
 *
 * A branch that is there for no value is not looked at: what would fail in it is
 * written for another kind of value. Of a condition that looks at types in a way
 * that is not understood nothing is said behind it.
 *
 * @module
 */

import type { Inference, Known } from "./infer.ts";
import { SELECTORS } from "./builtin_types.ts";
import type { Node } from "./tree.ts";
import {
  ANY,
  isAlwaysTrue,
  isNeverTrue,
  type JqType,
  KIND,
  kindOf,
  restrict,
} from "./types.ts";
import { eachNode } from "./walk.ts";

/** What is known on both sides of a condition; nothing where none is taken. */
export interface Sides {
  readonly holds: Known | undefined;
  readonly holdsNot: Known | undefined;
}

const BY_NAME: ReadonlyMap<unknown, number> = new Map([
  ["null", KIND.null],
  ["boolean", KIND.true | KIND.false],
  ["number", KIND.number],
  ["string", KIND.string],
  ["array", KIND.array],
  ["object", KIND.object],
]);
/** Values of these kinds are all there are of them. */
const SINGLE = KIND.null | KIND.true | KIND.false;

/** Finds out what is known behind a condition. */
export function sidesOf(
  inference: Inference,
  node: Node,
  known: Known,
): Sides {
  switch (node.kind) {
    case "and": {
      const { holds, holdsNot } = inference.sides(node.left, known);
      if (holds === undefined) return { holds, holdsNot };
      const right = inference.sides(node.right, holds);
      const isLeft = holdsNot === undefined;
      return { holds: right.holds, holdsNot: isLeft ? right.holdsNot : known };
    }
    case "or": {
      const { holds, holdsNot } = inference.sides(node.left, known);
      if (holdsNot === undefined) return { holds, holdsNot };
      const right = inference.sides(node.right, holdsNot);
      const isLeft = holds === undefined;
      return { holds: isLeft ? right.holds : known, holdsNot: right.holdsNot };
    }
    case "pipe":
      if (!isCall(node.right, "not", known)) break;
      return turned(inference.sides(node.left, known));
    case "call":
      if (!isCall(node, "not", known)) break;
      return turned(truthOf(inference, { ...node, kind: "identity" }, known));
    case "binary": {
      if (node.operator !== "==" && node.operator !== "!=") break;
      const sides = compared(inference, node.left, node.right, known) ??
        compared(inference, node.right, node.left, known);
      if (sides === undefined) break;
      return node.operator === "==" ? sides : turned(sides);
    }
    case "identity":
    case "variable":
    case "index":
      return truthOf(inference, node, known);
  }
  return looksAtTypes(node)
    ? unknown(known)
    : { holds: known, holdsNot: known };
}

function turned({ holds, holdsNot }: Sides): Sides {
  return { holds: holdsNot, holdsNot: holds };
}

function unknown(known: Known): Sides {
  const any = { ...known, input: ANY, isCaught: true };
  return { holds: any, holdsNot: any };
}

function isCall(node: Node, name: string, { functions }: Known): boolean {
  return node.kind === "call" && node.name === name &&
    node.arguments.length === 0 && !functions.has(`${name}/0`);
}

/** `if .a`: what is null or false is not there. */
function truthOf(inference: Inference, subject: Node, known: Known): Sides {
  const { type } = inference.quietly(subject, known);
  const untrue = KIND.null | KIND.false;
  return {
    holds: isNeverTrue(type)
      ? undefined
      : narrowed(subject, known, (it) => restrict(it, ~untrue)),
    holdsNot: isAlwaysTrue(type)
      ? undefined
      : narrowed(subject, known, (it) => restrict(it, untrue)),
  };
}

/** `type == "array"`, `.a == null`; nothing where it is not of that form. */
function compared(
  inference: Inference,
  asked: Node,
  literal: Node,
  known: Known,
): Sides | undefined {
  const value = literalOf(literal, known);
  if (value === undefined) return undefined;
  const subject = typedSubject(asked, known);
  if (subject !== undefined) {
    const kinds = BY_NAME.get(value) ?? 0;
    return split(inference, subject, known, { kinds, isAll: true });
  }
  if (looksAtTypes(asked)) return undefined;
  const kinds = kindOf(value);
  const isAll = (kinds & SINGLE) !== 0;
  return split(inference, asked, known, { kinds, isAll });
}

function literalOf(node: Node, known: Known) {
  if (node.kind === "literal") return node.value;
  for (const [name, value] of [["null", null], ["true", true]] as const) {
    if (isCall(node, name, known)) return value;
  }
  return isCall(node, "false", known) ? false : undefined;
}

/** What `type` is asked of: `.` or what stands before it. */
function typedSubject(node: Node, known: Known): Node | undefined {
  if (isCall(node, "type", known)) return { ...node, kind: "identity" };
  return node.kind === "pipe" && isCall(node.right, "type", known)
    ? node.left
    : undefined;
}

/** Both sides of whether a value is of some kinds. */
function split(
  inference: Inference,
  subject: Node,
  known: Known,
  { kinds, isAll }: {
    readonly kinds: number;
    /** Whether all values of these kinds are meant, and not one of them. */
    readonly isAll: boolean;
  },
): Sides {
  const { type } = inference.quietly(subject, known);
  const isThere = (type.kinds & kinds) !== 0;
  const isOther = !isAll || (type.kinds & ~kinds) !== 0;
  const others = isAll ? ~kinds : ~0;
  return {
    holds: isThere
      ? narrowed(subject, known, (it) => restrict(it, kinds))
      : undefined,
    holdsNot: isOther
      ? narrowed(subject, known, (it) => restrict(it, others))
      : undefined,
  };
}

/** What is known if a subject is narrower: `.` and variables are told. */
function narrowed(
  subject: Node,
  known: Known,
  narrow: (type: JqType) => JqType,
): Known {
  if (subject.kind === "identity") {
    return { ...known, input: narrow(known.input) };
  }
  if (subject.kind !== "variable") return known;
  const type = known.variables.get(subject.name);
  if (type === undefined) return known;
  const variables = new Map(known.variables);
  variables.set(subject.name, narrow(type));
  return { ...known, variables };
}

/** Whether somewhere in a node it is asked of what kind a value is. */
function looksAtTypes(node: Node): boolean {
  let found = false;
  eachNode(node, (it) => {
    if (it.kind === "try" || it.kind === "alternative") found = true;
    if ("isOptional" in it && it.isOptional === true) found = true;
    if (it.kind !== "call") return;
    const isNamed = [
      "type",
      "has",
      "isvalid",
      "isempty",
      "length",
      "any",
      "all",
    ]
      .includes(it.name);
    if (isNamed || SELECTORS.has(`${it.name}/0`)) found = true;
  });
  return found;
}
