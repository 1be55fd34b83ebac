/**
 * Checks which model an agent asks for, and how it samples.
 *
 * @module
 */

import type { ModelSettings } from "../../gen/stigmer/backend/v1/agent_pb.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { modelNameProblem } from "../model/model_name.ts";
import { error } from "./_check_rules.ts";
import { webAddressProblem } from "./_check_url.ts";

/** The highest sampling temperature. */
const TEMPERATURE_MAX = 2;

/** What gives the address of an `openai-compatible` model otherwise. */
const ADDRESS_VARIABLE = "OPENAI_COMPATIBLE_BASE_URL";

/** Checks the model settings of an agent. */
export function checkModel(model: ModelSettings): Diagnostic[] {
  const found = [
    ...checkModelName(model.name, "/spec/model/name"),
    ...checkAddress(model),
  ];
  const { temperature, maxOutputTokens } = model;
  if (
    temperature !== undefined &&
    !(temperature >= 0 && temperature <= TEMPERATURE_MAX)
  ) {
    const message =
      `A temperature lies between 0 and ${TEMPERATURE_MAX}, got ${temperature}`;
    found.push(error("/spec/model/temperature", message));
  }
  if (maxOutputTokens === 0) {
    const message = "A turn needs 1 output token at least";
    found.push(error("/spec/model/maxOutputTokens", message));
  }
  return found;
}

/** Checks the name of a model; an empty one means the best one reachable. */
export function checkModelName(name: string, pointer: string): Diagnostic[] {
  if (name === "") return [];
  const problem = modelNameProblem(name);
  if (problem === undefined) return [];
  const { message, hint } = problem;
  return [error(pointer, message, hint === undefined ? {} : { hint })];
}

function checkAddress({ name, baseUrl }: ModelSettings): Diagnostic[] {
  const pointer = "/spec/model/baseUrl";
  if (baseUrl === "") {
    if (!name.startsWith("openai-compatible/")) return [];
    const message = `Model "${name}" has no address`;
    const hint = `Add baseUrl, or give ${ADDRESS_VARIABLE} to the run`;
    return [{ severity: "warning", pointer, message, hint }];
  }
  const problem = webAddressProblem(baseUrl, { plainHttp: true });
  return problem === undefined ? [] : [error(pointer, problem)];
}
