/**
 * The expressions of later upstream workflows, in the words of this language.
 *
 * | there | here |
 * |---|---|
 * | `${ .x }`, with a space | `${ .x }` |
 * | `${x}`, without one: text | `${ "${x}" }` |
 * | `${.secrets.KEY}`, `${.env_vars.KEY}`, `$context.env.KEY` | `$secrets.KEY`, `$env.KEY`, `$env.KEY` |
 * | `$data.KEY` of a `set` | `$context._data.KEY` |
 * | `$data.item`, `${ item }` in a loop | `$item` |
 * | `$data.error` in a `catch` | `$error` |
 *
 * These are found by tokens: what is translated may be no program, and is given
 * on as it is written but for them, so that its mistakes are told of that.
 *
 * @module
 */

import { type Token, tokenize } from "../expr/tokens.ts";
import { isJsonArray, isJsonObject, type Json } from "../model/json.ts";
import { pointerTo } from "../model/diagnostic.ts";
import type { Place } from "./context.ts";
import { placeOf, reportWarning } from "./fields.ts";

/** What is known where an expression stands. */
export interface UpstreamScope {
  /** Variables of loops and catches around it, without `$`. */
  readonly variables: readonly string[];
  /** What `$error` is called here. */
  readonly error: string;
  /** Tasks that export something, by name. */
  readonly exports: ReadonlySet<string>;
  /** Secrets that were named so far. */
  readonly secrets: Set<string>;
  /** Whether something reads what `set` tasks gave, which is to be kept then. */
  readonly reads: { data: boolean };
}

/** Rewrites the expressions in a value, however deep. */
export function rewriteValue(
  json: Json,
  at: Place,
  scope: UpstreamScope,
): Json {
  if (typeof json === "string") return rewriteText(json, at, scope);
  if (isJsonArray(json)) {
    return json.map((it, i) => rewriteValue(it, placeOf(at, i), scope));
  }
  if (!isJsonObject(json)) return json;
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [
      key,
      rewriteValue(value, {
        ...at,
        pointer: pointerTo(at.pointer, key),
      }, scope),
    ]),
  );
}

/** Rewrites a condition: an expression with or without `${ }`. */
export function rewriteCondition(
  text: string,
  at: Place,
  scope: UpstreamScope,
): string {
  const match = /^\s*\$\{([^]*)\}\s*$/.exec(text);
  const source = match?.[1];
  return source === undefined
    ? rewriteProgram(text, { at, scope, offset: 0 })
    : `\${ ${
      rewriteProgram(source, { at, scope, offset: text.indexOf("{") + 1 })
        .trim()
    } }`;
}

/** A piece of a text: as it stands, or an expression. */
type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "program"; readonly program: string };

/** Rewrites a text with expressions in it. */
export function rewriteText(
  text: string,
  at: Place,
  scope: UpstreamScope,
): string {
  return piecesOf(text, at, scope).map((it) =>
    it.kind === "text" ? escaped(it.text) : `\${ ${it.program.trim()} }`
  ).join("");
}

/** What would be an expression here and is none there. */
function escaped(text: string): string {
  return text.replaceAll(
    /\$\{[^}]*\}?/g,
    (found) => `\${ ${JSON.stringify(found)} }`,
  );
}

/** Writes a value with expressions in it as one jq program. */
export function programOf(json: Json, at: Place, scope: UpstreamScope): string {
  if (typeof json === "string") {
    const pieces = piecesOf(json, at, scope);
    const [only] = pieces;
    if (pieces.length === 1 && only?.kind === "program") {
      return only.program.trim();
    }
    return `"${
      pieces.map((it) =>
        it.kind === "text"
          ? JSON.stringify(it.text).slice(1, -1)
          : `\\(${it.program.trim()})`
      ).join("")
    }"`;
  }
  if (isJsonArray(json)) {
    const items = json.map((it, i) =>
      `(${programOf(it, placeOf(at, i), scope)})`
    );
    return `[${items.join(", ")}]`;
  }
  if (!isJsonObject(json)) return JSON.stringify(json);
  const entries = Object.entries(json).map(([key, value]) =>
    `${keyOf(key)}: (${programOf(value, placeOf(at, key), scope)})`
  );
  return `{${entries.join(", ")}}`;
}

/** A key as jq takes it, in quotes where it needs them. */
export function keyOf(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) && !RESERVED.has(name)
    ? name
    : JSON.stringify(name);
}

const RESERVED: ReadonlySet<string> = new Set(
  ("def module import include if then else elif end as reduce foreach try " +
    "catch label and or not __loc__").split(" "),
);
const NAMED = /^\$\{\s*\.(?:secrets|env_vars)\./;

function piecesOf(
  text: string,
  at: Place,
  scope: UpstreamScope,
): readonly Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  let plain = "";
  for (;;) {
    const start = text.indexOf("${", done);
    if (start < 0) break;
    const end = endOfExpression(text, start);
    plain += text.slice(done, start);
    const body = text.slice(start + 2, end);
    done = end + 1;
    if (!/^\s/.test(body) && !NAMED.test(text.slice(start))) {
      plain += text.slice(start, done);
      noteText(text.slice(start, done), { ...at, offset: start });
      continue;
    }
    if (plain !== "") pieces.push({ kind: "text", text: plain });
    plain = "";
    const program = rewriteProgram(body, { at, scope, offset: start + 2 });
    pieces.push({ kind: "program", program });
  }
  plain += text.slice(done);
  if (plain !== "" || pieces.length === 0) {
    pieces.push({ kind: "text", text: plain });
  }
  return pieces;
}

/** Where an expression ends: at its `}`, or with the text. */
function endOfExpression(text: string, start: number): number {
  const last = tokenize(text, { start: start + 2, toBrace: true }).at(-1);
  if (last?.kind === "end") return last.end;
  const brace = text.indexOf("}", start);
  return brace < 0 ? text.length : brace;
}

function noteText(
  text: string,
  { offset, ...at }: Place & { readonly offset: number },
): void {
  reportWarning(at, {
    offset,
    message: `"${text}" is taken as text: an expression begins with "\${ "`,
    hint: "Put a space after the brace if it is one",
  });
}

/** A program that is rewritten: where it stands, and what is known there. */
interface Rewriting {
  readonly at: Place;
  readonly scope: UpstreamScope;
  /** Where in the text the program begins. */
  readonly offset: number;
}

/** Rewrites one jq program. */
function rewriteProgram(source: string, rewriting: Rewriting): string {
  const tokens = tokenize(source);
  let program = "";
  let done = 0;
  for (const [i, token] of tokens.entries()) {
    if (token.start < done) continue;
    const found = replacementOf({
      token,
      before: tokens[i - 1],
      after: tokens[i + 1],
      next: adjacentField(token, tokens[i + 1]),
    }, rewriting);
    if (found === undefined) continue;
    program += source.slice(done, token.start) + found.text;
    done = found.end;
  }
  return program + source.slice(done);
}

/** A token and what it may be read with. */
interface Seen {
  readonly token: Token;
  readonly before: Token | undefined;
  readonly after: Token | undefined;
  /** The field that follows it without a gap. */
  readonly next: Token | undefined;
}

function adjacentField(token: Token, next: Token | undefined) {
  return next?.kind === "field" && next.start === token.end ? next : undefined;
}

interface Replacement {
  readonly text: string;
  /** Where what is replaced ends. */
  readonly end: number;
}

function replacementOf(
  seen: Seen,
  rewriting: Rewriting,
): Replacement | undefined {
  const { token, next, before, after } = seen;
  const { scope } = rewriting;
  switch (token.kind) {
    case "variable":
      return variableOf(seen, rewriting);
    case "field":
      if (next === undefined || continuesPath(before, token)) return undefined;
      if (token.text === "secrets") {
        scope.secrets.add(next.text);
        return { text: `$secrets.${next.text}`, end: next.end };
      }
      return token.text === "env_vars"
        ? { text: `$env.${next.text}`, end: next.end }
        : undefined;
    case "identifier":
      // `{item: 1}` has a key of that name.
      return scope.variables.includes(token.text) && after?.text !== ":"
        ? { text: `$${token.text}`, end: token.end }
        : undefined;
    default:
      return undefined;
  }
}

/** Whether a field goes on with what stands before it. */
function continuesPath(before: Token | undefined, token: Token): boolean {
  return before !== undefined && before.end === token.start &&
    (before.kind === "variable" || before.kind === "field" ||
      before.kind === "identifier" || before.kind === "text-end" ||
      (before.kind === "operator" && /^[)\]}?.]$/.test(before.text)));
}

function variableOf(
  { token, next }: Seen,
  { at, scope, offset }: Rewriting,
): Replacement | undefined {
  const { end } = token;
  switch (token.text) {
    case "data":
      if (next !== undefined && scope.variables.includes(next.text)) {
        return { text: `$${next.text}`, end: next.end };
      }
      if (next?.text === "task") return { text: "$task", end: next.end };
      scope.reads.data = true;
      return { text: "$context._data", end };
    case "error":
      return { text: `$${scope.error}`, end };
    case "context":
      if (next === undefined || scope.exports.has(next.text)) return undefined;
      if (next.text === "env") return { text: "$env", end: next.end };
      reportWarning(at, {
        offset: offset + token.start,
        message: `"$context.${next.text}" is nothing that a task exports`,
        hint: "Exports are kept under the names of their tasks: " +
          "$context.TASK.KEY",
      });
      return undefined;
    default:
      return undefined;
  }
}
