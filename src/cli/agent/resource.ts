/**
 * Agents: how they are listed, shown and deleted.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import {
  type Agent,
  AgentSchema,
} from "../../../gen/stigmer/backend/v1/agent_pb.ts";
import { notFound } from "../../model/error.ts";
import { type Door, doorOf } from "../door.ts";
import {
  envFact,
  leadingColumns,
  leadingFacts,
  manifestYaml,
  slugOfResource,
  trailingColumns,
  trailingFacts,
} from "../resource_text.ts";
import { readSnapshot } from "../snapshot.ts";
import type { View } from "../view.ts";

/** How agents are shown. */
export const AGENT_VIEW: View<Agent> = {
  columns: [
    ...leadingColumns<Agent>(),
    { header: "MODEL", value: modelOf },
    { header: "TOOLS", value: toolsOf },
    {
      header: "DESCRIPTION",
      wide: true,
      value: (it) => it.spec?.description ?? "",
    },
    ...trailingColumns<Agent>(),
  ],
  identify: slugOfResource,
  json: (it) => toJson(AgentSchema, it),
  yaml: (value) => manifestYaml({ case: "agent", value }),
  describe: (it, nowMs) => [
    ...leadingFacts(it),
    ["Description", it.spec?.description ?? ""],
    ["Model", modelOf(it)],
    ["Tools", toolsOf(it)],
    ["Variables", envFact(it.spec?.env ?? {})],
    ...trailingFacts(it, nowMs),
    ["Instructions", it.spec?.instructions ?? ""],
  ],
};

/** The verbs of agents. */
export const AGENTS: Door = doorOf<Agent>({
  noun: "agent",
  versioned: {
    kind: "Agent",
    read: (it) => readSnapshot(AgentSchema, it),
  },
  view: AGENT_VIEW,
  async list(client, { page, labels }, call) {
    const answer = await client.listAgents({
      page,
      ...(labels === undefined ? {} : { labels: { match: labels } }),
    }, call);
    return { items: answer.agents, nextPageToken: answer.nextPageToken };
  },
  async get(client, name, call) {
    const { agent } = await client.getAgent({ name }, call);
    if (agent === undefined) throw notFound("agent", name);
    return agent;
  },
  async remove(client, name, call) {
    const { agent } = await client.deleteAgent({ name }, call);
    if (agent === undefined) throw notFound("agent", name);
    return agent;
  },
});

function modelOf(agent: Agent): string {
  return agent.spec?.model?.name ?? "";
}

function toolsOf(agent: Agent): string {
  return agent.spec?.mcpServers.map((it) => it.name).join(", ") ?? "";
}
