/**
 * Reads `evaluate`: how expressions are written, and what each may take.
 *
 * The limits stand in the definition, and nowhere else: it is pinned by each
 * execution, so that a replay counts up to the same bound as the run did. Time
 * is none of them: a worker that computes longer than its lease lasts loses it.
 *
 * @module
 */

import type { EvaluationLimits } from "../expr/expression.ts";
import { type JsonObject, member } from "../model/json.ts";
import type { Place } from "./context.ts";
import {
  checkKeys,
  placeOf,
  readChoice,
  readInteger,
  readObject,
  readString,
  reportError,
} from "./fields.ts";

/** Steps that an evaluation can be allowed: what it has the time for. */
export const STEPS_ALLOWED_MAX = 500_000_000;
/** Items that it can be allowed to make in all: what memory has room for. */
export const ITEMS_ALLOWED_MAX = 128_000_000;

/** What `evaluate` says. */
export interface Evaluation {
  readonly mode: "strict" | "loose";
  readonly limits?: EvaluationLimits;
}

/** Reads `evaluate` of a workflow; a graph has no modes. */
export function readEvaluation(
  spec: JsonObject,
  outer: Place,
  { isGraph = false }: { readonly isGraph?: boolean } = {},
): Evaluation {
  const place = placeOf(outer, "evaluate");
  const evaluate = readObject(member(spec, "evaluate"), place);
  if (evaluate === undefined) return { mode: "strict" };
  checkKeys(evaluate, place, {
    known: isGraph ? ["limits"] : ["language", "mode", "limits"],
    what: '"evaluate"',
  });
  const limits = readLimits(evaluate, place);
  return {
    mode: isGraph ? "strict" : readMode(evaluate, place),
    ...(limits === undefined ? {} : { limits }),
  };
}

/** The limits as a plan has them. */
export function limitsOf(
  { limits }: Evaluation,
): { readonly evaluationLimits?: EvaluationLimits } {
  return limits === undefined ? {} : { evaluationLimits: limits };
}

function readMode(evaluate: JsonObject, place: Place): Evaluation["mode"] {
  const at = placeOf(place, "language");
  const language = readString(member(evaluate, "language"), at);
  if (language !== undefined && language !== "jq") {
    reportError(at, {
      message: `Expressions in "${language}" are not supported yet`,
      hint: 'Use "jq"',
    });
  }
  return readChoice(member(evaluate, "mode"), placeOf(place, "mode"), [
    "strict",
    "loose",
  ]) ?? "strict";
}

function readLimits(
  evaluate: JsonObject,
  outer: Place,
): EvaluationLimits | undefined {
  const place = placeOf(outer, "limits");
  const limits = readObject(member(evaluate, "limits"), place);
  if (limits === undefined) return undefined;
  checkKeys(limits, place, {
    known: ["steps", "items"],
    what: '"limits"',
    instead: { fuel: "steps", memory: "items" },
  });
  const count = (key: string, max: number): number | undefined =>
    readInteger(member(limits, key), placeOf(place, key), {
      min: 1,
      max,
      what: `"${key}"`,
    });
  const stepsMax = count("steps", STEPS_ALLOWED_MAX);
  const cellsMax = count("items", ITEMS_ALLOWED_MAX);
  return {
    ...(stepsMax === undefined ? {} : { stepsMax }),
    ...(cellsMax === undefined ? {} : { cellsMax }),
  };
}
