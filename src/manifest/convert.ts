/**
 * Turns workflows of later upstream releases into those of this one.
 *
 * @module
 */

import { fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import {
  type Workflow,
  WorkflowSchema,
  WorkflowSpecSchema,
} from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { convertWorkflow } from "../workflow/check.ts";

/** The form in which a workflow is written. */
export type WorkflowForm = "document" | "graph" | "upstream";

/** Says in which form a workflow is written. */
export function formOf({ spec }: Workflow): WorkflowForm {
  if (spec === undefined || spec.tasks.length === 0) return "document";
  return convertWorkflow(specJson(spec)) === undefined ? "graph" : "upstream";
}

/** Gives the same workflow as a document of the specification. */
export function convertResource(workflow: Workflow): Workflow {
  const { spec } = workflow;
  const converted = spec && convertWorkflow(specJson(spec));
  if (converted === undefined) return workflow;
  const whole = json(toJson(WorkflowSchema, workflow));
  // A plain copy: what the library is given it may keep.
  const plain: JsonValue = JSON.parse(
    JSON.stringify({ ...whole, spec: converted.document }),
  );
  return fromJson(WorkflowSchema, plain);
}

function specJson(spec: NonNullable<Workflow["spec"]>): JsonObject {
  return json(toJson(WorkflowSpecSchema, spec));
}

function json(value: Json): JsonObject {
  return isJsonObject(value) ? value : {};
}
