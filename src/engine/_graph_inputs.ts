/**
 * The inputs of a graph, checked and filled in.
 *
 * @module
 */

import { failureOf } from "../model/failure.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  jsonTypeName,
} from "../model/json.ts";
import { fitsInput } from "../workflow/graph_inputs.ts";
import type { GraphInput } from "../workflow/tree.ts";
import { Fault } from "./_walk.ts";

/** Fills in the defaults of a graph's inputs; throws the fault of a bad one. */
export function graphInputs(
  inputs: Readonly<Record<string, GraphInput>>,
  given: Json,
): JsonObject {
  const object = given === null ? {} : given;
  if (!isJsonObject(object)) {
    throw badInput(`must be an object, not ${jsonTypeName(object)}`);
  }
  const values: Record<string, Json> = { ...object };
  for (const name of Object.keys(object)) {
    if (!Object.hasOwn(inputs, name)) {
      throw badInput(`has "${name}", which the workflow does not declare`);
    }
  }
  for (const [name, input] of Object.entries(inputs)) {
    const value = values[name] ?? input.default;
    if (value === undefined || value === null) {
      if (input.required) throw badInput(`lacks "${name}"`);
      values[name] = null;
    } else if (fitsInput(value, input.type)) {
      values[name] = value;
    } else {
      throw badInput(
        `has "${name}" of type ${jsonTypeName(value)}, not ${input.type}`,
      );
    }
  }
  return values;
}

function badInput(problem: string): Fault {
  return new Fault(
    failureOf("validation", `The input of the workflow ${problem}`, {
      instance: "/inputs",
    }),
  );
}
