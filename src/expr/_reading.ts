/**
 * Reads the nodes of an expression for what they take of its scope, and for
 * whether they look into it.
 *
 * @module
 */

import type { Node, NodeOf, Pattern } from "../jq/tree.ts";
import { constantKey } from "./_tree.ts";
import type { PlainPath } from "./expression.ts";

/** Whether an expression looks into what it reads. */
export type Looks = "no" | "perhaps" | "yes";

/** A path that is read, and where: UTF-16 units from the program's start. */
export interface ReadPath extends PlainPath {
  readonly at: number;
}

/** What was found so far. */
export interface Reading {
  readonly paths: ReadPath[];
  /** The variables that it takes from its scope; absent means any. */
  readonly free: readonly string[] | undefined;
  looks: Looks;
  /** Whether it is not clear what a name means, or what is read. */
  isUnclear: boolean;
}

/** Names that are no functions of `.`. */
const CONSTANTS: readonly string[] = [
  "true",
  "false",
  "null",
  "now",
  "nan",
  "infinite",
  "empty",
];
/** Functions that put values into place, whatever these are. */
const PLACING: readonly string[] = [
  ...CONSTANTS,
  "del",
  "first",
  "keys",
  "keys_unsorted",
  "last",
  "map",
  "map_values",
  "reverse",
  "to_entries",
  "with_entries",
];
/** What asks whether something is there, or puts texts together. */
const ASKING: readonly string[] = [
  "+",
  "+=",
  "//",
  "//=",
  "add",
  "and",
  "elif",
  "if",
  "not",
  "or",
  "select",
];
/** What changes nothing of values. */
const STRUCTURE: readonly string[] = ["=", "|="];
/** Nodes in which it is not clear what a name means. */
const OPAQUE: readonly Node["kind"][] = [
  "break",
  "define",
  "foreach",
  "label",
  "missing",
  "reduce",
];
/** Notes what a word or a sign does with values. */
function noteLooks(reading: Reading, text: string): void {
  if (reading.looks === "yes") return;
  if (ASKING.includes(text)) reading.looks = "perhaps";
  else if (!STRUCTURE.includes(text) && !PLACING.includes(text)) {
    reading.looks = "yes";
  }
}

/** Notes that all of `.` is read. */
function readInput(reading: Reading, at: number, isRoot: boolean): void {
  if (isRoot) reading.paths.push({ steps: [], at });
}

/** Reads a node; `isRoot` says whether `.` is that of the scope. */
export function readNode(reading: Reading, node: Node, isRoot: boolean): void {
  if (OPAQUE.includes(node.kind)) reading.isUnclear = true;
  switch (node.kind) {
    case "literal":
    case "location":
      return;
    case "identity":
    case "variable":
    case "index":
    case "slice":
    case "iterate":
      return readTerm(reading, node, isRoot);
    case "recurse":
      reading.looks = "yes";
      return readInput(reading, node.start, isRoot);
    case "format":
      reading.looks = "yes";
      return readInput(reading, node.start, isRoot);
    case "text":
      if (node.format !== undefined) reading.looks = "yes";
      for (const part of node.parts) {
        if (typeof part !== "string") readNode(reading, part, isRoot);
      }
      return;
    case "array":
      if (node.body !== undefined) readNode(reading, node.body, isRoot);
      return;
    case "object":
      return readObject(reading, node, isRoot);
    case "negate":
      reading.looks = "yes";
      return readNode(reading, node.body, isRoot);
    case "binary":
      noteLooks(reading, node.operator);
      return readBoth(reading, node, isRoot);
    case "and":
    case "or":
      noteLooks(reading, node.kind);
      return readBoth(reading, node, isRoot);
    case "alternative":
      noteLooks(reading, "//");
      return readBoth(reading, node, isRoot);
    case "comma":
      return readBoth(reading, node, isRoot);
    case "assign":
      noteLooks(reading, node.operator);
      readNode(reading, node.left, isRoot);
      // What is assigned to is given on with all the rest.
      readInput(reading, node.start, isRoot);
      return readNode(reading, node.right, isRoot);
    case "pipe":
      readNode(reading, node.left, isRoot);
      return readNode(reading, node.right, false);
    case "if":
      return readCondition(reading, node, isRoot);
    case "try":
      reading.looks = "yes";
      readNode(reading, node.body, isRoot);
      if (node.handler !== undefined) readNode(reading, node.handler, isRoot);
      return;
    case "bind":
      readNode(reading, node.source, isRoot);
      if (node.patterns.length > 1) reading.looks = "yes";
      for (const it of node.patterns) readPattern(reading, it, isRoot);
      // To give a value a name leaves `.` as it is.
      return readNode(reading, node.body, isRoot);
    case "call":
      return readCall(reading, node, isRoot);
    case "break":
    case "define":
    case "foreach":
    case "label":
    case "missing":
    case "reduce":
      return;
  }
}

function readBoth(
  reading: Reading,
  { left, right }: { readonly left: Node; readonly right: Node },
  isRoot: boolean,
): void {
  readNode(reading, left, isRoot);
  readNode(reading, right, isRoot);
}

type Term = NodeOf<"identity" | "variable" | "index" | "slice" | "iterate">;

/** A step of a path: its key, or what is computed for it. */
interface Step {
  readonly key?: string | number | undefined;
  readonly computed: readonly Node[];
}

/** Reads what begins at `.` or a variable, and is taken apart. */
function readTerm(reading: Reading, node: Term, isRoot: boolean): void {
  const steps: Step[] = [];
  let at: Node = node;
  while (at.kind === "index" || at.kind === "slice" || at.kind === "iterate") {
    if (at.isOptional) reading.looks = "yes";
    steps.unshift(stepOf(at));
    at = at.target;
  }
  const end = steps.findIndex(({ key }) => key === undefined);
  const plain = steps.slice(0, end < 0 ? steps.length : end)
    .flatMap(({ key }) => key ?? []);
  if (at.kind === "identity") {
    if (isRoot) reading.paths.push({ steps: plain, at: at.start });
  } else if (at.kind === "variable") {
    const { name: variable, start } = at;
    if (isFree(reading, variable)) {
      reading.paths.push({ variable, steps: plain, at: start });
    }
  } else readNode(reading, at, isRoot);
  for (const { computed } of steps) {
    // `.[]` is no look into anything; `.[$x]` and `.[1:2]` are.
    if (computed.length > 0) reading.looks = "yes";
    for (const it of computed) readNode(reading, it, isRoot);
  }
}

function stepOf(node: NodeOf<"index" | "slice" | "iterate">): Step {
  switch (node.kind) {
    case "iterate":
      return { computed: [] };
    case "slice":
      return {
        computed: [node.from, node.to].filter((it) => it !== undefined),
      };
    case "index": {
      const key = constantKey(node.key);
      return key === undefined
        ? { computed: [node.key] }
        : { key, computed: [] };
    }
  }
}

/** What has a key that is computed, or another form, chooses by what is there. */
function readPattern(
  reading: Reading,
  pattern: Pattern,
  isRoot: boolean,
): void {
  switch (pattern.kind) {
    case "variable":
      if (isFree(reading, pattern.name)) reading.isUnclear = true;
      return;
    case "array":
      for (const it of pattern.items) readPattern(reading, it, isRoot);
      return;
    case "object":
      for (const { key, variable, value } of pattern.entries) {
        if (variable !== undefined && isFree(reading, variable)) {
          reading.isUnclear = true;
        }
        if (typeof constantKey(key) !== "string") {
          reading.looks = "yes";
          readNode(reading, key, isRoot);
        }
        if (value !== undefined) readPattern(reading, value, isRoot);
      }
  }
}

function isFree({ free }: Reading, name: string): boolean {
  return free === undefined || free.includes(name);
}

function readCall(
  reading: Reading,
  node: NodeOf<"call">,
  isRoot: boolean,
): void {
  noteLooks(reading, node.name);
  if (!CONSTANTS.includes(node.name)) readInput(reading, node.start, isRoot);
  // All of `.` counts as read already; its arguments may read variables.
  for (const it of node.arguments) readNode(reading, it, false);
}

function readObject(
  reading: Reading,
  node: NodeOf<"object">,
  isRoot: boolean,
): void {
  for (const { key, value } of node.entries) {
    if (typeof constantKey(key) !== "string") {
      reading.looks = "yes";
      readNode(reading, key, isRoot);
    }
    readNode(reading, value, isRoot);
  }
}

function readCondition(
  reading: Reading,
  node: NodeOf<"if">,
  isRoot: boolean,
): void {
  noteLooks(reading, "if");
  for (const { condition, then } of node.branches) {
    readNode(reading, condition, isRoot);
    readNode(reading, then, isRoot);
  }
  if (node.otherwise !== undefined) {
    return readNode(reading, node.otherwise, isRoot);
  }
  const first = node.branches[0]?.condition ?? node;
  readInput(reading, first.start, isRoot);
}
