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

/** What of a scope an expression reads. */
export interface Reads {
  readonly paths: readonly PlainPath[];
  /** Whether it looks into texts or compares them. */
  readonly compares: boolean;
}

interface Reading {
  readonly nesting: Nesting;
  readonly paths: PlainPath[];
}

const ALL: PlainPath = { steps: [] };
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
/** What compares texts, orders them, or looks into them. */
const COMPARING =
  /^(?:[!=<>]=|[<>]|==|-|\/|%|test|match|capture|scan|contains|inside|startswith|endswith|index|rindex|indices|has|in|IN|select|any|all|sort|sort_by|group_by|unique|unique_by|min|max|min_by|max_by|ltrimstr|rtrimstr|trim|ltrim|rtrim|split|splits|sub|gsub|type|tonumber|fromjson|length|utf8bytelength|isempty|limit|first|until|while|bsearch|and|or|if)$/;
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
  if (path !== undefined) return { paths: [path], compares: false };
  if (literal !== undefined) return { paths: [], compares: false };
  if (text !== undefined) {
    const paths = text.filter((it) => typeof it !== "string");
    return { paths, compares: false };
  }
  const nesting = readNesting(expression.program ?? expression.source);
  const reading: Reading = { nesting, paths: [] };
  const isOpaque = nesting.tokens.some(({ kind, text }) =>
    kind === "keyword" && /^(?:def|reduce|foreach|label)$/.test(text)
  );
  if (isOpaque) {
    const variables = (expression.variables ?? []).map((variable) => ({
      variable,
      steps: [],
    }));
    return { paths: [ALL, ...variables], compares: true };
  }
  readPipe(reading, nesting.whole, true);
  const compares = nesting.tokens.some(({ kind, text }) =>
    kind !== "text" && kind !== "field" && kind !== "variable" &&
    COMPARING.test(text)
  );
  return { paths: reading.paths, compares };
}

/** Reads `a | b`; `isRoot` says whether `.` is that of the scope. */
function readPipe(reading: Reading, span: Span, isRoot: boolean): void {
  const { nesting } = reading;
  const bar = findTop(nesting, span, { kind: "operator", texts: ["|"] });
  if (bar === undefined) return readTerms(reading, span, isRoot);
  const before = { from: span.from, to: bar };
  const as = findTop(nesting, before, { kind: "keyword", texts: ["as"] });
  readTerms(reading, { ...before, to: as ?? bar }, isRoot);
  // To give a value a name leaves `.` as it is.
  readPipe(
    reading,
    { from: bar + 1, to: span.to },
    as !== undefined && isRoot,
  );
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
      if (isRoot) paths.push({ steps });
      return skipSuffixes(reading, to, isRoot);
    }
    case "variable": {
      const { steps, to } = stepsAfter(nesting, at + 1);
      paths.push({ variable: token.text, steps });
      return skipSuffixes(reading, to, isRoot);
    }
    case "format":
      if (nesting.tokens[at + 1]?.kind !== "text-start" && isRoot) {
        paths.push(ALL);
      }
      return at + 1;
    case "text-start":
      readTexts(reading, { from: at + 1, to: end ?? at + 1 }, isRoot);
      return skipSuffixes(reading, (end ?? at) + 1, isRoot);
    case "identifier":
      return readCall(reading, at, isRoot);
    case "keyword":
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
  const { text } = nesting.tokens[at] ?? {};
  const end = nesting.closers.get(at);
  if (text === "." || text === "..") {
    const { steps, to } = text === "."
      ? stepsAfter(nesting, at)
      : { steps: [], to: at + 1 };
    if (isRoot) paths.push({ steps });
    return skipSuffixes(reading, Math.max(to, at + 1), isRoot);
  }
  if (text !== undefined && /^(?:=|[|+\-*\/%]=|\/\/=)$/.test(text)) {
    // What is assigned to is given on with all the rest.
    if (isRoot) paths.push(ALL);
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
    else if (token?.kind === "operator" && token.text === "?") at += 1;
    else if (token?.kind === "operator" && token.text === ".") at += 1;
    else if (
      end !== undefined && token !== undefined &&
      (token.text === "[" && token.kind === "operator" ||
        token.kind === "text-start" && nesting.tokens[at - 1]?.text === ".")
    ) {
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
  if (isRoot && !CONSTANTS.includes(name)) paths.push(ALL);
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
      if (isRoot && isName) paths.push({ steps: [key.text] });
      else if (isRoot && key?.kind === "text-start") paths.push(ALL);
      if (!isName) readTerms(reading, entry, isRoot);
      continue;
    }
    if (!isName) readTerms(reading, { ...entry, to: colon }, isRoot);
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
  if (other === undefined && isRoot) paths.push(ALL);
}
