/**
 * The agents that an agent may hand work to: what they are called in a run,
 * and what runs when it hands them some.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type Agent,
  type AgentLimits,
  AgentLimitsSchema,
  AgentSchema,
  type AgentSpec,
  AgentSpecSchema,
  type ModelSettings,
  ModelSettingsSchema,
  type SubAgent,
  type ToolPermissions,
} from "../../gen/stigmer/backend/v1/agent_pb.ts";
import {
  type Definition,
  DefinitionSchema,
  type ExecutionSpec,
  type PermissionLayer,
  PermissionLayerSchema,
  type SubAgentPin,
  SubAgentPinSchema,
  type ToolFilter,
  ToolFilterSchema,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { ChildLimits, ChildRequest } from "../model/child.ts";
import { failedPrecondition } from "../model/error.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import { AGENT_DEPTH_MAX } from "../model/limits.ts";
import type { Database } from "../store/driver.ts";
import { getExecution } from "../store/executions.ts";
import { findResource } from "../store/resources.ts";
import { durationMessage, durationMs } from "./proto_json.ts";
import {
  heldTo,
  pinnedServers,
  serverDefinitions,
  type TargetServer,
} from "./agent_servers.ts";
import { fromPlain } from "./resource_message.ts";
import {
  findTarget,
  inlineTemplate,
  pinnedTemplate,
  type Target,
} from "./target.ts";

/** The largest number of tokens that the contract can say. */
const TOKENS_MAX: number = 2 ** 32 - 1;

/** What an execution of a sub-agent is made of. */
export interface SubAgentWork {
  readonly target: Target;
  /** Definitions that it is found in. */
  readonly definitions: readonly Definition[];
  readonly spec: Pick<
    ExecutionSpec,
    | "subAgent"
    | "model"
    | "limits"
    | "toolFilters"
    | "permissions"
    | "outputSchema"
  >;
}

/** Says what the sub-agents of a template are called in a new execution. */
export function subAgentPins(
  database: Database,
  { template }: Target,
  definitions: readonly Definition[],
): SubAgentPin[] {
  if (template.kind !== "Agent") return [];
  const taken = new Set<string>();
  return (template.agent.spec?.subAgents ?? []).map((sub) => {
    const { description } = sub;
    if (sub.agent === "") {
      const name = distinct(sub.name, taken);
      return create(SubAgentPinSchema, { name, description });
    }
    const found = referenced(database, sub.agent, definitions);
    const slug = found?.slug ?? sub.agent;
    return create(SubAgentPinSchema, {
      name: distinct(sub.name || slug, taken),
      description: description || found?.description || "",
      agent: slug,
    });
  });
}

/**
 * Tells apart those that come to one name, as by an agent's name and its slug:
 * each is narrowed in its own way, and is found again by its name.
 */
function distinct(name: string, taken: Set<string>): string {
  let found = name;
  for (let number = 2; taken.has(found); number++) found = `${name}_${number}`;
  taken.add(found);
  return found;
}

/** An agent that another one names, where it is there. */
function referenced(
  database: Database,
  word: string,
  definitions: readonly Definition[],
): { readonly slug: string; readonly description: string } | undefined {
  const inline = inlineTemplate(definitions, { kind: "Agent", name: word });
  if (inline?.kind === "Agent") {
    const { metadata, spec } = inline.agent;
    const slug = metadata?.slug || metadata?.name || word;
    return { slug, description: spec?.description ?? "" };
  }
  const row = findResource(database, "Agent", word);
  if (row === undefined) return undefined;
  const { description } = fromPlain(AgentSpecSchema, row.spec);
  return { slug: row.slug, description };
}

/**
 * Finds what a sub-agent runs, for the agent that hands it work.
 *
 * @param own The spec of the execution that hands it out.
 * @throws {StigmerError} NOT_FOUND when the agent is not there any more.
 */
export function subAgentWork(
  database: Database,
  own: ExecutionSpec,
  request: ChildRequest,
): SubAgentWork {
  const template = pinnedTemplate(database, own, "Agent");
  const parent = template.kind === "Agent" ? template.agent.spec : undefined;
  const at = own.subAgents.findIndex(({ name }) => name === request.subAgent);
  const sub = parent?.subAgents[at];
  const pin = own.subAgents[at];
  if (parent === undefined || sub === undefined || pin === undefined) {
    throw failedPrecondition(
      `Agent "${own.resourceName}" has no sub-agent "${request.subAgent}"`,
    );
  }
  const found = sub.agent === ""
    ? ownWork(parent, {
      sub,
      pin,
      own,
      servers: pinnedServers(database, parent, own),
    })
    : appliedWork(database, { sub, own });
  return {
    ...found,
    spec: {
      subAgent: pin.name,
      ...found.spec,
      permissions: layersAbove(own, parent, { sub, pin }),
      limits: narrowest(sub.limits, request.limits ?? {}),
      ...(sub.outputSchema === undefined
        ? {}
        : { outputSchema: sub.outputSchema }),
    },
  };
}

/**
 * What a sub-agent is held to besides its own rules. Those that its parent
 * writes for it are its own where it is one of the parent's own.
 */
function layersAbove(
  own: ExecutionSpec,
  { permissions }: AgentSpec,
  { sub, pin }: { readonly sub: SubAgent; readonly pin: SubAgentPin },
): PermissionLayer[] {
  const agent = own.resourceName;
  const layers = [...own.permissions, layerOf(agent, permissions)];
  if (sub.agent === "" || sub.permissions === undefined) return layers;
  return [...layers, layerOf(`${agent}/${pin.name}`, sub.permissions)];
}

function layerOf(
  agent: string,
  permissions: ToolPermissions | undefined,
): PermissionLayer {
  return create(PermissionLayerSchema, {
    agent,
    ...(permissions === undefined ? {} : { permissions }),
  });
}

type FoundWork = Pick<SubAgentWork, "target" | "definitions"> & {
  readonly spec: Pick<ExecutionSpec, "model" | "toolFilters">;
};

/** An agent of the parent's own: it has what the parent has, and less. */
function ownWork(
  parent: AgentSpec,
  { sub, pin, own, servers }: {
    readonly sub: SubAgent;
    readonly pin: SubAgentPin;
    readonly own: ExecutionSpec;
    /** It reaches the same ones as its parent. */
    readonly servers: readonly TargetServer[];
  },
): FoundWork {
  const { description, instructions, skills, limits } = sub;
  // Without rules of its own it may what its parent may.
  const permissions = sub.permissions ?? parent.permissions;
  const agent = create(AgentSchema, {
    metadata: { name: pin.name },
    spec: {
      description,
      instructions,
      model: modelOf(sub.model, parent.model),
      mcpServers: parent.mcpServers,
      ...(parent.workspace === undefined
        ? {}
        : { workspace: parent.workspace }),
      env: parent.env,
      skills,
      ...(limits === undefined ? {} : { limits }),
      ...(permissions === undefined ? {} : { permissions }),
    },
  });
  return {
    target: {
      template: { kind: "Agent", agent },
      name: pin.name,
      resourceId: "",
      versionId: "",
      instanceId: "",
      environmentIds: [],
      servers,
    },
    definitions: [
      definitionOf(agent),
      ...serverDefinitions(parent, own.definitions),
    ],
    spec: {
      model: sub.model?.name ? "" : own.model,
      toolFilters: [...own.toolFilters, ...filterOf(sub)],
    },
  };
}

/** An applied agent, or one that came along: it has tools of its own. */
function appliedWork(
  database: Database,
  { sub, own }: { readonly sub: SubAgent; readonly own: ExecutionSpec },
): FoundWork {
  const { definitions } = own;
  const name = sub.agent;
  const query = { kind: "Agent", name, instance: "", definitions };
  const target = findTarget(database, query);
  return {
    target: {
      ...target,
      servers: heldTo(database, target.servers, own.mcpServers),
    },
    definitions,
    spec: {
      model: sub.model?.name || own.model,
      toolFilters: filterOf(sub),
    },
  };
}

/** What a sub-agent does not say of its model is as its parent has it. */
function modelOf(
  own: ModelSettings | undefined,
  parent: ModelSettings | undefined,
): ModelSettings {
  if (own === undefined || parent === undefined) {
    return own ?? parent ?? create(ModelSettingsSchema);
  }
  if (own.name !== "") return own;
  const { temperature, maxOutputTokens, contextWindow, price } = own;
  return create(ModelSettingsSchema, {
    ...parent,
    baseUrl: own.baseUrl || parent.baseUrl,
    ...(own.fallbacks.length > 0 ? { fallbacks: own.fallbacks } : {}),
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(contextWindow === undefined ? {} : { contextWindow }),
    ...(price === undefined ? {} : { price }),
  });
}

function filterOf({ tools }: SubAgent): ToolFilter[] {
  return tools.length === 0 ? [] : [create(ToolFilterSchema, { globs: tools })];
}

function definitionOf(agent: Agent): Definition {
  return create(DefinitionSchema, {
    resource: { case: "agent", value: agent },
  });
}

/** The limits of a sub-agent, and never more than its parent has left. */
function narrowest(
  own: AgentLimits | undefined,
  left: ChildLimits,
): AgentLimits {
  // Templates are kept in memory: what is written here must not be in them.
  const limits = { ...create(AgentLimitsSchema), ...own };
  const { maxTokens = Infinity, maxCostUsd = Infinity } = left;
  const tokens = Math.min(limits.maxTokens || Infinity, maxTokens, TOKENS_MAX);
  const costUsd = Math.min(limits.maxCostUsd || Infinity, maxCostUsd);
  const timeoutMs = Math.min(
    durationMs(limits.timeout) || Infinity,
    left.timeoutMs ?? Infinity,
  );
  // Nothing, in the contract, is no limit at all.
  if (tokens < TOKENS_MAX) limits.maxTokens = Math.max(1, Math.floor(tokens));
  if (costUsd < Infinity) {
    limits.maxCostUsd = Math.max(Number.MIN_VALUE, costUsd);
  }
  if (timeoutMs < Infinity) {
    limits.timeout = durationMessage(Math.max(1, Math.round(timeoutMs)));
  }
  return limits;
}

/** The definitions that an agent needs: its own, and of those that it names. */
export function agentDefinitions(
  agent: Agent,
  definitions: readonly Definition[],
): Definition[] {
  const needed = new Set([agent]);
  // It grows as it is walked through.
  for (const { spec } of needed) {
    for (const { agent: name } of spec?.subAgents ?? []) {
      const found = name === ""
        ? undefined
        : inlineTemplate(definitions, { kind: "Agent", name });
      if (found?.kind === "Agent") needed.add(found.agent);
    }
  }
  const servers = new Set(
    [...needed].flatMap(({ spec }) => serverDefinitions(spec, definitions)),
  );
  return definitions.filter((it) =>
    it.resource.case === "agent"
      ? needed.has(it.resource.value)
      : servers.has(it)
  );
}

/**
 * Refuses agents that hand work to one another without end.
 *
 * @throws {StigmerError} FAILED_PRECONDITION.
 */
export function refuseAgentDepth(
  database: Database,
  parent: ExecutionRecord,
): void {
  let above: ExecutionRecord | undefined = parent;
  for (let depth = 1; depth < AGENT_DEPTH_MAX; depth++) {
    const isSubAgent = (above?.spec["subAgent"] ?? "") !== "";
    if (!isSubAgent || above?.parent === undefined) return;
    above = getExecution(database, above.parent.executionId);
  }
  throw failedPrecondition(
    `Cannot hand work on: ${AGENT_DEPTH_MAX} agents handed it to one another ` +
      "already",
  );
}
