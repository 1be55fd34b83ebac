/**
 * The data flow of the workflow itself: its schemas, its templates and what
 * becomes of their errors.
 *
 * @module
 */

import { evaluateTemplate } from "../expr/evaluate.ts";
import type { Template } from "../expr/expression.ts";
import { ExpressionError } from "../expr/failure.ts";
import { type Failure, failureOf } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import { schemaProblem } from "../workflow/json_schema.ts";
import { askFits } from "./_deciding.ts";
import { faultOf, isUnsealed, sealsOf, workflowScope } from "./_evaluate.ts";
import { sealTemplate } from "./_sealing.ts";
import { hasReferences } from "./_seals.ts";
import { CONTINUE, endWalk, Fault, type Place, type Walk } from "./_walk.ts";

/** Checks the input; what stands for secrets in it, once that is open. */
export function fitInput(
  walk: Walk,
  schema: Json | undefined,
  done: () => void,
): void {
  const { rawInput } = walk;
  if (hasReferences(walk.seals, rawInput)) {
    return askFits(walk, ownPlace(walk), {
      schema,
      value: rawInput,
      what: "input.schema",
      part: "input/schema/fits",
      failed: (failure) => endWalk(walk, { kind: "failed", failure }),
      got: done,
    });
  }
  fit(schema, rawInput, "input.schema");
  done();
}

/** The workflow itself as the place of something that it waits for. */
export function ownPlace(walk: Walk): Place {
  const { plan, root, rawInput, input } = walk;
  return {
    node: root,
    task: {
      kind: "do",
      name: plan.name,
      pointer: "",
      input: {},
      output: {},
      export: {},
      then: CONTINUE,
      tasks: [],
      ...(plan.reveals === undefined ? {} : { reveals: plan.reveals }),
    },
    path: "",
    attempt: 1,
    rawInput,
    input,
    locals: {},
    startedAtMs: walk.nowMs,
    guarded: (work) => guarded(walk, work),
  };
}

/** Runs what may fail the workflow. */
export function guarded(walk: Walk, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    endWalk(walk, { kind: "failed", failure: error.failure });
  }
}

/** Evaluates a template of the workflow; what is not there changes nothing. */
export function transform(
  walk: Walk,
  options: {
    readonly template: Template | undefined;
    readonly at: Json;
    readonly what: string;
  },
): Json {
  if (options.template === undefined) return options.at;
  const { template, what } = options;
  const scope = workflowScope(walk, options.at);
  try {
    if (isUnsealed(walk, template)) return evaluateTemplate(template, scope);
    const seals = sealsOf(walk, () => `"${what}" of the workflow`);
    return sealTemplate(seals, template, { scope, key: ` ${what}` });
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const { failure } = workflowFault(
      "expression",
      `cannot evaluate "${options.what}", ${error.where}: ${error.reason}`,
    );
    throw faultOf(error, failure, "");
  }
}

/** Checks a value against a schema of the workflow. */
export function fit(schema: Json | undefined, value: Json, what: string): void {
  if (schema === undefined) return;
  const problem = schemaProblem(schema, value);
  if (problem === undefined) return;
  const [part] = what.split(".");
  const text =
    `The ${part} of the workflow does not fit its "${what}": ${problem}`;
  throw new Fault(failureOf("validation", text));
}

/** Makes the fault of the workflow itself. */
export function workflowFault(
  kind: "validation" | "expression",
  text: string,
): Fault {
  const failure: Failure = failureOf(kind, `The workflow ${text}`);
  return new Fault(failure);
}
