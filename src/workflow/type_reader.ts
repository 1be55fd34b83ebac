/**
 * What a check asks of who knows types: that is read only where somebody wants
 * to be warned, and not when a workflow runs.
 *
 * @module
 */

import type { KnownTypes } from "../expr/compile.ts";
import type { Expression, Template } from "../expr/expression.ts";
import type { JsonObject } from "../model/json.ts";
import type { Context, Place, TaskPlace } from "./context.ts";
import type { ExpressionTypes } from "./expression_types.ts";
import type { GraphInput } from "./tree.ts";

/** What a place takes. */
export type Wanted = "list" | "duration" | "number";

/** Knows what expressions see and give, as `EXPRESSION_TYPES` does. */
export interface TypeReader {
  /** What is known in a workflow of the specification. */
  document(spec: JsonObject): ExpressionTypes;
  /** What is known in a graph. */
  graph(
    inputs: Readonly<Record<string, GraphInput>>,
    tasks: readonly { readonly index: number }[],
  ): ExpressionTypes;
  /** The context in which the fields of a task are read. */
  task(place: TaskPlace): Context;
  /** What is known where an expression stands. */
  at(place: Place): KnownTypes | undefined;
  /** Warns of a condition that can only hold, or never can. */
  checkDecides(expression: Expression, place: Place): void;
  /** Warns of an expression that cannot give what its place takes. */
  checkWanted(
    template: Template | undefined,
    place: Place,
    wanted: Wanted,
  ): void;
}
