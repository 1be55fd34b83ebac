/**
 * Expressions and templates of workflows, compiled once and evaluated often.
 *
 * The seam behind which the jq implementation stands: everything outside this
 * room knows only these types and {@linkcode evaluate}.
 *
 * @module
 */

import type { Json } from "../model/json.ts";

/** What an expression sees: `.` and the variables, without their `$`. */
export interface Scope {
  /** What `.` is. */
  readonly input: Json;
  /** What `$name` is, by name. */
  readonly variables: Readonly<Record<string, Json>>;
  /**
   * What `now` is, in milliseconds since 1970: the time of the event that
   * caused the evaluation, so that a replay computes the same. Without it an
   * expression that uses `now` fails.
   */
  readonly nowMs?: number;
  /**
   * A clock in milliseconds: with it the time of an evaluation is bounded,
   * too, and not only its steps.
   */
  readonly clock?: () => number;
  /** What it may take, where that is not the default. */
  readonly limits?: EvaluationLimits;
}

/** What an evaluation may take, as far as a definition can say. */
export interface EvaluationLimits {
  /** Steps of jq. */
  readonly stepsMax?: number;
  /** Items, members and eight units of text each that it makes in all. */
  readonly cellsMax?: number;
}

/** A compiled jq program. */
export interface Expression {
  /** As written, without `${` and `}`. */
  readonly source: string;
  /** Where the definition has it, for error messages. */
  readonly pointer: string;
  /** The jq program, where it differs from the source. */
  readonly program?: string;
  /** What of the program stands for what was written, where that is known. */
  readonly shifts?: readonly Shift[];
  /** UTF-16 units that were written before the source, all of them space. */
  readonly trimmed?: number;
  /** The plain path it is, when it is one; then no jq is needed. */
  readonly path?: PlainPath;
  /** The constant it is, when it is one. */
  readonly literal?: { readonly value: Json };
  /** The text with plain paths in it, when it is that: `"a \(.b) c"`. */
  readonly text?: readonly (string | PlainPath)[];
  /** The variables it takes from its scope, without their `$`. */
  readonly variables?: readonly string[];
}

/** From here on a program is what was written from there on. */
export interface Shift {
  /** UTF-16 units from the start of the program. */
  readonly program: number;
  /** UTF-16 units from the start of what was written. */
  readonly source: number;
  /** Whether all up to the next one stands for what is written there. */
  readonly isWhole?: true;
}

/** `.a.b[0]` or `$name.a.b`: what the native fast path evaluates. */
export interface PlainPath {
  /** The variable it starts from; absent means `.`. */
  readonly variable?: string;
  /** The keys and indices to follow. */
  readonly steps: readonly (string | number)[];
}

/**
 * A value of a definition in which strings may hold expressions.
 *
 * A string that is one whole `${ … }` keeps the JSON type of its result;
 * inside text the result is interpolated. Results are never evaluated again.
 */
export type Template =
  | { readonly kind: "literal"; readonly value: Json }
  | { readonly kind: "expression"; readonly expression: Expression }
  | {
    readonly kind: "text";
    readonly parts: readonly (string | Expression)[];
  }
  /** Loose mode: what the expression gives, or the text when it fails. */
  | {
    readonly kind: "loose";
    readonly expression: Expression;
    readonly text: string;
  }
  | { readonly kind: "array"; readonly items: readonly Template[] }
  | {
    readonly kind: "object";
    readonly entries: readonly (readonly [key: string, value: Template])[];
  };
