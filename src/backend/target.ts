/**
 * What an execution runs: an applied agent or workflow, or one that came with
 * the request, found once and pinned by its version.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type Agent,
  AgentInstanceSpecSchema,
  AgentSchema,
  AgentSpecSchema,
} from "../../gen/stigmer/backend/v1/agent_pb.ts";
import type {
  Definition,
  ExecutionSpec,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import {
  type Workflow,
  WorkflowInstanceSpecSchema,
  WorkflowSchema,
  WorkflowSpecSchema,
} from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import { KINDS } from "../model/kind.ts";
import type { Database } from "../store/driver.ts";
import { resourceById, type ResourceRow } from "../store/resources.ts";
import { versionById } from "../store/versions.ts";
import {
  agentServers,
  pinnedServers,
  type TargetServer,
} from "./agent_servers.ts";
import { requireResource } from "./resource_context.ts";
import { fromPlain } from "./resource_message.ts";
import { planOf } from "./workflow_plan.ts";
import { pinnedWorkflowServers, workflowServers } from "./workflow_servers.ts";

/** An agent or a workflow, by its kind. */
export type Template =
  | { readonly kind: "Agent"; readonly agent: Agent }
  | { readonly kind: "Workflow"; readonly workflow: Workflow };

/** A template with what an execution of it pins and binds. */
export interface Target {
  readonly template: Template;
  /** Its slug, or its name when it came with the request. */
  readonly name: string;
  /** Empty when it came with the request. */
  readonly resourceId: string;
  readonly versionId: string;
  readonly instanceId: string;
  /** The environments of the instance, in order. */
  readonly environmentIds: readonly string[];
  /** The applied tool servers that it names, as it calls them. */
  readonly servers: readonly TargetServer[];
}

/** Templates by their versions, those that were used last at the end. */
const KNOWN: WeakMap<Database, Map<string, Template>> = new WeakMap();
/** Templates kept in memory: as many as are started at once in practice. */
const KNOWN_MAX = 256;

/** What a request says about what to run. */
export interface TargetQuery {
  readonly kind: string;
  readonly name: string;
  readonly instance: string;
  readonly definitions: readonly Definition[];
}

/**
 * Finds what a request wants to run.
 *
 * @throws {StigmerError} NOT_FOUND with a near name; INVALID_ARGUMENT for a
 * kind that does not run, and for an instance of another template.
 */
export function findTarget(database: Database, query: TargetQuery): Target {
  const { kind } = query;
  if (kind !== "Agent" && kind !== "Workflow") {
    throw invalidArgument(
      `Cannot execute kind "${kind}", only "Agent" and "Workflow" run`,
    );
  }
  const inline = inlineTemplate(query.definitions, { kind, name: query.name });
  if (inline !== undefined) {
    refuseInstance(query);
    return {
      template: inline,
      name: nameOf(inline),
      resourceId: "",
      versionId: "",
      instanceId: "",
      environmentIds: [],
      servers: serversOf(database, inline, query.definitions),
    };
  }
  return appliedTarget(database, { ...query, kind });
}

/** Finds a template among definitions by name or slug. */
export function inlineTemplate(
  definitions: readonly Definition[],
  wanted: { readonly kind: "Agent" | "Workflow"; readonly name: string },
): Template | undefined {
  const templates = definitions.flatMap(({ resource }): Template[] => {
    if (resource.case === "agent" && wanted.kind === "Agent") {
      return [{ kind: "Agent", agent: resource.value }];
    }
    if (resource.case === "workflow" && wanted.kind === "Workflow") {
      return [{ kind: "Workflow", workflow: resource.value }];
    }
    return [];
  });
  if (wanted.name === "" && templates.length === 1) return templates[0];
  return templates.find((template) => {
    const metadata = metadataOf(template);
    return metadata?.name === wanted.name || metadata?.slug === wanted.name;
  });
}

/**
 * Reads back what an execution runs, at the version that it pinned.
 *
 * @throws {StigmerError} DATA_LOSS when that version is not there any more.
 */
export function pinnedTemplate(
  database: Database,
  spec: ExecutionSpec,
  kind: "Agent" | "Workflow",
): Template {
  if (spec.resourceId === "") {
    const inline = inlineTemplate(spec.definitions, {
      kind,
      name: spec.resourceName,
    });
    if (inline !== undefined) return inline;
  }
  const row = spec.resourceId === ""
    ? undefined
    : resourceById(database, kind, spec.resourceId);
  if (row !== undefined && row.version.id === spec.resourceVersionId) {
    return templateOf(kind, row);
  }
  const version = versionById(database, spec.resourceVersionId);
  if (version === undefined) {
    throw new StigmerError(
      "DATA_LOSS",
      `Cannot find version "${spec.resourceVersionId}" of ` +
        `${
          KINDS[kind].singular
        } "${spec.resourceName}" that the execution pinned`,
    );
  }
  return kind === "Agent"
    ? { kind, agent: fromPlain(AgentSchema, version.snapshot) }
    : {
      kind,
      workflow: fromPlain(WorkflowSchema, version.snapshot),
    };
}

/** What an execution runs as it was found, without what it was bound to. */
export function pinnedTarget(
  database: Database,
  spec: ExecutionSpec,
  kind: "Agent" | "Workflow",
): Target {
  const template = pinnedTemplate(database, spec, kind);
  return {
    template,
    name: spec.resourceName,
    resourceId: spec.resourceId,
    versionId: spec.resourceVersionId,
    instanceId: spec.instanceId,
    environmentIds: [],
    servers: pinnedServersOf(database, template, spec),
  };
}

/** The applied tool servers of an execution, at the versions that it pinned. */
export function pinnedServersOf(
  database: Database,
  template: Template,
  spec: ExecutionSpec,
): readonly TargetServer[] {
  return template.kind === "Agent"
    ? pinnedServers(database, template.agent.spec, spec)
    : pinnedWorkflowServers(database, planOf(template.workflow), spec);
}

/** Finds the applied tool servers that a template names, as they are now. */
export function serversOf(
  database: Database,
  template: Template,
  definitions: readonly Definition[],
): readonly TargetServer[] {
  return template.kind === "Agent"
    ? agentServers(database, template.agent.spec, definitions)
    : workflowServers(database, planOf(template.workflow), definitions);
}

/** Instances are bound to what is applied. */
function refuseInstance({ kind, name, instance }: TargetQuery): void {
  if (instance === "") return;
  throw invalidArgument(
    `Cannot execute ${kind.toLowerCase()} "${name}" with instance ` +
      `"${instance}": it came along with the request and is not applied`,
    { hints: ["Apply it first, or leave the instance out"] },
  );
}

function appliedTarget(
  database: Database,
  query: TargetQuery & { readonly kind: "Agent" | "Workflow" },
): Target {
  const { kind } = query;
  const instance = query.instance === ""
    ? undefined
    : findInstance(database, kind, query.instance);
  const word = query.name === "" ? instance?.templateId ?? "" : query.name;
  if (word === "") {
    throw invalidArgument(
      `Cannot execute: the request names no ${KINDS[kind].singular}`,
    );
  }
  const row = requireResource(database, kind, word);
  if (instance !== undefined && instance.templateId !== row.id) {
    throw invalidArgument(
      `Cannot execute ${KINDS[kind].singular} "${row.slug}" with instance ` +
        `"${query.instance}": it is an instance of another one`,
    );
  }
  const bound = instance ?? defaultInstance(database, kind, row);
  const template = knownTemplate(database, kind, row);
  return {
    template,
    name: row.slug,
    resourceId: row.id,
    versionId: row.version.id,
    instanceId: bound?.id ?? "",
    environmentIds: bound?.environmentIds ?? [],
    servers: serversOf(database, template, []),
  };
}

interface Instance {
  readonly id: string;
  readonly templateId: string;
  readonly environmentIds: readonly string[];
}

function findInstance(
  database: Database,
  kind: "Agent" | "Workflow",
  word: string,
): Instance {
  return instanceOf(kind, requireResource(database, `${kind}Instance`, word));
}

function defaultInstance(
  database: Database,
  kind: "Agent" | "Workflow",
  row: ResourceRow,
): Instance | undefined {
  const id = row.status["defaultInstanceId"];
  const instance = typeof id === "string"
    ? resourceById(database, `${kind}Instance`, id)
    : undefined;
  return instance === undefined ? undefined : instanceOf(kind, instance);
}

function instanceOf(
  kind: "Agent" | "Workflow",
  row: ResourceRow,
): Instance {
  if (kind === "Agent") {
    const spec = fromPlain(AgentInstanceSpecSchema, row.spec);
    return { ...spec, id: row.id, templateId: spec.agentId };
  }
  const spec = fromPlain(WorkflowInstanceSpecSchema, row.spec);
  return { ...spec, id: row.id, templateId: spec.workflowId };
}

/** The same message for the same version: a plan is made for each only once. */
function knownTemplate(
  database: Database,
  kind: "Agent" | "Workflow",
  row: ResourceRow,
): Template {
  const known = KNOWN.get(database) ?? new Map<string, Template>();
  KNOWN.set(database, known);
  const key = JSON.stringify([row.version.id, row.slug, row.name]);
  const template = known.get(key) ?? templateOf(kind, row);
  known.delete(key);
  known.set(key, template);
  const [oldest] = known.keys();
  if (known.size > KNOWN_MAX && oldest !== undefined) known.delete(oldest);
  return template;
}

function templateOf(kind: "Agent" | "Workflow", row: ResourceRow): Template {
  const metadata = { id: row.id, slug: row.slug, name: row.name };
  return kind === "Agent"
    ? {
      kind,
      agent: create(AgentSchema, {
        metadata,
        spec: fromPlain(AgentSpecSchema, row.spec),
      }),
    }
    : {
      kind,
      workflow: create(WorkflowSchema, {
        metadata,
        spec: fromPlain(WorkflowSpecSchema, row.spec),
      }),
    };
}

function metadataOf(template: Template): Agent["metadata"] {
  return template.kind === "Agent"
    ? template.agent.metadata
    : template.workflow.metadata;
}

function nameOf(template: Template): string {
  const metadata = metadataOf(template);
  return metadata?.slug || metadata?.name || "";
}
