/**
 * Turns the text of expressions and templates into what is evaluated.
 *
 * @module
 */

import type { Diagnostic } from "../model/diagnostic.ts";
import type { Json } from "../model/json.ts";
import type { Expression, Template } from "./expression.ts";
import type { ExpressionProblem } from "./failure.ts";

/** Where an expression stands and what it may use. */
export interface CompileOptions {
  /** JSON pointer of the string in the definition. */
  readonly pointer: string;
  /** The variables it may use, without `$`; absent means any. */
  readonly variables?: ReadonlySet<string>;
}

/** An expression, or why there is none. */
export type Compiled =
  | { readonly expression: Expression }
  | { readonly problem: ExpressionProblem };

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
  return { expression: { source, pointer: options.pointer } };
}

/** Compiles a value in which strings may hold `${ … }`. */
export function compileTemplate(
  value: Json,
  _options: CompileOptions,
): CompiledTemplate {
  return { template: { kind: "literal", value }, diagnostics: [] };
}
