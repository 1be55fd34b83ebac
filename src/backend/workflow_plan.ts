/**
 * The plan of a workflow that is stored or came with a request.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type Workflow,
  WorkflowSpecSchema,
} from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { checkWorkflow } from "../workflow/check.ts";
import type { Plan } from "../workflow/tree.ts";
import { refusedDefinition } from "./resource_context.ts";

/** Plans by the message that they were made of: one is asked for repeatedly. */
const plans = new WeakMap<Workflow, Plan>();

/**
 * Gives the plan of a workflow that was checked when it was stored or sent:
 * one that an earlier release took is taken still.
 *
 * @throws {StigmerError} INVALID_ARGUMENT with its diagnostics.
 */
export function planOf(workflow: Workflow): Plan {
  const plan = plans.get(workflow) ?? makePlan(workflow);
  plans.set(workflow, plan);
  return plan;
}

function makePlan(workflow: Workflow): Plan {
  const name = workflow.metadata?.slug || workflow.metadata?.name || "";
  const spec: Json = workflow.spec === undefined
    ? {}
    : JSON.parse(JSON.stringify(toJson(WorkflowSpecSchema, workflow.spec)));
  const { plan, diagnostics } = checkWorkflow(isJsonObject(spec) ? spec : {}, {
    name,
    isStored: true,
  });
  if (plan !== undefined) return plan;
  throw refusedDefinition(
    `execute workflow "${name}"`,
    diagnostics.map((it) => ({ ...it, pointer: `/spec${it.pointer}` })),
  );
}
