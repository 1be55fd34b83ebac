/**
 * Reads which model a task asks.
 *
 * @module
 */

import type { Template } from "../../expr/expression.ts";
import type { Json } from "../../model/json.ts";
import { modelNameProblem, withProvider } from "../../model/model_name.ts";
import type { Place } from "../context.ts";
import { readTemplate } from "../data_flow.ts";
import { readString, reportStricter } from "../fields.ts";

/** Reads the name of a model, its provider before it; one that is computed is not known yet. */
export function readModel(
  value: Json | undefined,
  place: Place,
): Template | undefined {
  const template = readTemplate(readString(value, place), place);
  if (template?.kind !== "literal" || typeof template.value !== "string") {
    return template;
  }
  const name = withProvider(template.value);
  const problem = modelNameProblem(name);
  if (problem !== undefined) reportStricter(place, problem);
  return { ...template, value: name };
}
