/**
 * The graph of a workflow as the contract holds it.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type Workflow,
  WorkflowSpecSchema,
} from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import { invalidArgument } from "../model/error.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { checkWorkflow } from "../workflow/check.ts";
import { drawWorkflow } from "./draw_workflow.ts";
import type { WorkflowGraph } from "./workflow_graph.ts";

/**
 * Draws a workflow that was checked when it was stored or read.
 *
 * @throws {StigmerError} INVALID_ARGUMENT when it has errors all the same.
 */
export function drawResource({ metadata, spec }: Workflow): WorkflowGraph {
  const name = metadata?.slug || metadata?.name || "workflow";
  const json: Json = spec === undefined ? {} : toJson(WorkflowSpecSchema, spec);
  const { plan, diagnostics } = checkWorkflow(isJsonObject(json) ? json : {}, {
    name,
    isStored: true,
  });
  if (plan !== undefined) return drawWorkflow(plan);
  throw invalidArgument(
    `Cannot draw workflow "${name}": its definition has errors`,
    {
      diagnostics: diagnostics.map((it) => ({
        ...it,
        pointer: `/spec${it.pointer}`,
      })),
    },
  );
}
