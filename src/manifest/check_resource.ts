/**
 * Checks a resource against every rule that needs no other resource.
 *
 * The backend asks on each write, `validate` asks without a backend; both say
 * the same.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import type { AgentInstanceSpec } from "../../gen/stigmer/backend/v1/agent_pb.ts";
import type { Resource } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import {
  type WorkflowInstanceSpec,
  type WorkflowSpec,
  WorkflowSpecSchema,
} from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { messageOf } from "../model/error.ts";
import { API_VERSION } from "../model/kind.ts";
import { checkWorkflow } from "../workflow/check.ts";
import type { TypeReader } from "../workflow/type_reader.ts";
import { checkAgent } from "./_check_agent.ts";
import { checkEnvironment } from "./_check_environment.ts";
import { checkMcpServer } from "./_check_mcp_server.ts";
import { checkMetadata } from "./_check_metadata.ts";
import {
  checkDeclarations,
  checkDescription,
  checkReferences,
  error,
} from "./_check_rules.ts";
import type { SecretRules } from "./check_secrets.ts";
import { isJsonObject, type Json } from "../model/json.ts";

/** What a resource is checked by. */
export interface ResourceRules extends SecretRules {
  /** Who warns of expressions that can never be right by their types. */
  readonly typeReader?: TypeReader | undefined;
}

/**
 * Says everything that is wrong with a resource, with pointers from its root
 * as `/spec/instructions`.
 */
export function checkResource(
  resource: Resource,
  rules: ResourceRules = {},
): readonly Diagnostic[] {
  const { case: field, value } = resource.resource;
  if (field === undefined) {
    return [error("", "The resource is empty, it needs a kind")];
  }
  return [
    ...checkEnvelope(value.apiVersion, value.kind, KIND_NAMES[field]),
    ...checkMetadata(value.metadata, KIND_NAMES[field]),
    ...checkSpec(resource, rules),
  ];
}

const KIND_NAMES = {
  agent: "Agent",
  agentInstance: "AgentInstance",
  workflow: "Workflow",
  workflowInstance: "WorkflowInstance",
  environment: "Environment",
  mcpServer: "McpServer",
} as const;

/** A caller in code may leave out what the type of the message says. */
function checkEnvelope(
  apiVersion: string,
  kind: string,
  expected: string,
): Diagnostic[] {
  const found: Diagnostic[] = [];
  if (apiVersion !== "" && apiVersion !== API_VERSION) {
    const hint = `Write "${API_VERSION}"`;
    found.push(
      error("/apiVersion", `Unknown apiVersion "${apiVersion}"`, { hint }),
    );
  }
  if (kind !== "" && kind !== expected) {
    found.push(
      error("/kind", `Kind "${kind}" does not fit, expected "${expected}"`),
    );
  }
  return found;
}

function checkSpec(
  { resource }: Resource,
  rules: ResourceRules,
): Diagnostic[] {
  if (resource.case === undefined) return [];
  const missing = [
    error("/spec", `${KIND_NAMES[resource.case]} has no spec, add "spec:"`),
  ];
  switch (resource.case) {
    case "agent":
      return resource.value.spec ? checkAgent(resource.value.spec) : missing;
    case "agentInstance": {
      const { spec } = resource.value;
      return spec ? checkAgentInstance(spec) : missing;
    }
    case "workflow": {
      const { spec, metadata } = resource.value;
      return spec
        ? checkWorkflowSpec(spec, metadata?.name ?? "", rules)
        : missing;
    }
    case "workflowInstance": {
      const { spec } = resource.value;
      return spec ? checkWorkflowInstance(spec) : missing;
    }
    case "environment": {
      const { spec } = resource.value;
      // An environment may be empty and be filled by `env set`.
      return spec ? checkEnvironment(spec, rules) : [];
    }
    case "mcpServer": {
      const { spec } = resource.value;
      return spec ? checkMcpServer(spec) : missing;
    }
  }
}

function checkAgentInstance(spec: AgentInstanceSpec): Diagnostic[] {
  const pointer = "/spec/agentId";
  return [
    ...(spec.agentId === ""
      ? [error(pointer, "Agent instance names no agent, add spec.agent")]
      : []),
    ...checkDescription(spec.description),
    ...checkReferences(spec.environmentIds),
  ];
}

function checkWorkflowInstance(spec: WorkflowInstanceSpec): Diagnostic[] {
  const pointer = "/spec/workflowId";
  return [
    ...(spec.workflowId === ""
      ? [
        error(
          pointer,
          "Workflow instance names no workflow, add spec.workflow",
        ),
      ]
      : []),
    ...checkDescription(spec.description),
    ...checkReferences(spec.environmentIds),
  ];
}

function checkWorkflowSpec(
  spec: WorkflowSpec,
  name: string,
  { typeReader }: ResourceRules,
): Diagnostic[] {
  let json: Json;
  try {
    json = toJson(WorkflowSpecSchema, spec);
  } catch (cause) {
    // NaN and infinity are numbers of the contract, but not of JSON.
    return [error("/spec", `The definition is no JSON: ${messageOf(cause)}`)];
  }
  if (!isJsonObject(json)) return [];
  const { diagnostics } = checkWorkflow(json, { name, typeReader });
  return [
    ...checkDescription(spec.description),
    ...checkDeclarations(spec.env),
    ...diagnostics.map((it) => ({ ...it, pointer: `/spec${it.pointer}` })),
  ];
}
