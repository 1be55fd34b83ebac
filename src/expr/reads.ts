/**
 * What an expression reads of its scope: the paths that it begins at.
 *
 * Rather too much than too little: where it is not clear what `.` is, all of
 * it counts as read.
 *
 * @module
 */

import {
  findTop,
  type Nesting,
  readNesting,
  type Span,
  splitTop,
  stepsAfter,
} from "./_nesting.ts";
import type { Expression, PlainPath, Scope } from "./expression.ts";
import { isJsonArray, isJsonObject, type Json, member } from "../model/json.ts";

/** Whether an expression looks into what it reads. */
export type Looks = "no" | "perhaps" | "yes";

/** A path that is read, and the token at which that is. */
export interface ReadPath extends PlainPath {
  readonly at: number;
}

/** What of a scope an expression reads. */
export interface Reads {
  readonly paths: readonly ReadPath[];
  /**
   * Whether what it gives depends on what the texts that it reads say: `no`
   * where it only puts them into place, `perhaps` where it may depend on
   * whether something is a text, or is there.
   */
  readonly looks: Looks;
}

interface Reading {
  readonly nesting: Nesting;
  readonly paths: ReadPath[];
  /** The variables that it takes from its scope; absent means any. */
  readonly free: readonly string[] | undefined;
  looks: Looks;
  /** Whether it gives one of those names to a value of its own. */
  isShadowing: boolean;
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
const STRUCTURE = /^(?:[.,:;|=(){}[\]]|\|=|then|else|end|as|\$)$/;
const known = new WeakMap<Expression, Reads>();

/** Finds what an expression reads. */
export function readsOf(expression: Expression): Reads {
  const reads = known.get(expression) ?? find(expression);
  known.set(expression, reads);
  return reads;
}

/** Gives what an expression reads in a scope. */
export function valuesRead(
  expression: Expression,
  scope: Scope,
): readonly Json[] {
  const { paths } = readsOf(expression);
  const own = new Map<string, Json>();
  const startOf = ({ variable }: PlainPath): Json => {
    if (variable === undefined) return scope.input;
    const value = own.get(variable) ??
      (Object.hasOwn(scope.variables, variable)
        ? scope.variables[variable] ?? null
        : null);
    own.set(variable, value);
    return value;
  };
  return paths.map((path) => follow(startOf(path), path.steps));
}

/** As far as the path goes: what is no object is read itself. */
function follow(start: Json, steps: readonly (string | number)[]): Json {
  let value = start;
  for (const step of steps) {
    if (typeof step === "string" && isJsonObject(value)) {
      value = member(value, step) ?? null;
    } else if (typeof step === "number" && isJsonArray(value)) {
      value = value.at(step) ?? null;
    } else return value;
  }
  return value;
}

function find(expression: Expression): Reads {
  const { path, literal, text } = expression;
  if (path !== undefined) return { paths: [{ ...path, at: 0 }], looks: "no" };
  if (literal !== undefined) return { paths: [], looks: "no" };
  if (text !== undefined) {
    const paths = text.flatMap((it) =>
      typeof it === "string" ? [] : [{ ...it, at: 0 }]
    );
    return { paths, looks: "no" };
  }
  const nesting = readNesting(expression.program ?? expression.source);
  const isOpaque = nesting.tokens.some(({ kind, text }) =>
    kind === "keyword" && /^(?:def|reduce|foreach|label)$/.test(text)
  );
  const { variables: free } = expression;
  if (isOpaque) return readsAll(free);
  const reading: Reading = {
    nesting,
    paths: [],
    free,
    looks: "no",
    isShadowing: false,
  };
  readPipe(reading, nesting.whole, true);
  if (reading.isShadowing) return readsAll(free);
  return { paths: reading.paths, looks: reading.looks };
}

/** What is read where it is not clear what a name means. */
function readsAll(free: readonly string[] = []): Reads {
  const variables = free.map((variable) => ({ variable, steps: [], at: 0 }));
  return { paths: [{ steps: [], at: 0 }, ...variables], looks: "yes" };
}

/** Notes what a word or a sign does with values. */
function noteLooks(reading: Reading, text: string): void {
  if (reading.looks === "yes") return;
  if (ASKING.includes(text)) reading.looks = "perhaps";
  else if (!STRUCTURE.test(text) && !PLACING.includes(text)) {
    reading.looks = "yes";
  }
}

/** Reads `a | b`; `isRoot` says whether `.` is that of the scope. */
function readPipe(reading: Reading, span: Span, isRoot: boolean): void {
  const { nesting } = reading;
  const bar = findTop(nesting, span, { kind: "operator", texts: ["|"] });
  if (bar === undefined) return readTerms(reading, span, isRoot);
  const before = { from: span.from, to: bar };
  const as = findTop(nesting, before, { kind: "keyword", texts: ["as"] });
  readTerms(reading, { ...before, to: as ?? bar }, isRoot);
  if (as !== undefined) readPattern(reading, { from: as + 1, to: bar }, isRoot);
  // To give a value a name leaves `.` as it is.
  readPipe(
    reading,
    { from: bar + 1, to: span.to },
    as !== undefined && isRoot,
  );
}

/** What has a key that is computed, or another form, chooses by what is there. */
function readPattern(reading: Reading, span: Span, isRoot: boolean): void {
  const { nesting } = reading;
  for (let i = span.from; i < span.to; i++) {
    const { kind, text = "" } = nesting.tokens[i] ?? {};
    if (kind === "variable" && isFree(reading, text)) {
      reading.isShadowing = true;
    }
    const chooses = kind === "open" ||
      (kind === "operator" && (text === "(" || text === "?//"));
    if (!chooses) continue;
    reading.looks = "yes";
    const end = nesting.closers.get(i);
    if (end === undefined) continue;
    readPipe(reading, { from: i + 1, to: end }, isRoot);
    i = end;
  }
}

function isFree({ free }: Reading, name: string): boolean {
  return free === undefined || free.includes(name);
}

function readTerms(reading: Reading, span: Span, isRoot: boolean): void {
  for (let i = span.from; i < span.to;) {
    i = Math.max(i + 1, readTerm(reading, i, isRoot));
  }
}

/** Reads what begins at a token; gives where it ends. */
function readTerm(reading: Reading, at: number, isRoot: boolean): number {
  const { nesting, paths } = reading;
  const token = nesting.tokens[at];
  const end = nesting.closers.get(at);
  switch (token?.kind) {
    case "field": {
      const { steps, to } = stepsAfter(nesting, at);
      if (isRoot) paths.push({ steps, at });
      return skipSuffixes(reading, to, isRoot);
    }
    case "variable": {
      const { steps, to } = stepsAfter(nesting, at + 1);
      if (isFree(reading, token.text)) {
        paths.push({ variable: token.text, steps, at });
      }
      return skipSuffixes(reading, to, isRoot);
    }
    case "format":
      reading.looks = "yes";
      if (nesting.tokens[at + 1]?.kind !== "text-start" && isRoot) {
        paths.push({ steps: [], at });
      }
      return at + 1;
    case "text-start":
      readTexts(reading, { from: at + 1, to: end ?? at + 1 }, isRoot);
      return skipSuffixes(reading, (end ?? at) + 1, isRoot);
    case "identifier":
      return readCall(reading, at, isRoot);
    case "keyword":
      noteLooks(reading, token.text);
      if (token.text !== "if" || end === undefined) return at + 1;
      readCondition(reading, { from: at + 1, to: end }, isRoot);
      return skipSuffixes(reading, end + 1, isRoot);
    case "operator":
      return readOperator(reading, at, isRoot);
    default:
      return at + 1;
  }
}

function readOperator(reading: Reading, at: number, isRoot: boolean): number {
  const { nesting, paths } = reading;
  const { text = "" } = nesting.tokens[at] ?? {};
  const end = nesting.closers.get(at);
  noteLooks(reading, text);
  if (text === "." || text === "..") {
    const { steps, to } = text === "."
      ? stepsAfter(nesting, at)
      : { steps: [], to: at + 1 };
    if (isRoot) paths.push({ steps, at });
    return skipSuffixes(reading, Math.max(to, at + 1), isRoot);
  }
  if (/^(?:=|[|+\-*\/%]=|\/\/=)$/.test(text)) {
    // What is assigned to is given on with all the rest.
    if (isRoot) paths.push({ steps: [], at });
    return at + 1;
  }
  if (end === undefined) return at + 1;
  const inside = { from: at + 1, to: end };
  if (text === "{") readObject(reading, inside, isRoot);
  else readPipe(reading, inside, isRoot);
  return skipSuffixes(reading, end + 1, isRoot);
}

/** What is taken of a term is read with it; what is computed in `[ ]` is not. */
function skipSuffixes(reading: Reading, at: number, isRoot: boolean): number {
  const { nesting } = reading;
  for (;;) {
    const token = nesting.tokens[at];
    const end = nesting.closers.get(at);
    if (token?.kind === "field") at += 1;
    else if (token?.kind === "operator" && token.text === "?") {
      reading.looks = "yes";
      at += 1;
    } else if (token?.kind === "operator" && token.text === ".") at += 1;
    else if (
      end !== undefined && token !== undefined &&
      (token.text === "[" && token.kind === "operator" ||
        token.kind === "text-start" && nesting.tokens[at - 1]?.text === ".")
    ) {
      // `.[]` is no look into anything; `.[$x]` and `.[1:2]` are.
      if (end > at + 1) reading.looks = "yes";
      readPipe(reading, { from: at + 1, to: end }, isRoot);
      at = end + 1;
    } else return at;
  }
}

function readTexts(reading: Reading, span: Span, isRoot: boolean): void {
  const { nesting } = reading;
  for (let i = span.from; i < span.to; i++) {
    const end = nesting.closers.get(i);
    if (nesting.tokens[i]?.kind !== "open" || end === undefined) continue;
    readPipe(reading, { from: i + 1, to: end }, isRoot);
    i = end;
  }
}

function readCall(reading: Reading, at: number, isRoot: boolean): number {
  const { nesting, paths } = reading;
  const name = nesting.tokens[at]?.text ?? "";
  noteLooks(reading, name);
  if (isRoot && !CONSTANTS.includes(name)) paths.push({ steps: [], at });
  const end = nesting.tokens[at + 1]?.text === "("
    ? nesting.closers.get(at + 1)
    : undefined;
  if (end === undefined) return at + 1;
  // All of `.` counts as read already; its arguments may read variables.
  const inside = { from: at + 2, to: end };
  for (const it of splitTop(nesting, inside, SEMICOLON)) {
    readPipe(reading, it, false);
  }
  return skipSuffixes(reading, end + 1, isRoot);
}

const SEMICOLON = { kind: "operator", texts: [";"] } as const;

function readObject(reading: Reading, span: Span, isRoot: boolean): void {
  const { nesting, paths } = reading;
  const comma = { kind: "operator", texts: [","] } as const;
  for (const entry of splitTop(nesting, span, comma)) {
    const colon = findTop(nesting, entry, { kind: "operator", texts: [":"] });
    const key = nesting.tokens[entry.from];
    const isName = key?.kind === "identifier" || key?.kind === "keyword";
    if (colon === undefined) {
      const at = entry.from;
      if (isRoot && isName) paths.push({ steps: [key.text], at });
      else if (isRoot && key?.kind === "text-start") {
        paths.push({ steps: [], at });
      }
      if (!isName && key?.kind !== "variable") reading.looks = "yes";
      if (!isName) readTerms(reading, entry, isRoot);
      continue;
    }
    if (!isName) {
      const isConstant = key?.kind === "text-start" &&
        nesting.closers.get(entry.from) === entry.from + 2;
      if (!isConstant) reading.looks = "yes";
      readTerms(reading, { ...entry, to: colon }, isRoot);
    }
    readPipe(reading, { from: colon + 1, to: entry.to }, isRoot);
  }
}

function readCondition(reading: Reading, span: Span, isRoot: boolean): void {
  const { nesting, paths } = reading;
  const texts = ["then", "elif", "else"];
  for (const it of splitTop(nesting, span, { kind: "keyword", texts })) {
    readPipe(reading, it, isRoot);
  }
  const other = findTop(nesting, span, { kind: "keyword", texts: ["else"] });
  if (other === undefined && isRoot) paths.push({ steps: [], at: span.from });
}
