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
import type { Workflow } from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import type { PrepareChild } from "../engine/ports.ts";
import type { ChildRequest } from "../model/child.ts";
import { failedPrecondition } from "../model/error.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import { isJsonObject } from "../model/json.ts";
import { getExecution } from "../store/executions.ts";
import type { Database } from "../store/driver.ts";
import type { ServiceDeps } from "./deps.ts";
import {
  checkInput,
  declaredBy,
  newExecutionOf,
  newSealMark,
  pinned,
  subjectOf,
} from "./execution_draft.ts";
import { sealedExecution } from "./execution_secrets.ts";
import { handedLayer, handOver } from "./handing_over.ts";
import { starterOf } from "./lineage.ts";
import { durationMessage, toProtoJson } from "./proto_json.ts";
import { environmentLayer } from "./run_environments.ts";
import type { RunSecretsSource } from "./run_secrets.ts";
import { refuseInSession, sessionIdOf } from "./session_of.ts";
import {
  agentDefinitions,
  refuseAgentDepth,
  subAgentWork,
} from "./sub_agents.ts";
import { findTarget, type Target } from "./target.ts";
import { mergeVariables } from "./variables.ts";
import { atDocument, definitionsMeant } from "./workflow_choice.ts";

/** Executions that start one another at the most. */
const CHILD_DEPTH_MAX = 32;

/**
 * Makes what the engine calls for a child. It runs with what its parent runs
 * with: variables, secrets, folder, model, and the definitions that came
 * along.
 */
export function createPrepareChild(
  deps: ServiceDeps,
  opening: RunSecretsSource,
): PrepareChild {
  const { database } = deps.store;
  return async (parent, path, request) => {
    const own = fromJson(ExecutionSpecSchema, toProtoJson(parent.spec));
    refuseDepth(database, parent);
    if (request.subAgent !== undefined) refuseAgentDepth(database, parent);
    refuseInSession(database, parent, request);
    const work = request.subAgent === undefined
      ? undefined
      : subAgentWork(database, own, request);
    const target = work?.target ??
      targetOf(database, request, own.definitions);
    const { timeoutMs, outputSchema } = request;
    const marks = { parent: parent.sealMark ?? "", child: newSealMark(deps) };
    const { input, message, secrets: made } = await handOver(request, {
      path,
      secrets: opening.of(parent),
      marks,
    });
    checkInput(target, { message, input });
    const { variables, secrets: merged } = mergeVariables({
      declared: declaredBy(target),
      environments: target.environmentIds
        .map((id) => environmentLayer(database, id)),
      run: handedLayer(database, parent),
    }, subjectOf(target));
    const secrets = { ...merged, ...made };
    const spec = create(ExecutionSpecSchema, {
      ...pinned(target),
      sessionId: sessionIdOf(database, {
        target,
        session: request.session ?? "",
      }),
      message,
      environmentIds: own.environmentIds,
      secretNames: own.secretNames,
      allowShortSecrets: own.allowShortSecrets,
      model: request.model ?? own.model,
      definitions: definitionsFor(
        target,
        work?.definitions ?? own.definitions,
      ),
      // By the same words it is to load what its parent loads.
      skills: own.skills,
      workingDirectory: own.workingDirectory,
      approval: own.approval,
      permissions: own.permissions,
      ...(timeoutMs === undefined
        ? {}
        : { timeout: durationMessage(timeoutMs) }),
      ...work?.spec,
      // What is left to itself must outlive who started it: it has no parent.
      ...(request.detached === true ? { startedByExecutionId: parent.id } : {}),
    });
    if (isJsonObject(outputSchema)) {
      spec.outputSchema = JSON.parse(JSON.stringify(outputSchema));
    }
    const execution = newExecutionOf(deps, {
      target,
      spec,
      input,
      variables,
      labels: {},
      isHanded: Object.keys(secrets).length > 0,
      sealMark: marks.child,
    });
    return await sealedExecution(deps, {
      execution: request.detached === true
        ? execution
        : { ...execution, parent: { executionId: parent.id, path } },
      secrets,
    });
  };
}

/**
 * Refuses what would run itself for ever, also where nobody waits for it.
 *
 * @throws {StigmerError} FAILED_PRECONDITION.
 */
function refuseDepth(database: Database, parent: ExecutionRecord): void {
  let above: ExecutionRecord | undefined = parent;
  for (let depth = 1; depth < CHILD_DEPTH_MAX; depth++) {
    const id = above === undefined ? undefined : starterOf(above);
    if (id === undefined) return;
    above = getExecution(database, id);
  }
  throw failedPrecondition(
    `Cannot start another execution: ${CHILD_DEPTH_MAX} were started by one ` +
      "another already, does one run itself?",
  );
}

/** What a task names, at the version that it asks for. */
function targetOf(
  database: Database,
  request: ChildRequest,
  definitions: readonly Definition[],
): Target {
  const found = findTarget(database, {
    kind: request.kind,
    name: request.resource,
    instance: "",
    definitions: definitionsMeant(definitions, request),
  });
  return atDocument(database, found, request);
}

/**
 * An agent needs itself and those that it names; a workflow may need every
 * agent that came along.
 */
function definitionsFor(
  target: Target,
  definitions: readonly Definition[],
): Definition[] {
  if (target.resourceId !== "") return [];
  const { template } = target;
  if (template.kind === "Workflow") {
    // The first of a name is the one that runs: another may have its name.
    return definitions.toSorted((a, b) =>
      isOf(b, template.workflow) - isOf(a, template.workflow)
    );
  }
  return agentDefinitions(template.agent, definitions);
}

/** 1 for the definition of a workflow, and 0 for others. */
function isOf({ resource }: Definition, workflow: Workflow): number {
  return resource.case === "workflow" && resource.value === workflow ? 1 : 0;
}
