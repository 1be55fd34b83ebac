/**
 * Makes the execution that a task of another one starts and waits for.
 *
 * @module
 */

import { create, fromJson } from "@bufbuild/protobuf";
import {
  type Definition,
  ExecutionSpecSchema,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { PrepareChild } from "../engine/ports.ts";
import { isJsonObject } from "../model/json.ts";
import { readContext } from "../store/contexts.ts";
import type { ServiceDeps } from "./deps.ts";
import {
  checkInput,
  declaredBy,
  newExecutionOf,
  pinned,
  subjectOf,
} from "./execution_draft.ts";
import { durationMessage, toProtoJson } from "./proto_json.ts";
import { environmentVariables } from "./run_environments.ts";
import { sessionIdOf } from "./session_of.ts";
import { findTarget, type Target } from "./target.ts";
import { mergeVariables } from "./variables.ts";

/**
 * Makes what the engine calls for a child. It runs with what its parent runs
 * with: variables, folder, model, and the definitions that came along.
 */
export function createPrepareChild(deps: ServiceDeps): PrepareChild {
  const { database } = deps.store;
  // deno-lint-ignore require-await -- the port is asynchronous; a throw rejects
  return async (parent, path, request) => {
    const own = fromJson(ExecutionSpecSchema, toProtoJson(parent.spec));
    const target = findTarget(database, {
      kind: request.kind,
      name: request.resource,
      instance: "",
      definitions: own.definitions,
    });
    const { input, timeoutMs, outputSchema } = request;
    const message = request.message ?? "";
    checkInput(target, { message, input });
    const variables = mergeVariables({
      declared: declaredBy(target),
      environments: target.environmentIds
        .map((id) => environmentVariables(database, id)),
      run: readContext(database, parent.id),
    }, subjectOf(target));
    const spec = create(ExecutionSpecSchema, {
      ...pinned(target),
      sessionId: sessionIdOf(database, {
        target,
        session: request.session ?? "",
      }),
      message,
      environmentIds: own.environmentIds,
      model: request.model ?? own.model,
      definitions: definitionsFor(target, own.definitions),
      workingDirectory: own.workingDirectory,
      ...(timeoutMs === undefined
        ? {}
        : { timeout: durationMessage(timeoutMs) }),
    });
    if (isJsonObject(outputSchema)) {
      spec.outputSchema = JSON.parse(JSON.stringify(outputSchema));
    }
    return {
      ...newExecutionOf(deps, { target, spec, input, variables, labels: {} }),
      parent: { executionId: parent.id, path },
    };
  };
}

/** An agent needs itself; a workflow may need every agent that came along. */
function definitionsFor(
  target: Target,
  definitions: readonly Definition[],
): Definition[] {
  if (target.resourceId !== "") return [];
  const { template } = target;
  if (template.kind === "Workflow") return [...definitions];
  return definitions.filter(({ resource }) =>
    resource.case === "agent" && resource.value === template.agent
  );
}
