/**
 * The resources of the contract: every call about what people write.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  AgentInstanceSchema,
  AgentSchema,
} from "../../gen/stigmer/backend/v1/agent_pb.ts";
import {
  type ApplyResourcesRequest,
  type BackendService,
  type Resource,
  ResourceSchema,
} from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { EnvironmentSchema } from "../../gen/stigmer/backend/v1/environment_pb.ts";
import { McpServerResourceSchema } from "../../gen/stigmer/backend/v1/mcp_server_pb.ts";
import {
  WorkflowInstanceSchema,
  WorkflowSchema,
} from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import { secretForm } from "../model/secret_text.ts";
import { importUnseen } from "../model/unseen.ts";
import { type Caller, requireRole } from "./caller.ts";
import type { ResourceDeps } from "./resource_context.ts";
import { verbsOf } from "./resource_verbs.ts";
import { type SessionMethods, sessionMethods } from "./sessions.ts";
import { type SkillMethods, skillMethods } from "./skills.ts";
import { type VersionMethods, versionMethods } from "./versions.ts";

/** Every method of the contract. */
type Methods = ServiceImpl<typeof BackendService>;

/** The five verbs of a kind, as the contract names its methods. */
type VerbsNamed<One extends string, Many extends string> = Pick<
  Methods,
  Extract<
    | `create${One}`
    | `get${One}`
    | `list${Many}`
    | `update${One}`
    | `delete${One}`,
    keyof Methods
  >
>;

type AgentMethods = VerbsNamed<"Agent", "Agents">;
type AgentInstanceMethods = VerbsNamed<"AgentInstance", "AgentInstances">;
type WorkflowMethods = VerbsNamed<"Workflow", "Workflows">;
type WorkflowInstanceMethods = VerbsNamed<
  "WorkflowInstance",
  "WorkflowInstances"
>;
type McpServerMethods = VerbsNamed<"McpServer", "McpServers">;
type EnvironmentMethods =
  & VerbsNamed<"Environment", "Environments">
  & Pick<Methods, "renameEnvironment" | "revealSecrets" | "sealEnvironment">;

/** The methods of the contract that are about resources. */
export type ResourceService =
  & AgentMethods
  & AgentInstanceMethods
  & WorkflowMethods
  & WorkflowInstanceMethods
  & EnvironmentMethods
  & McpServerMethods
  & SessionMethods
  & SkillMethods
  & VersionMethods
  & Pick<Methods, "applyResources">;

/** Answers every call of the contract about resources. */
export function resourceService(deps: ResourceDeps): ResourceService {
  return {
    ...agentMethods(deps),
    ...agentInstanceMethods(deps),
    ...workflowMethods(deps),
    ...workflowInstanceMethods(deps),
    ...environmentMethods(deps),
    ...mcpServerMethods(deps),
    ...sessionMethods(deps),
    ...skillMethods(deps),
    ...versionMethods(deps),
    async applyResources(request) {
      checkMayApply(deps.caller, request);
      const { applyResources } = await importUnseen<
        typeof import("./apply.ts")
      >("./apply.ts", import.meta.url);
      return applyResources(deps, request);
    },
  };
}

/**
 * Whoever reads may ask what would change. Whether a value is that of a secret
 * is no such question: it would be answered for each guess.
 */
function checkMayApply(
  caller: Caller,
  { dryRun, resources }: ApplyResourcesRequest,
): void {
  const needed = "editor";
  if (!dryRun) {
    requireRole(caller, { needed, act: 'call "ApplyResources"' });
  } else if (resources.some(givesSecret)) {
    requireRole(caller, { needed, act: "compare values of secrets" });
  }
}

function givesSecret({ resource }: Resource): boolean {
  if (resource.case !== "environment") return false;
  return Object.values(resource.value.spec?.secrets ?? {})
    .some((it) => secretForm(it) === "plain");
}

function agentMethods(deps: ResourceDeps): AgentMethods {
  const verbs = verbsOf(deps, "Agent", AgentSchema);
  return {
    createAgent: async (request) => ({
      agent: await verbs.create(
        given(request.agent && { case: "agent", value: request.agent }),
        request.idempotencyKey,
      ),
    }),
    getAgent: (request) => ({ agent: verbs.get(request.name) }),
    listAgents(request) {
      const page = verbs.list(request);
      return { agents: page.items, nextPageToken: page.nextPageToken };
    },
    updateAgent: async (request) => ({
      agent: await verbs.update({
        resource: given(
          request.agent && { case: "agent", value: request.agent },
        ),
        why: request.message,
      }),
    }),
    deleteAgent: async (request) => ({
      agent: await verbs.delete(request.name),
    }),
  };
}

function agentInstanceMethods(deps: ResourceDeps): AgentInstanceMethods {
  const verbs = verbsOf(deps, "AgentInstance", AgentInstanceSchema);
  return {
    createAgentInstance: async (request) => ({
      agentInstance: await verbs.create(
        given(
          request.agentInstance &&
            { case: "agentInstance", value: request.agentInstance },
        ),
        request.idempotencyKey,
      ),
    }),
    getAgentInstance: (request) => ({ agentInstance: verbs.get(request.name) }),
    listAgentInstances(request) {
      const page = verbs.list({
        page: request.page,
        labels: request.labels,
        template: { kind: "Agent", word: request.agent },
      });
      return { agentInstances: page.items, nextPageToken: page.nextPageToken };
    },
    updateAgentInstance: async (request) => ({
      agentInstance: await verbs.update({
        resource: given(
          request.agentInstance &&
            { case: "agentInstance", value: request.agentInstance },
        ),
        why: request.message,
      }),
    }),
    deleteAgentInstance: async (request) => ({
      agentInstance: await verbs.delete(request.name),
    }),
  };
}

function workflowMethods(deps: ResourceDeps): WorkflowMethods {
  const verbs = verbsOf(deps, "Workflow", WorkflowSchema);
  return {
    createWorkflow: async (request) => ({
      workflow: await verbs.create(
        given(
          request.workflow && { case: "workflow", value: request.workflow },
        ),
        request.idempotencyKey,
      ),
    }),
    getWorkflow: (request) => ({ workflow: verbs.get(request.name) }),
    listWorkflows(request) {
      const page = verbs.list(request);
      return { workflows: page.items, nextPageToken: page.nextPageToken };
    },
    updateWorkflow: async (request) => ({
      workflow: await verbs.update({
        resource: given(
          request.workflow && { case: "workflow", value: request.workflow },
        ),
        why: request.message,
      }),
    }),
    deleteWorkflow: async (request) => ({
      workflow: await verbs.delete(request.name),
    }),
  };
}

function workflowInstanceMethods(deps: ResourceDeps): WorkflowInstanceMethods {
  const verbs = verbsOf(deps, "WorkflowInstance", WorkflowInstanceSchema);
  return {
    createWorkflowInstance: async (request) => ({
      workflowInstance: await verbs.create(
        given(
          request.workflowInstance &&
            { case: "workflowInstance", value: request.workflowInstance },
        ),
        request.idempotencyKey,
      ),
    }),
    getWorkflowInstance: (request) => ({
      workflowInstance: verbs.get(request.name),
    }),
    listWorkflowInstances(request) {
      const page = verbs.list({
        page: request.page,
        labels: request.labels,
        template: { kind: "Workflow", word: request.workflow },
      });
      return {
        workflowInstances: page.items,
        nextPageToken: page.nextPageToken,
      };
    },
    updateWorkflowInstance: async (request) => ({
      workflowInstance: await verbs.update({
        resource: given(
          request.workflowInstance &&
            { case: "workflowInstance", value: request.workflowInstance },
        ),
        why: request.message,
      }),
    }),
    deleteWorkflowInstance: async (request) => ({
      workflowInstance: await verbs.delete(request.name),
    }),
  };
}

function environmentMethods(deps: ResourceDeps): EnvironmentMethods {
  const verbs = verbsOf(deps, "Environment", EnvironmentSchema);
  const load = () =>
    importUnseen<typeof import("./environments.ts")>(
      "./environments.ts",
      import.meta.url,
    );
  return {
    async createEnvironment(
      { environment, allowShortSecrets, idempotencyKey },
    ) {
      const { createEnvironment } = await load();
      const rules = { allowShort: allowShortSecrets };
      const given = { environment, rules, idempotencyKey };
      return { environment: await createEnvironment(deps, given) };
    },
    getEnvironment: (request) => ({ environment: verbs.get(request.name) }),
    listEnvironments(request) {
      const page = verbs.list(request);
      return { environments: page.items, nextPageToken: page.nextPageToken };
    },
    async updateEnvironment({ environment, message, allowShortSecrets }) {
      const { updateEnvironment } = await load();
      const rules = { allowShort: allowShortSecrets };
      const given = { environment, rules, why: message };
      return { environment: await updateEnvironment(deps, given) };
    },
    deleteEnvironment: async (request) => ({
      environment: await verbs.delete(request.name),
    }),
    async renameEnvironment(request) {
      const { renameEnvironment } = await load();
      return { environment: renameEnvironment(deps, request) };
    },
    async revealSecrets(request) {
      const { revealSecrets } = await load();
      return { secrets: { ...await revealSecrets(deps, request) } };
    },
    async sealEnvironment(request) {
      const { sealEnvironment } = await load();
      return { environment: sealEnvironment(deps, request) };
    },
  };
}

function mcpServerMethods(deps: ResourceDeps): McpServerMethods {
  const verbs = verbsOf(deps, "McpServer", McpServerResourceSchema);
  const { database } = deps.store;
  const load = () =>
    importUnseen<typeof import("./server_use.ts")>(
      "./server_use.ts",
      import.meta.url,
    );
  return {
    createMcpServer: async (request) => ({
      mcpServer: await verbs.create(
        given(
          request.mcpServer && { case: "mcpServer", value: request.mcpServer },
        ),
        request.idempotencyKey,
      ),
    }),
    async getMcpServer(request) {
      const stored = verbs.get(request.name);
      const { withUse } = await load();
      const [mcpServer = stored] = withUse(database, [stored]);
      return { mcpServer };
    },
    async listMcpServers(request) {
      const page = verbs.list(request);
      const { withUse } = await load();
      const mcpServers = withUse(database, page.items);
      return { mcpServers, nextPageToken: page.nextPageToken };
    },
    updateMcpServer: async (request) => ({
      mcpServer: await verbs.update({
        resource: given(
          request.mcpServer && { case: "mcpServer", value: request.mcpServer },
        ),
        why: request.message,
      }),
    }),
    deleteMcpServer: async (request) => ({
      mcpServer: await verbs.delete(request.name),
    }),
  };
}

/** Wraps what a request carries; an absent one makes an empty resource. */
function given(resource: Resource["resource"] | undefined): Resource {
  return create(ResourceSchema, resource === undefined ? {} : { resource });
}
