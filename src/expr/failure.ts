/**
 * What goes wrong in an expression: when it is read, and when it is evaluated.
 *
 * @module
 */

import type { Place } from "../jq/failure.ts";
import type { EvaluationLimit } from "./way_out.ts";
import { placeInWords } from "./place.ts";

/** Why a source is not an expression, and where. */
export interface ExpressionProblem {
  /** In UTF-16 units from the start of the source. */
  readonly offset: number;
  readonly message: string;
  readonly hint?: string;
}

/**
 * Thrown when an expression cannot be evaluated.
 *
 * It stands apart from `StigmerError` because it is a fault of the definition
 * or its data and never leaves a task: the machine catches it and fails the
 * task with a failure of kind `expression`.
 */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
  /** The expression as written. */
  readonly source: string;
  /** Where the definition has it. */
  readonly pointer: string;
  /** What went wrong, without the expression around it. */
  readonly reason: string;
  /** The bound that it went past, which no mode forgives. */
  readonly limit: EvaluationLimit | undefined;
  /** Where in the expression, if that is known. */
  readonly place: Place | undefined;

  /** Whether it went past a bound. */
  get isLimit(): boolean {
    return this.limit !== undefined;
  }

  /** The expression with the place in it, for a message. */
  get where(): string {
    return quoted(this.source, this.place);
  }

  /** Makes the error of an expression. */
  constructor(
    reason: string,
    at: { readonly source: string; readonly pointer: string },
    options: {
      readonly limit?: EvaluationLimit | undefined;
      readonly place?: Place | undefined;
    } = {},
  ) {
    super(`Cannot evaluate ${quoted(at.source, options.place)}: ${reason}`);
    this.source = at.source;
    this.pointer = at.pointer;
    this.reason = reason;
    this.limit = options.limit;
    this.place = options.place;
  }
}

function quoted(source: string, place: Place | undefined): string {
  return `"${source}"${placeInWords(place)}`;
}
