/**
 * Instances of agents and of workflows: how they are listed, shown and
 * deleted.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type AgentInstance,
  AgentInstanceSchema,
} from "../../../gen/stigmer/backend/v1/agent_pb.ts";
import {
  type WorkflowInstance,
  WorkflowInstanceSchema,
} from "../../../gen/stigmer/backend/v1/workflow_pb.ts";
import { notFound } from "../../model/error.ts";
import type { BackendClient } from "../../backend/open.ts";
import { KINDS } from "../../model/kind.ts";
import { type CallOptions, type Door, doorOf } from "../door.ts";
import {
  type Common,
  leadingColumns,
  leadingFacts,
  manifestYaml,
  slugOfResource,
  trailingColumns,
  trailingFacts,
} from "../resource_text.ts";
import { readSnapshot } from "../snapshot.ts";
import type { View } from "../view.ts";

/** What the instances of both kinds have. */
interface Binding extends Common {
  readonly spec?: {
    readonly description: string;
    readonly environmentIds: readonly string[];
  } | undefined;
}

type NameOf = (id: string) => string;

const agentView = (nameOf: NameOf): View<AgentInstance> => ({
  ...viewOf<AgentInstance>("AGENT", (it) => it.spec?.agentId ?? "", nameOf),
  json: (it) => toJson(AgentInstanceSchema, it),
  yaml: (value) => manifestYaml({ case: "agentInstance", value }),
});

const workflowView = (nameOf: NameOf): View<WorkflowInstance> => ({
  ...viewOf<WorkflowInstance>(
    "WORKFLOW",
    (it) => it.spec?.workflowId ?? "",
    nameOf,
  ),
  json: (it) => toJson(WorkflowInstanceSchema, it),
  yaml: (value) => manifestYaml({ case: "workflowInstance", value }),
});

/** Finds the slug of a template or of an environment. */
async function findSlug(
  client: BackendClient,
  name: string,
  call: CallOptions,
): Promise<string | undefined> {
  const prefix = name.slice(0, name.indexOf("-"));
  switch (prefix) {
    case KINDS.Agent.prefix:
      return (await client.getAgent({ name }, call)).agent?.metadata?.slug;
    case KINDS.Workflow.prefix:
      return (await client.getWorkflow({ name }, call)).workflow?.metadata
        ?.slug;
    case KINDS.Environment.prefix:
      return (await client.getEnvironment({ name }, call)).environment?.metadata
        ?.slug;
    default:
      return undefined;
  }
}

/** The verbs of agent instances. */
export const AGENT_INSTANCES: Door = doorOf<AgentInstance>({
  noun: "agent instance",
  versioned: {
    kind: "AgentInstance",
    read: (it) => readSnapshot(AgentInstanceSchema, it),
  },
  view: agentView((id) => id),
  naming: {
    ids: ({ spec }) => [spec?.agentId ?? "", ...(spec?.environmentIds ?? [])],
    find: findSlug,
    view: agentView,
  },
  async list(client, { page, labels }, call) {
    const answer = await client.listAgentInstances({
      page,
      ...(labels === undefined ? {} : { labels: { match: labels } }),
    }, call);
    return {
      items: answer.agentInstances,
      nextPageToken: answer.nextPageToken,
    };
  },
  async get(client, name, call) {
    const { agentInstance } = await client.getAgentInstance({ name }, call);
    if (agentInstance === undefined) throw notFound("agent instance", name);
    return agentInstance;
  },
  async remove(client, name, call) {
    const { agentInstance } = await client.deleteAgentInstance({ name }, call);
    if (agentInstance === undefined) throw notFound("agent instance", name);
    return agentInstance;
  },
});

/** The verbs of workflow instances. */
export const WORKFLOW_INSTANCES: Door = doorOf<WorkflowInstance>({
  noun: "workflow instance",
  versioned: {
    kind: "WorkflowInstance",
    read: (it) => readSnapshot(WorkflowInstanceSchema, it),
  },
  view: workflowView((id) => id),
  naming: {
    ids: ({ spec }) => [
      spec?.workflowId ?? "",
      ...(spec?.environmentIds ?? []),
    ],
    find: findSlug,
    view: workflowView,
  },
  async list(client, { page, labels }, call) {
    const answer = await client.listWorkflowInstances({
      page,
      ...(labels === undefined ? {} : { labels: { match: labels } }),
    }, call);
    return {
      items: answer.workflowInstances,
      nextPageToken: answer.nextPageToken,
    };
  },
  async get(client, name, call) {
    const { workflowInstance } = await client.getWorkflowInstance(
      { name },
      call,
    );
    if (workflowInstance === undefined) {
      throw notFound("workflow instance", name);
    }
    return workflowInstance;
  },
  async remove(client, name, call) {
    const { workflowInstance } = await client.deleteWorkflowInstance(
      { name },
      call,
    );
    if (workflowInstance === undefined) {
      throw notFound("workflow instance", name);
    }
    return workflowInstance;
  },
});

function viewOf<T extends Binding>(
  header: string,
  templateIdOf: (item: T) => string,
  nameOf: NameOf,
): Omit<View<T>, "json" | "yaml"> {
  const templateOf = (item: T): string => nameOf(templateIdOf(item));
  const label = header.charAt(0) + header.slice(1).toLowerCase();
  return {
    columns: [
      ...leadingColumns<T>(),
      { header, value: templateOf },
      {
        header: "ENVIRONMENTS",
        right: true,
        value: (it) => `${it.spec?.environmentIds.length ?? 0}`,
      },
      ...trailingColumns<T>(),
    ],
    identify: slugOfResource,
    describe: (it, nowMs) => [
      ...leadingFacts(it),
      ["Description", it.spec?.description ?? ""],
      [label, templateOf(it)],
      ["Environments", it.spec?.environmentIds.map(nameOf).join("\n") ?? ""],
      ...trailingFacts(it, nowMs),
    ],
  };
}
