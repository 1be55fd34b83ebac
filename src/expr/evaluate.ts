/**
 * Evaluates expressions and templates, synchronously.
 *
 * @module
 */

import type { Json } from "../model/json.ts";
import { PRELUDE } from "./builtins.ts";
import type { Expression, Scope, Template } from "./expression.ts";
import { ExpressionError } from "./failure.ts";
import {
  closeJq,
  JQ_BOUNDS,
  type JqAnswer,
  type JqBounds,
  runJq,
} from "./jq.ts";
import {
  EVALUATION_INPUT_SIZE_MAX,
  EVALUATION_STEPS_PER_MIB,
  EVALUATION_TIME_MS_PER_MIB,
} from "./limits.ts";
import { boundText, followPath, joinText } from "./plain.ts";
import { inspectProgram } from "./syntax.ts";

const MEBIBYTE = 1024 * 1024;
/** What jq puts before the message of an error. */
const ERROR_PREFIX = /^jq: error(?: \(at [^)]*\))?(?: \(not a string\))?:? ?/;
/** A lone half of a surrogate pair as JSON writes it; jq refuses it. */
const LONE_SURROGATE = /\\ud[89a-f]/i;
/** What may be too large for a number of JavaScript. */
const LARGE_EXPONENT = /[eE]\+?\d{3}/;

/**
 * Evaluates an expression.
 *
 * No result is null; more than one is an error. `now` is the scope's time, so
 * that a replay gives the same.
 *
 * @throws {ExpressionError} When it fails, or goes past a limit.
 */
export function evaluate(expression: Expression, scope: Scope): Json {
  if (expression.path !== undefined) {
    return followPath(expression.path, { scope, expression });
  }
  if (expression.literal !== undefined) return expression.literal.value;
  if (expression.text !== undefined) {
    const joined = joinText(expression.text, { scope, expression });
    if (joined !== undefined) return joined;
  }
  return evaluateByJq(expression, scope);
}

/**
 * Evaluates a template.
 *
 * @throws {ExpressionError} When an expression in it fails.
 */
export function evaluateTemplate(template: Template, scope: Scope): Json {
  switch (template.kind) {
    case "literal":
      return template.value;
    case "expression":
      return evaluate(template.expression, scope);
    case "text":
      return joinParts(template.parts, scope);
    case "array":
      return template.items.map((item) => evaluateTemplate(item, scope));
    case "object":
      return Object.fromEntries(
        template.entries.map((
          [key, value],
        ) => [key, evaluateTemplate(value, scope)]),
      );
    case "loose":
      return evaluateLoose(template, scope);
  }
}

/** Says whether a result counts as true: all but null and false do, as in jq. */
export function isTruthy(value: Json): boolean {
  return value !== null && value !== false;
}

/**
 * Ends the worker that evaluates, if one was started; the next evaluation
 * starts a new one.
 *
 * A running worker keeps the process alive: programs call this at their end,
 * and so do tests that evaluate.
 */
export function closeExpressions(): void {
  closeJq();
}

/** Many small references to one large value make a text of any size. */
function joinParts(
  parts: readonly (string | Expression)[],
  scope: Scope,
): string {
  let joined = "";
  for (const part of parts) {
    if (typeof part === "string") {
      joined += part;
      continue;
    }
    joined += asText(evaluate(part, scope));
    boundText(joined, part);
  }
  return joined;
}

function asText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function evaluateLoose(
  template: Extract<Template, { kind: "loose" }>,
  scope: Scope,
): Json {
  try {
    return evaluate(template.expression, scope);
  } catch (thrown) {
    if (!(thrown instanceof ExpressionError) || thrown.isLimit) throw thrown;
    return template.text;
  }
}

/**
 * Evaluates by jq itself, whatever the form of the expression; tests compare
 * the fast path with it, and give it bounds that are soon reached.
 */
export function evaluateByJq(
  expression: Expression,
  scope: Scope,
  narrower: Partial<JqBounds> = {},
): Json {
  const source = expression.program ?? expression.source;
  const names = variablesOf(expression, source).filter((name) =>
    Object.hasOwn(scope.variables, name)
  );
  const input = writeInput([
    scope.input,
    ...names.map((name) => scope.variables[name] ?? null),
  ]);
  if (input.length > EVALUATION_INPUT_SIZE_MAX) {
    throw new ExpressionError(
      `its input is larger than ${inMebibytes(EVALUATION_INPUT_SIZE_MAX)}`,
      expression,
      { isLimit: true },
    );
  }
  const program = [
    defineNow(scope),
    ...(expression.prelude ?? []).map((name) => PRELUDE[name] ?? ""),
    ...names.map((name, i) => `.[${i + 1}] as $${name} |`),
    `.[0] | (${source}\n)`,
  ].join(" ");
  const bounds = { ...boundsFor(input), ...narrower };
  return readAnswer(runJq(program, input, bounds), { expression, bounds });
}

/** A large input takes its time by itself. */
function boundsFor(input: string): JqBounds {
  const mebibytes = input.length / MEBIBYTE;
  return {
    ...JQ_BOUNDS,
    stepsMax: JQ_BOUNDS.stepsMax +
      Math.round(mebibytes * EVALUATION_STEPS_PER_MIB),
    timeMsMax: JQ_BOUNDS.timeMsMax +
      Math.round(mebibytes * EVALUATION_TIME_MS_PER_MIB),
  };
}

/** An expression that was compiled knows; one made by hand is read again. */
function variablesOf(expression: Expression, source: string) {
  if (expression.variables !== undefined) return expression.variables;
  const inspected = inspectProgram(source);
  if ("problem" in inspected) {
    throw new ExpressionError(inspected.problem.message, expression);
  }
  return inspected.facts.variables;
}

function defineNow({ nowMs }: Scope): string {
  if (nowMs !== undefined) return `def now: ${nowMs / 1000};`;
  return 'def now: error("the time is not known here");';
}

function writeInput(values: readonly Json[]): string {
  const text = JSON.stringify(values);
  if (!LONE_SURROGATE.test(text)) return text;
  return JSON.stringify(
    values,
    (_key, value: unknown) =>
      typeof value === "string" ? value.toWellFormed() : value,
  );
}

function readAnswer(
  answer: JqAnswer,
  { expression, bounds }: {
    readonly expression: Expression;
    readonly bounds: JqBounds;
  },
): Json {
  const pastLimit = (reason: string): ExpressionError =>
    new ExpressionError(reason, expression, { isLimit: true });
  switch (answer.kind) {
    case "output":
      return readOutput(answer.text, expression);
    case "error":
      throw new ExpressionError(readError(answer.text), expression);
    case "too large":
      throw pastLimit(
        `its result is larger than ${inMebibytes(bounds.outputBytesMax)}`,
      );
    case "too long":
      throw pastLimit(
        `it takes more than ${Math.round(bounds.stepsMax / 1e6)} million steps`,
      );
    case "too slow":
      throw pastLimit(
        `it takes longer than ${(bounds.timeMsMax / 1000).toFixed(1)} s`,
      );
    case "broken":
      throw pastLimit(`the evaluator broke: ${readError(answer.text)}`);
  }
}

function readOutput(text: string, expression: Expression): Json {
  if (text === "") return null;
  if (text.includes("\n")) {
    throw new ExpressionError(
      "it gives more than one result, collect them with [ ]",
      expression,
    );
  }
  const value: Json = LARGE_EXPONENT.test(text)
    ? JSON.parse(text, (_key, item: unknown) => clampNumber(item))
    : JSON.parse(text);
  return value;
}

/** JSON has no infinity: as jq does, the largest number stands for it. */
function clampNumber(value: unknown): unknown {
  if (value === Infinity) return Number.MAX_VALUE;
  return value === -Infinity ? -Number.MAX_VALUE : value;
}

function readError(text: string): string {
  const first = text.replace(/\njq: \d+ compile errors?$/, "");
  return first.replace(ERROR_PREFIX, "").trim();
}

function inMebibytes(bytes: number): string {
  return `${bytes / MEBIBYTE} MiB`;
}
