/**
 * Documents as people write them, run in memory: read by the checks, driven by
 * the simulation.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createWorkflowMachine } from "../../src/engine/decide.ts";
import type { ActivityOutcome } from "../../src/model/durable.ts";
import type { Failure } from "../../src/model/failure.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { checkWorkflow } from "../../src/workflow/check.ts";
import type { Plan } from "../../src/workflow/tree.ts";
import {
  type Effect,
  simulate,
  type SimulationOptions,
  type SimulationResult,
} from "./simulation.ts";

/** A document with these tasks. */
export function document(tasks: Json, more: JsonObject = {}): JsonObject {
  return {
    document: {
      dsl: "1.0.3",
      namespace: "test",
      name: "sample",
      version: "1.0.0",
    },
    do: tasks,
    ...more,
  };
}

/** The plan of a document without a fault. */
export function planOf(spec: JsonObject): Plan {
  const { plan, diagnostics } = checkWorkflow(spec);
  assert.ok(plan !== undefined, JSON.stringify(diagnostics));
  return plan;
}

/** The errors of a document, as `pointer@offset message (hint)`. */
export function errorsOf(spec: JsonObject): readonly string[] {
  return checkWorkflow(spec).diagnostics.filter((it) => it.severity === "error")
    .map(({ pointer, offset, message, hint }) =>
      pointer + (offset === undefined ? "" : `@${offset}`) + ` ${message}` +
      (hint === undefined ? "" : ` (${hint})`)
    );
}

/** Runs a document; effects give what they are given, if nothing else is said. */
export function runDocument(
  spec: JsonObject,
  options: Partial<SimulationOptions> = {},
): SimulationResult {
  const plan = planOf(spec);
  return simulate(
    () =>
      createWorkflowMachine(plan, { executionId: "wex-test", variables: {} }),
    { input: {}, answer: echo, ...options },
  );
}

/** Gives what an effect is given. */
export function echo(effect: Effect): ActivityOutcome {
  return { kind: "completed", output: effect.request.input };
}

/** The output of a run that is done. */
export function outputOf({ decision }: SimulationResult): Json {
  assert.ok(decision.kind === "done", JSON.stringify(decision));
  return decision.output;
}

/** The failure of a run that failed. */
export function failureOf({ decision }: SimulationResult): Failure {
  assert.ok(decision.kind === "failed", JSON.stringify(decision));
  return decision.failure;
}
