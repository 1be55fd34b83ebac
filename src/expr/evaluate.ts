/**
 * Evaluates expressions and templates, synchronously.
 *
 * @module
 */

import { JqError, JqLimitError } from "../jq/failure.ts";
import type { JqLimits } from "../jq/fuel.ts";
import { eachJq } from "../jq/program.ts";
import type { Json } from "../model/json.ts";
import type { Expression, Scope, Template } from "./expression.ts";
import { ExpressionError } from "./failure.ts";
import {
  EVALUATION_OUTPUT_BYTES_MAX,
  EVALUATION_STEPS_MAX,
  EVALUATION_TIME_MS_MAX,
} from "./limits.ts";
import { placeWritten } from "./place.ts";
import { boundText, followPath, joinText } from "./plain.ts";
import { programOf } from "./programs.ts";
import { asJson, TooLarge } from "./result.ts";
import { wayOut } from "./way_out.ts";

const MEBIBYTE = 1024 * 1024;
const LIMITS: Partial<JqLimits> = {
  stepsMax: EVALUATION_STEPS_MAX,
  timeMsMax: EVALUATION_TIME_MS_MAX,
};

/** What one evaluation may take and give. */
export interface EvaluationBounds extends Partial<JqLimits> {
  /** About the bytes of what it gives as JSON. */
  readonly outputBytesMax?: number;
}

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
    const joined = joinedOrNot(expression, expression.text, scope);
    if (joined !== undefined) return joined;
  }
  return evaluateByJq(expression, scope);
}

/** A text that fails is left to jq, which knows where in it that is. */
function joinedOrNot(
  expression: Expression,
  text: NonNullable<Expression["text"]>,
  scope: Scope,
): string | undefined {
  try {
    return joinText(text, { scope, expression });
  } catch (thrown) {
    if (!(thrown instanceof ExpressionError) || thrown.isLimit) throw thrown;
    return undefined;
  }
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
 * Evaluates as a program, whatever the form of the expression; tests compare
 * the fast path with it, and give it bounds that are soon reached.
 */
export function evaluateByJq(
  expression: Expression,
  scope: Scope,
  bounds: EvaluationBounds = {},
): Json {
  const { outputBytesMax = EVALUATION_OUTPUT_BYTES_MAX, ...limits } = bounds;
  const program = programOf(expression);
  let result: Json | undefined;
  let count = 0;
  try {
    eachJq(program, scope.input, {
      variables: scope.variables,
      limits: { ...LIMITS, ...scope.limits, ...limits },
      ...(scope.nowMs === undefined ? {} : { nowMs: scope.nowMs }),
      ...(scope.clock === undefined ? {} : { clock: scope.clock }),
      take: (value) => {
        result = value;
        count += 1;
        return count < 2;
      },
    });
    if (count < 2) return asJson(result ?? null, outputBytesMax);
  } catch (thrown) {
    throw expressionError(thrown, { expression, outputBytesMax });
  }
  throw new ExpressionError(
    "it gives more than one result, collect them with [ ]",
    expression,
  );
}

/** The error of an expression for what its program ended with. */
function expressionError(
  thrown: unknown,
  { expression, outputBytesMax }: {
    readonly expression: Expression;
    readonly outputBytesMax: number;
  },
): unknown {
  if (thrown instanceof TooLarge) {
    const size = `${outputBytesMax / MEBIBYTE} MiB`;
    const reason = `its result is larger than ${size}, ${wayOut("result")}`;
    return new ExpressionError(reason, expression, { limit: "result" });
  }
  if (thrown instanceof RangeError) {
    const reason = `its result nests too deep, ${wayOut("result")}`;
    return new ExpressionError(reason, expression, { limit: "result" });
  }
  if (!(thrown instanceof JqError)) return thrown;
  const place = placeWritten(expression, thrown.place);
  if (!(thrown instanceof JqLimitError)) {
    return new ExpressionError(thrown.message, expression, { place });
  }
  const { limit } = thrown;
  const reason = `${thrown.message}, ${wayOut(limit)}`;
  return new ExpressionError(reason, expression, { limit, place });
}
