/**
 * Plain paths, constants and texts: the expressions that need no jq.
 *
 * They are most of what workflows hold, and what is done here must give
 * exactly what jq gives. A text is told by its tokens, as that is done to each
 * expression when it is compiled: a tree is more than it asks for.
 *
 * @module
 */

import {
  isJsonArray,
  isJsonObject,
  type Json,
  jsonTypeName,
  member,
} from "../model/json.ts";
import type { Expression, PlainPath, Scope } from "./expression.ts";
import { ExpressionError } from "./failure.ts";
import { EVALUATION_OUTPUT_BYTES_MAX } from "./limits.ts";
import { tokenize } from "./tokens.ts";
import { wayOut } from "./way_out.ts";

/** The parts of an expression that the fast path reads. */
export type PlainForm = Pick<Expression, "path" | "literal" | "text">;

const START = /\$([A-Za-z_]\w*)|\.(?:([A-Za-z_]\w*)|("(?:[^"\\]|\\.)*"))?/y;
const STEP =
  /\.([A-Za-z_]\w*)|\.("(?:[^"\\]|\\.)*")|\.?\[(?:("(?:[^"\\]|\\.)*")|(-?\d{1,9}))\]/y;
/** Numbers that jq writes otherwise than JavaScript, and a character too. */
const WRITTEN_OTHERWISE = /\d[eE][+-]?\d|\x7f/;

/** Recognises what needs no jq; absent means that jq is needed. */
export function readPlain(program: string): PlainForm | undefined {
  const trimmed = program.trim();
  const path = readPath(trimmed);
  if (path !== undefined) return { path };
  const value = readJson(trimmed);
  if (value !== undefined) return { literal: { value } };
  const text = readText(trimmed);
  return text === undefined ? undefined : { text };
}

/** Reads `.`, `.a.b[0]`, `$name.a`, `."a b"` and `.["a"]`. */
function readPath(source: string): PlainPath | undefined {
  START.lastIndex = 0;
  const start = START.exec(source);
  if (start === null) return undefined;
  const steps: (string | number)[] = [];
  const [, variable, name, quoted] = start;
  if (variable === "__loc__") return undefined;
  if (name !== undefined) steps.push(name);
  let at = START.lastIndex;
  if (quoted !== undefined) {
    const key = readJson(quoted);
    if (typeof key !== "string") return undefined;
    steps.push(key);
  }
  const bare = source[0] === "." && steps.length === 0;
  while (at < source.length) {
    // After a lone dot only `[` may follow: `..a` is not a path.
    if (bare && at === 1 && source[at] !== "[") return undefined;
    STEP.lastIndex = at;
    const match = STEP.exec(source);
    if (match === null) return undefined;
    const step = stepOf(match);
    if (step === undefined) return undefined;
    steps.push(step);
    at = STEP.lastIndex;
  }
  return variable === undefined ? { steps } : { variable, steps };
}

function stepOf(match: RegExpExecArray): string | number | undefined {
  const [, name, dotted, bracketed, index] = match;
  if (name !== undefined) return name;
  if (index !== undefined) return Number(index);
  const key = readJson(dotted ?? bracketed ?? "");
  return typeof key === "string" ? key : undefined;
}

/** Reads a constant; JSON is jq, too. */
function readJson(source: string): Json | undefined {
  // A number too large for JavaScript is left to jq, which bounds it.
  if (!/^["[{\dtfn-]/.test(source) || /[eE]\+?\d{3}/.test(source)) {
    return undefined;
  }
  try {
    const value: Json = JSON.parse(source);
    return value;
  } catch {
    return undefined;
  }
}

/** Reads a string in which only plain paths are interpolated. */
function readText(source: string): readonly (string | PlainPath)[] | undefined {
  if (!source.startsWith('"')) return undefined;
  const tokens = tokenize(source);
  const parts: (string | PlainPath)[] = [];
  for (let i = 1; i < tokens.length; i++) {
    const token = tokens[i];
    if (token === undefined) return undefined;
    if (token.kind === "text-end") {
      return tokens[i + 1]?.kind === "end" ? parts : undefined;
    }
    if (token.kind === "text") {
      parts.push(token.text);
      continue;
    }
    if (token.kind !== "open") return undefined;
    const close = tokens.findIndex((t, at) => at > i && t.kind === "close");
    const end = tokens[close];
    if (end === undefined) return undefined;
    const path = readPath(source.slice(token.end, end.start).trim());
    if (path === undefined) return undefined;
    parts.push(path);
    i = close;
  }
  return undefined;
}

/**
 * Follows a path as jq does: null stays null, an absent key or index is null,
 * a negative index counts from the end.
 *
 * @throws {ExpressionError} When a value cannot be indexed so.
 */
export function followPath(
  path: PlainPath,
  at: { readonly scope: Scope; readonly expression: Expression },
): Json {
  let value = startOf(path, at);
  for (const step of path.steps) {
    if (value === null) continue;
    if (typeof step === "string" && isJsonObject(value)) {
      value = member(value, step) ?? null;
    } else if (typeof step === "number" && isJsonArray(value)) {
      value = value[step < 0 ? value.length + step : step] ?? null;
    } else {
      throw new ExpressionError(cannotIndex(value, step), at.expression);
    }
  }
  return value;
}

function startOf(
  path: PlainPath,
  at: { readonly scope: Scope; readonly expression: Expression },
): Json {
  if (path.variable === undefined) return at.scope.input;
  const variables = at.scope.variables;
  const value = Object.hasOwn(variables, path.variable)
    ? variables[path.variable]
    : undefined;
  if (value !== undefined) return value;
  throw new ExpressionError(
    `$${path.variable} is not defined`,
    at.expression,
  );
}

function cannotIndex(value: Json, step: string | number): string {
  const key = typeof step === "string" ? `string ${JSON.stringify(step)}` : "";
  return `Cannot index ${jsonTypeName(value)} with ${key || "number"}`;
}

/**
 * Joins a text.
 *
 * @returns `undefined` when it holds what jq writes otherwise.
 */
export function joinText(
  text: readonly (string | PlainPath)[],
  at: { readonly scope: Scope; readonly expression: Expression },
): string | undefined {
  let joined = "";
  for (const part of text) {
    if (typeof part === "string") {
      joined += part;
      continue;
    }
    const value = followPath(part, at);
    if (typeof value === "string") {
      joined += value;
      boundText(joined, at.expression);
      continue;
    }
    const written = JSON.stringify(value);
    if (WRITTEN_OTHERWISE.test(written)) return undefined;
    joined += written;
    boundText(joined, at.expression);
  }
  return joined;
}

/**
 * Stops at a text that has grown too long to be a result.
 *
 * @throws {ExpressionError} When it has.
 */
export function boundText(text: string, expression: Expression): void {
  if (text.length <= EVALUATION_OUTPUT_BYTES_MAX) return;
  const size = EVALUATION_OUTPUT_BYTES_MAX / 1024 / 1024;
  throw new ExpressionError(
    `its result is larger than ${size} MiB, ${wayOut("result")}`,
    expression,
    { limit: "result" },
  );
}
