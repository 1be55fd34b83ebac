/**
 * Turns the text of expressions and templates into what is evaluated.
 *
 * Only definitions pass through here: what expressions give, and what inputs
 * hold, is never read as an expression. Where an expression ends in a text is
 * told by its tokens: there is no program before that is known.
 *
 * @module
 */

import { type Diagnostic, pointerTo } from "../model/diagnostic.ts";
import { isJsonArray, isJsonObject, type Json } from "../model/json.ts";
import type { Expression, Shift, Template } from "./expression.ts";
import type { ExpressionProblem } from "./failure.ts";
import { EXPRESSION_LENGTH_MAX } from "./limits.ts";
import { lookAlike } from "./look_alike.ts";
import { readPlain } from "./plain.ts";
import { offsetWritten } from "./place.ts";
import { inspectProgram, type KnownTypes } from "./syntax.ts";

export type { KnownTypes } from "./syntax.ts";
import { type Token, tokenize } from "./tokens.ts";

/** Where an expression stands and what it may use. */
export interface CompileOptions {
  /** JSON pointer of the string in the definition. */
  readonly pointer: string;
  /** The variables it may use, without `$`; absent means any. */
  readonly variables?: ReadonlySet<string>;
  /**
   * Whether a string without `${ … }` may be an expression; absent means
   * `strict`, it is text.
   */
  readonly mode?: "strict" | "loose";
  /** What is known of its scope; absent: nobody asks what is odd about it. */
  readonly types?: KnownTypes | undefined;
  /** Turns another spelling into jq before it is compiled. */
  readonly rewrite?: (source: string) => Rewritten;
}

/** A source in jq, or why it is none. */
export type Rewritten =
  | { readonly program: string; readonly shifts: readonly Shift[] }
  | { readonly problem: ExpressionProblem };

/** An expression with what is odd about it, or why there is none. */
export type Compiled =
  | {
    readonly expression: Expression;
    readonly warnings: readonly ExpressionProblem[];
  }
  | { readonly problems: readonly ExpressionProblem[] };

/** A template with what is wrong in it; what is wrong stands there as text. */
export interface CompiledTemplate {
  readonly template: Template;
  readonly diagnostics: readonly Diagnostic[];
}

/** Compiles the source of one expression, without `${` and `}`. */
export function compileExpression(
  source: string,
  options: CompileOptions,
): Compiled {
  if (source.length > EXPRESSION_LENGTH_MAX) {
    const message =
      `The expression is longer than ${EXPRESSION_LENGTH_MAX} characters`;
    return refused({ offset: 0, message });
  }
  const rewritten = options.rewrite?.(source);
  if (rewritten !== undefined && "problem" in rewritten) {
    return refused(rewritten.problem);
  }
  const program = rewritten?.program ?? source;
  const inspected = inspectProgram(program, options);
  const { shifts = [] } = rewritten ?? {};
  const offsetOf = (offset: number) => offsetWritten(shifts, offset);
  if ("problems" in inspected) return moved(inspected, offsetOf);
  const { warnings, facts: { variables } } = inspected;
  const expression: Expression = {
    source: source.trim(),
    pointer: options.pointer,
    ...(program === source ? {} : {
      program,
      shifts,
      trimmed: source.length - source.trimStart().length,
    }),
    ...readPlain(program),
    variables,
  };
  return moved({ expression, warnings }, offsetOf);
}

function refused(...problems: readonly ExpressionProblem[]): Compiled {
  return { problems };
}

/**
 * Compiles a string that is an expression with or without `${ … }`, as `if`,
 * `when`, `while` and `for.in` take it.
 */
export function compileBare(text: string, options: CompileOptions): Compiled {
  const start = text.length - text.trimStart().length;
  if (!text.startsWith("${", start)) return compileExpression(text, options);
  const end = endOfExpression(text, start);
  if (end === undefined) return refused(notClosed(text, start));
  if (text.slice(end + 1).trim() !== "") {
    const message = "This takes one expression, and there is text after it";
    return refused({ offset: end + 1, message });
  }
  return compileInside(text, { start, end }, options);
}

/** Compiles a value in which strings may hold `${ … }`. */
export function compileTemplate(
  value: Json,
  options: CompileOptions,
): CompiledTemplate {
  const diagnostics: Diagnostic[] = [];
  const template = compileValue(value, options, diagnostics);
  return { template, diagnostics };
}

function compileValue(
  value: Json,
  options: CompileOptions,
  diagnostics: Diagnostic[],
): Template {
  if (typeof value === "string") {
    return compileText(value, options, diagnostics);
  }
  const child = (key: string | number, item: Json): Template =>
    compileValue(
      item,
      { ...options, pointer: pointerTo(options.pointer, key) },
      diagnostics,
    );
  if (isJsonArray(value)) {
    const items = value.map((item, i) => child(i, item));
    return items.every(isLiteral)
      ? { kind: "literal", value }
      : { kind: "array", items };
  }
  if (!isJsonObject(value)) return { kind: "literal", value };
  const entries = Object.entries(value).map((
    [key, item],
  ): readonly [string, Template] => [key, child(key, item)]);
  return entries.every(([, item]) => isLiteral(item))
    ? { kind: "literal", value }
    : { kind: "object", entries };
}

function isLiteral(template: Template): boolean {
  return template.kind === "literal";
}

function compileText(
  text: string,
  options: CompileOptions,
  diagnostics: Diagnostic[],
): Template {
  const parts: (string | Expression)[] = [];
  let at = 0;
  for (;;) {
    const start = text.indexOf("${", at);
    if (start < 0) break;
    if (start > at) parts.push(text.slice(at, start));
    const end = endOfExpression(text, start);
    const compiled = end === undefined
      ? refused(notClosed(text, start))
      : compileInside(text, { start, end }, options);
    at = end === undefined ? text.length : end + 1;
    if ("expression" in compiled) parts.push(compiled.expression);
    diagnostics.push(...diagnosticsOf(compiled, options.pointer));
  }
  if (at < text.length) parts.push(text.slice(at));
  if (!text.includes("${")) {
    diagnostics.push(...oddText(text, options));
  }
  return assemble(text, parts, options);
}

/** Warns where every text is text, and in the spelling of this language. */
function oddText(
  text: string,
  { mode = "strict", pointer, rewrite, variables }: CompileOptions,
): readonly Diagnostic[] {
  if (mode === "loose" || rewrite !== undefined) return [];
  const odd = lookAlike(text, variables);
  return odd === undefined ? [] : [{ severity: "warning", pointer, ...odd }];
}

function assemble(
  text: string,
  parts: readonly (string | Expression)[],
  options: CompileOptions,
): Template {
  const filled = parts.filter((p) => typeof p !== "string" || p.trim() !== "");
  const [only] = filled;
  if (filled.length === 1 && typeof only === "object") {
    return options.mode === "loose"
      ? { kind: "loose", expression: only, text }
      : { kind: "expression", expression: only };
  }
  if (parts.some((part) => typeof part !== "string")) {
    return { kind: "text", parts };
  }
  if (options.mode === "loose") {
    const compiled = compileExpression(text, options);
    if ("expression" in compiled) {
      return { kind: "loose", expression: compiled.expression, text };
    }
  }
  return { kind: "literal", value: text };
}

/** Makes the diagnostics for what was found in the string at a pointer. */
export function diagnosticsOf(
  compiled: Compiled,
  pointer: string,
): readonly Diagnostic[] {
  return "problems" in compiled
    ? compiled.problems.map((it) => ({ severity: "error", pointer, ...it }))
    : compiled.warnings.map((it) => ({ severity: "warning", pointer, ...it }));
}

/** Compiles what stands in a text between a `${` and its `}`. */
function compileInside(
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
  options: CompileOptions,
): Compiled {
  const compiled = compileExpression(text.slice(start + 2, end), options);
  return moved(compiled, (offset) => offset + start + 2);
}

/** Finds the `}` of the `${` at an offset. */
function endOfExpression(text: string, start: number): number | undefined {
  const last = tokenize(text, { start: start + 2, toBrace: true }).at(-1);
  return last?.kind === "end" && last.end < text.length ? last.end : undefined;
}

/**
 * Says why there is no end: something in it is no token, a bracket in it is
 * open where the `}` comes, or `}` is missing.
 */
function notClosed(text: string, start: number): ExpressionProblem {
  const tokens = tokenize(text, { start: start + 2, toBrace: true });
  const open = openAtBrace(tokens);
  if (open !== undefined) {
    return { offset: open.start, message: `"${open.text}" is not closed` };
  }
  const last = tokens.at(-1);
  if (last?.kind === "invalid" && last.start < text.length) {
    const inspected = inspectProgram(text.slice(start + 2));
    const [problem] = "problems" in inspected ? inspected.problems : [];
    if (problem !== undefined && problem.offset > 0) {
      return { ...problem, offset: problem.offset + start + 2 };
    }
  }
  return {
    offset: start,
    message: '"${" is not closed with "}"',
  };
}

/** Finds the bracket that is still open at a `}` that is not its own. */
function openAtBrace(tokens: readonly Token[]): Token | undefined {
  const open: Token[] = [];
  for (const token of tokens) {
    const { kind, text } = token;
    if (kind === "open" || (kind === "operator" && /^[([{]$/.test(text))) {
      open.push(token);
    } else if (
      kind === "close" || (kind === "operator" && /^[)\]]$/.test(text))
    ) {
      open.pop();
    } else if (kind === "operator" && text === "}") {
      const last = open.pop();
      if (last !== undefined && last.text !== "{") return last;
    }
  }
  return undefined;
}

/** What was found, at other offsets. */
function moved(
  compiled: Compiled,
  offsetOf: (offset: number) => number,
): Compiled {
  const move = (it: ExpressionProblem): ExpressionProblem => ({
    ...it,
    offset: offsetOf(it.offset),
  });
  return "problems" in compiled
    ? { problems: compiled.problems.map(move) }
    : { ...compiled, warnings: compiled.warnings.map(move) };
}
