/**
 * Applied tool servers: how they are listed, shown and deleted.
 *
 * @module
 */

import { toJson } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type McpServerResource,
  McpServerResourceSchema,
} from "../../../gen/stigmer/backend/v1/mcp_server_pb.ts";
import { notFound } from "../../model/error.ts";
import { visibleText } from "../../model/hidden_text.ts";
import { type Door, doorOf } from "../door.ts";
import { oneLine } from "../one_line.ts";
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

/** Agents, or workflows, that are named in a cell. */
const NAMES_SHOWN_MAX = 3;

/** Digits of a hash that tell two of them apart for people. */
const HASH_SHOWN = 12;

/** How tool servers are shown. */
export const MCP_SERVER_VIEW: View<McpServerResource> = {
  columns: [
    ...leadingColumns<McpServerResource>(),
    { header: "REACHED BY", spare: 2, value: reachOf },
    {
      header: "AGENTS",
      spare: 1,
      value: ({ status }) => namesCell(status?.agents),
    },
    {
      header: "WORKFLOWS",
      wide: true,
      value: ({ status }) => namesCell(status?.workflows),
    },
    {
      header: "DESCRIPTION",
      wide: true,
      value: (it) => it.spec?.description ?? "",
    },
    ...trailingColumns<McpServerResource>(),
  ],
  identify: slugOfResource,
  json: (it) => toJson(McpServerResourceSchema, it),
  yaml: (value) => manifestYaml({ case: "mcpServer", value }),
  describe: (it, nowMs) => [
    ...leadingFacts(it),
    ["Description", it.spec?.description ?? ""],
    ["Reached by", reachOf(it)],
    ["Tools", it.spec?.enabledTools.join(", ") || "all that it offers"],
    ["Variables", envFact(it.spec?.env ?? {})],
    ["Login", loginOf(it)],
    ...trailingFacts(it, nowMs),
    ["Agents", it.status?.agents.join(", ") ?? ""],
    ["Workflows", it.status?.workflows.join(", ") ?? ""],
    ["Trusted tools", pinsOf(it)],
  ],
};

/** The verbs of tool servers. */
export const MCP_SERVERS: Door = doorOf<McpServerResource>({
  noun: "MCP server",
  versioned: {
    kind: "McpServer",
    read: (it) => readSnapshot(McpServerResourceSchema, it),
  },
  view: MCP_SERVER_VIEW,
  async list(client, { page, labels }, call) {
    const answer = await client.listMcpServers({
      page,
      ...(labels === undefined ? {} : { labels: { match: labels } }),
    }, call);
    return { items: answer.mcpServers, nextPageToken: answer.nextPageToken };
  },
  async get(client, name, call) {
    const { mcpServer } = await client.getMcpServer({ name }, call);
    if (mcpServer === undefined) throw notFound("MCP server", name);
    return mcpServer;
  },
  async remove(client, name, call) {
    const { mcpServer } = await client.deleteMcpServer({ name }, call);
    if (mcpServer === undefined) throw notFound("MCP server", name);
    return mcpServer;
  },
});

/** In words, how a server is reached: `stdio deno run tickets.ts`. */
function reachOf({ spec }: McpServerResource): string {
  const transport = spec?.transport;
  switch (transport?.case) {
    case "stdio": {
      const { command, args } = transport.value;
      return ["stdio", command, ...args].join(" ");
    }
    case "http":
      return `http ${transport.value.url}`;
    case "catalog":
      return ["catalog", transport.value, ...spec?.args ?? []].join(" ");
    case undefined:
      return "";
  }
}

function namesCell(names: readonly string[] = []): string {
  const shown = names.slice(0, NAMES_SHOWN_MAX).join(", ");
  const more = names.length - NAMES_SHOWN_MAX;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** Who is logged in, for what and until when. */
function loginOf({ status }: McpServerResource): string {
  const login = status?.login;
  if (login === undefined) return "";
  const { scopes, expiresAt, renewable, ended, loggedInBy } = login;
  if (ended) return "ended, log in again";
  const what = scopes.length === 0 ? "" : ` for ${oneLine(scopes.join(" "))}`;
  const until = expiresAt === undefined
    ? ""
    : ` until ${new Date(timestampMs(expiresAt)).toISOString()}`;
  const then = renewable ? ", renewed by itself" : "";
  return `by ${oneLine(loggedInBy)}${what}${until}${then}`;
}

/** The tools as they were when they were first used, or trusted. */
function pinsOf({ status }: McpServerResource): string {
  return Object.entries(status?.pins ?? {})
    .map(([tool, { hash, pinnedBy }]) =>
      `${visibleText(tool)}  ${hash.slice(0, HASH_SHOWN)}  by ${pinnedBy}`
    ).sort().join("\n");
}
