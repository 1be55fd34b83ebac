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
import { drawWorkflow, type WorkflowGraph } from "./workflow_graph.ts";

/**
 * Draws a workflow.
 *
 * @throws {StigmerError} INVALID_ARGUMENT when it does not pass its checks, as
 * one that an earlier release stored may not.
 */
export function drawResource({ metadata, spec }: Workflow): WorkflowGraph {
  const name = metadata?.slug || metadata?.name || "workflow";
  const json: Json = spec === undefined ? {} : toJson(WorkflowSpecSchema, spec);
  const { plan, diagnostics } = checkWorkflow(isJsonObject(json) ? json : {}, {
    name,
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
