/**
 * Finds what of a program computes with a variable, and what only puts that
 * into place: objects, lists, branches, what comes last in a pipe.
 *
 * @module
 */

import type { Node, NodeOf, Pattern } from "../jq/tree.ts";
import { childrenOf, eachNode } from "../jq/walk.ts";
import { constantKey, stepsFrom } from "./_tree.ts";

/** What is known of a node. */
interface Piece {
  readonly parts: readonly Node[];
  /** Whether what uses the variable is inside of an object or array. */
  readonly isBuilt: boolean;
  /** Whether a part of it depends on what is only known inside. */
  readonly isBroken: boolean;
}

/** What is taken out of a program. */
export interface Wanted {
  readonly variable: string;
  /** Offsets at which something is read that counts like the variable. */
  readonly hot: ReadonlySet<number>;
}

/** Where a node stands. */
interface Around extends Wanted {
  /** The offsets of all that is wanted. */
  readonly offsets: readonly number[];
  /** Whether `.` is another one here, or there are variables of its own. */
  readonly isInner: boolean;
  /** Whether `,` only separates the items of an array. */
  readonly isList?: boolean;
}

const FREE: Piece = { parts: [], isBuilt: true, isBroken: false };
/** Functions that leave alone what their argument gives. */
const MAPPING: readonly string[] = ["map", "map_values"];

/**
 * Finds the nodes of a program that use a variable and that the rest of it
 * leaves alone.
 */
export function findParts(tree: Node, wanted: Wanted): readonly Node[] {
  const offsets = [...wanted.hot];
  eachNode(tree, (node) => {
    if (node.kind === "variable" && node.name === wanted.variable) {
      offsets.push(node.start);
    }
  });
  return place({ ...wanted, offsets, isInner: false }, tree).parts;
}

/** One part of all that a node is. */
function computed(around: Around, node: Node): Piece {
  const isBroken = around.isInner && !isAlone(around, node);
  return { parts: [node], isBuilt: false, isBroken };
}

/** The piece, or one part of it where that depends on what is inside. */
function orComputed(around: Around, node: Node, piece: Piece): Piece {
  return piece.isBroken ? computed(around, node) : piece;
}

function uses({ offsets }: Around, { start, end }: Node): boolean {
  return offsets.some((it) => start <= it && it < end);
}

function place(at: Around, node: Node): Piece {
  if (!uses(at, node)) return FREE;
  const { isList, ...around } = at;
  switch (node.kind) {
    case "pipe":
      return pipe(at, node);
    case "bind":
      return bind(at, node);
    case "comma":
      return isList === true ? items(at, node) : computed(around, node);
    case "alternative":
      return alternatives(around, node);
    case "assign":
      return assignment(around, node);
    case "binary":
      return node.operator === "+" ? sum(around, node) : computed(around, node);
    case "array":
      return array(around, node);
    case "object":
      return object(around, node);
    case "if":
      return condition(around, node);
    case "call":
      return call(around, node);
    default:
      return computed(around, node);
  }
}

/** `a | b`: only what comes last is given on as it is. */
function pipe(around: Around, node: NodeOf<"pipe">): Piece {
  if (uses(around, node.left)) return computed(around, node);
  const last = place({ ...around, isInner: true }, node.right);
  return orComputed(around, node, last);
}

/** `a as $x | b`; what fails after `?//` is done with the next pattern. */
function bind(around: Around, node: NodeOf<"bind">): Piece {
  const { source, patterns, body } = node;
  const before = { ...source, end: body.start };
  const isOther = patterns.length > 1 ||
    patterns.some((it) => binds(it, around.variable));
  if (isOther || uses(around, before)) return computed(around, node);
  const given = place({ ...around, isInner: true }, body);
  return orComputed(around, node, given);
}

/** Whether a pattern gives a variable another meaning. */
function binds(pattern: Pattern, name: string): boolean {
  switch (pattern.kind) {
    case "variable":
      return pattern.name === name;
    case "array":
      return pattern.items.some((it) => binds(it, name));
    case "object":
      return pattern.entries.some(({ variable, value }) =>
        variable === name || (value !== undefined && binds(value, name))
      );
  }
}

function items(around: Around, { left, right }: NodeOf<"comma">): Piece {
  const pieces = [place(around, left), place(around, right)];
  return joined(pieces, { isBuilt: true });
}

/** `a // b`: a part that may be null, or fail, would be chosen otherwise. */
function alternatives(around: Around, node: NodeOf<"alternative">): Piece {
  const left = place(around, node.left);
  const isThere = left === FREE || left.isBuilt ||
    isMember(around, node.left);
  if (!isThere || left.isBroken || mayFail(around, left)) {
    return computed(around, node);
  }
  const right = place(around, node.right);
  return orComputed(around, node, joined([left, right], {}));
}

/** `$secrets.NAME`, which is always there. */
function isMember({ variable }: Around, node: Node): boolean {
  const [name, ...more] = stepsFrom(node, variable) ?? [];
  return typeof name === "string" && more.length === 0;
}

/** Whether a part may fail once it is computed. */
function mayFail(around: Around, { parts }: Piece): boolean {
  return !parts.every((it) => isMember(around, it));
}

/** `.a = b` leaves alone what it puts there. */
function assignment(around: Around, node: NodeOf<"assign">): Piece {
  const { operator, left, right } = node;
  const isPath = operator === "=" && left.kind === "index" &&
    stepsFrom(left) !== undefined;
  if (!isPath || uses(around, left)) return computed(around, node);
  const value = place(around, right);
  return orComputed(around, node, { ...value, isBuilt: true });
}

/** Objects and lists are put together; texts and numbers are computed. */
function sum(around: Around, node: NodeOf<"binary">): Piece {
  const terms = termsOf(node);
  const pieces = terms.map((it) => place(around, it));
  if (!pieces.every((it) => it.isBuilt)) return computed(around, node);
  // What a later one has, too, would not be asked for, and not fail.
  const isLost = pieces.slice(0, -1).some((it, i) =>
    mayFail(around, it) && terms[i]?.kind !== "array"
  );
  if (isLost) return computed(around, node);
  return orComputed(around, node, joined(pieces, {}));
}

function termsOf(node: Node): readonly Node[] {
  return node.kind === "binary" && node.operator === "+"
    ? [...termsOf(node.left), node.right]
    : [node];
}

function array(around: Around, node: NodeOf<"array">): Piece {
  if (node.body === undefined) return FREE;
  const given = place({ ...around, isList: true }, node.body);
  return orComputed(around, node, { ...given, isBuilt: true });
}

/** `map(f)`. */
function call(around: Around, node: NodeOf<"call">): Piece {
  const [only, ...more] = node.arguments;
  const isMapping = MAPPING.includes(node.name) && more.length === 0;
  if (!isMapping || only === undefined) return computed(around, node);
  const mapped = place({ ...around, isInner: true }, only);
  return orComputed(around, node, { ...mapped, isBuilt: true });
}

function object(around: Around, node: NodeOf<"object">): Piece {
  const values: Piece[] = [];
  const keys = new Set<string>();
  for (const { key, value } of node.entries) {
    // `{$secrets}` is one text with its key, and cannot be taken out of it.
    if (uses(around, key)) return computed(around, node);
    const name = constantKey(key);
    if (typeof name === "string") keys.add(name);
    values.push(place(around, value));
  }
  const piece = joined(values, { isBuilt: true });
  // Of two that may have one key, one would not be asked for, and not fail.
  const isLost = keys.size < values.length && mayFail(around, piece);
  return isLost ? computed(around, node) : orComputed(around, node, piece);
}

/** `if a then b elif c then d else e end`: what decides is computed. */
function condition(around: Around, node: NodeOf<"if">): Piece {
  const { branches, otherwise } = node;
  if (branches.some((it) => uses(around, it.condition))) {
    return computed(around, node);
  }
  const results = branches.map((it) => place(around, it.then));
  if (otherwise !== undefined) results.push(place(around, otherwise));
  return orComputed(around, node, joined(results, {}));
}

function joined(
  pieces: readonly Piece[],
  { isBuilt }: { readonly isBuilt?: boolean },
): Piece {
  return {
    parts: pieces.flatMap((it) => it.parts),
    isBuilt: isBuilt ?? pieces.every((it) => it.isBuilt),
    isBroken: pieces.some((it) => it.isBroken),
  };
}

/** Whether a node gives the same whatever `.` and other variables are. */
function isAlone(around: Around, node: Node): boolean {
  switch (node.kind) {
    case "pipe":
      // What comes last sees nothing but what comes first.
      return isAlone(around, node.left) && isOwn(around, node.right);
    case "variable":
      return isWanted(around, node);
    case "literal":
    case "text":
    case "array":
    case "object":
    case "index":
    case "slice":
    case "iterate":
    case "negate":
    case "binary":
    case "and":
    case "or":
    case "alternative":
    case "comma":
      return childrenOf(node).every((it) => isAlone(around, it));
    default:
      return false;
  }
}

/** Whether a node sees nothing but its `.` and what is wanted. */
function isOwn(around: Around, node: Node): boolean {
  return (node.kind !== "variable" || isWanted(around, node)) &&
    childrenOf(node).every((it) => isOwn(around, it));
}

function isWanted(
  { variable, hot }: Around,
  { name, start }: NodeOf<"variable">,
): boolean {
  return name === variable || hot.has(start);
}
