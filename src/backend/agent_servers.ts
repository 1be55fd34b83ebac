/**
 * The applied tool servers that an agent names: found at apply, pinned at
 * execution, and what they are in its plan.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type Agent,
  type AgentSpec,
  type McpServer,
  McpServerSchema,
} from "../../gen/stigmer/backend/v1/agent_pb.ts";
import {
  type Definition,
  type ExecutionSpec,
  type McpServerPin,
  McpServerPinSchema,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import {
  type McpServerResource,
  McpServerResourceSchema,
  type McpServerSpec,
  McpServerSpecSchema,
} from "../../gen/stigmer/backend/v1/mcp_server_pb.ts";
import { toolServerOf } from "../agent/plan.ts";
import type { ToolServer } from "../mcp/server.ts";
import { type Diagnostic, pointerTo } from "../model/diagnostic.ts";
import { failedPrecondition, StigmerError } from "../model/error.ts";
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  member,
} from "../model/json.ts";
import { didYouMean } from "../model/near.ts";
import { WORKSPACE_SERVER } from "../model/permission.ts";
import { slugOf } from "../model/slug.ts";
import type { Database } from "../store/driver.ts";
import {
  findResource,
  knownNames,
  resourceById,
  type ResourceRow,
} from "../store/resources.ts";
import { versionById } from "../store/versions.ts";
import { requireResource } from "./resource_context.ts";
import { fromPlain } from "./resource_message.ts";
import type { Reference } from "./resource_reference.ts";

/** An applied tool server as an execution has it. */
export interface TargetServer {
  /** As its agent calls it; of a workflow, as its tasks name it. */
  readonly name: string;
  /** Empty when it came with the request. */
  readonly resourceId: string;
  readonly versionId: string;
  readonly spec: McpServerSpec;
}

/** Lists the applied tool servers that an agent names. */
export function serverReferences(spec: JsonObject): readonly Reference[] {
  const servers = member(spec, "mcpServers");
  if (!isJsonArray(servers)) return [];
  return servers.flatMap((server, i): Reference[] => {
    const word = isJsonObject(server) ? member(server, "server") : undefined;
    if (typeof word !== "string" || word === "") return [];
    return [{ kind: "McpServer", word, pointer: serverPointer(i) }];
  });
}

/** Where an agent names an applied tool server. */
export function serverPointer(index: number): string {
  return `${pointerTo("/spec/mcpServers", index)}/server`;
}

/** Says which tool servers of an agent that is not applied are not there. */
export function serverFaults(
  database: Database,
  { agent, definitions }: {
    readonly agent: Agent;
    readonly definitions: readonly Definition[];
  },
): readonly Diagnostic[] {
  return (agent.spec?.mcpServers ?? []).flatMap((
    server,
    i,
  ): readonly Diagnostic[] => {
    const word = server.server;
    if (word === "") return [];
    const pointer = serverPointer(i);
    const spec = inlineServer(definitions, word)?.spec ??
      specOfRow(findResource(database, "McpServer", word));
    if (spec !== undefined) return hiddenToolFaults(spec, server, i);
    const inline = definedServers(definitions);
    return [{
      severity: "error",
      pointer,
      message: `Unknown MCP server "${word}"`,
      hint: "Apply it first, or put it into the same file",
      ...didYouMean(word, [...inline, ...knownNames(database, "McpServer")]),
    }];
  });
}

/** The names of the tool servers among definitions. */
export function definedServers(
  definitions: readonly Definition[],
): readonly string[] {
  return definitions.flatMap(({ resource }) =>
    resource.case === "mcpServer" ? [resource.value.metadata?.name ?? ""] : []
  );
}

/** Says which tools an agent wants that an applied server keeps from agents. */
export function hiddenFaults(
  database: Database,
  spec: JsonObject,
): readonly Diagnostic[] {
  const servers = member(spec, "mcpServers");
  if (!isJsonArray(servers)) return [];
  return servers.flatMap((json, i) => {
    if (!isJsonObject(json) || !member(json, "server")) return [];
    const server = fromPlain(McpServerSchema, json);
    const row = resourceById(database, "McpServer", server.server);
    if (row === undefined) return [];
    const there = fromPlain(McpServerSpecSchema, row.spec);
    return hiddenToolFaults(there, { ...server, server: row.slug }, i);
  });
}

function hiddenToolFaults(
  spec: McpServerSpec,
  server: Wanted,
  index: number,
): readonly Diagnostic[] {
  const message = hiddenToolText(spec, server);
  if (message === undefined) return [];
  const pointer = `${pointerTo("/spec/mcpServers", index)}/enabledTools`;
  const hint = `It lets them see ${spec.enabledTools.join(", ")}`;
  return [{ severity: "error", pointer, message, hint }];
}

/**
 * Finds the applied tool servers of an agent, in the order in which it names
 * them.
 *
 * @throws {StigmerError} NOT_FOUND with a near name, FAILED_PRECONDITION where
 * two would have one name.
 */
export function agentServers(
  database: Database,
  spec: AgentSpec | undefined,
  definitions: readonly Definition[],
): readonly TargetServer[] {
  const servers = foundServers(database, spec, definitions);
  refuseSameNames(spec, servers);
  return servers;
}

/**
 * Rules and calls tell tools apart by the names of their servers. What one is
 * called that the agent names by its id, or whose slug was chosen, only the
 * store knows.
 */
function refuseSameNames(
  spec: AgentSpec | undefined,
  servers: readonly TargetServer[],
): void {
  const taken = new Set(
    (spec?.mcpServers ?? []).filter(({ server }) => server === "")
      .map(({ name }) => name),
  );
  if (spec?.workspace !== undefined) taken.add(WORKSPACE_SERVER);
  for (const { name } of servers) {
    if (taken.has(name)) {
      throw failedPrecondition(
        `Cannot use MCP server "${name}": the agent knows other tools by that ` +
          "name",
        { hints: ['Give it another one in the agent, by "name" beside it'] },
      );
    }
    taken.add(name);
  }
}

function foundServers(
  database: Database,
  spec: AgentSpec | undefined,
  definitions: readonly Definition[],
): readonly TargetServer[] {
  return namedBy(spec).map((server) => {
    const inline = inlineServer(definitions, server.server);
    if (inline?.spec !== undefined) {
      const name = server.name || slugIn(inline);
      refuseHidden(inline.spec, server);
      return { name, resourceId: "", versionId: "", spec: inline.spec };
    }
    const row = requireResource(database, "McpServer", server.server);
    const found = fromPlain(McpServerSpecSchema, row.spec);
    refuseHidden(found, { ...server, server: row.slug });
    return {
      name: server.name || row.slug,
      resourceId: row.id,
      versionId: row.version.id,
      spec: found,
    };
  });
}

/**
 * Reads back the applied tool servers of an agent's execution, at the versions
 * that it pinned.
 *
 * @throws {StigmerError} DATA_LOSS when one is not there any more.
 */
export function pinnedServers(
  database: Database,
  agent: AgentSpec | undefined,
  { mcpServers: pins, definitions }: Pick<
    ExecutionSpec,
    "mcpServers" | "definitions"
  >,
): readonly TargetServer[] {
  return namedBy(agent).flatMap((server, i) => {
    const pin = pins[i];
    if (pin === undefined) return [];
    const spec = pin.resourceId === ""
      ? inlineServer(definitions, server.server)?.spec
      : specAt(database, pin);
    if (spec === undefined) throw lostServer(pin);
    const { name, resourceId, resourceVersionId: versionId } = pin;
    return [{ name, resourceId, versionId, spec }];
  });
}

/** Takes the versions that whoever starts it has pinned. */
export function heldTo(
  database: Database,
  servers: readonly TargetServer[],
  pins: readonly McpServerPin[],
): readonly TargetServer[] {
  return servers.map((server) => {
    const pin = pins.find((it) =>
      it.resourceId !== "" && it.resourceId === server.resourceId
    );
    const spec = pin === undefined ? undefined : specAt(database, pin);
    return pin === undefined || spec === undefined
      ? server
      : { ...server, versionId: pin.resourceVersionId, spec };
  });
}

/** Writes down at which versions an execution has its tool servers. */
export function serverPins(servers: readonly TargetServer[]): McpServerPin[] {
  return servers.map(({ name, resourceId, versionId }) =>
    create(McpServerPinSchema, {
      name,
      resourceId,
      resourceVersionId: versionId,
    })
  );
}

/**
 * The tool servers of an agent as its plan has them.
 *
 * @throws {StigmerError} FAILED_PRECONDITION for a tool that a server does not
 * let agents see.
 */
export function plannedServers(
  { mcpServers }: AgentSpec,
  servers: readonly TargetServer[],
): readonly ToolServer[] {
  const applied = servers.values();
  return mcpServers.flatMap((server) => {
    if (server.server === "") return [toolServerOf(server)];
    const { value } = applied.next();
    if (value === undefined) return [];
    const { spec, name } = value;
    refuseHidden(spec, { ...server, server: name });
    const { enabledTools } = server;
    return [appliedServer(spec, { name, enabledTools })];
  });
}

/** An applied tool server as something that can be started or reached. */
export function appliedServer(
  spec: McpServerSpec,
  { name, enabledTools }: Pick<ToolServer, "name" | "enabledTools">,
): ToolServer {
  const { transport, args } = spec;
  const seen = enabledTools.length > 0 ? enabledTools : spec.enabledTools;
  const common = { name, enabledTools: [...seen] };
  if (transport.case !== "catalog") {
    return toolServerOf(create(McpServerSchema, { ...common, transport }));
  }
  return {
    ...common,
    transport: { kind: "catalog", entry: transport.value, args },
  };
}

/** The definitions of tool servers that came along and an agent names. */
export function serverDefinitions(
  spec: AgentSpec | undefined,
  definitions: readonly Definition[],
): readonly Definition[] {
  const needed = new Set(
    namedBy(spec).map(({ server }) => inlineServer(definitions, server)),
  );
  return definitions.filter(({ resource }) =>
    resource.case === "mcpServer" && needed.has(resource.value)
  );
}

function namedBy(spec: AgentSpec | undefined): readonly McpServer[] {
  return (spec?.mcpServers ?? []).filter(({ server }) => server !== "");
}

/** Finds a tool server among definitions, by name or slug. */
export function inlineServer(
  definitions: readonly Definition[],
  word: string,
): McpServerResource | undefined {
  for (const { resource } of definitions) {
    if (resource.case !== "mcpServer") continue;
    const { metadata } = resource.value;
    if (metadata?.name === word || slugIn(resource.value) === word) {
      return resource.value;
    }
  }
  return undefined;
}

function slugIn({ metadata }: McpServerResource): string {
  const name = metadata?.name ?? "";
  return metadata?.slug || (slugOf(name) ?? name);
}

function specOfRow(row: ResourceRow | undefined): McpServerSpec | undefined {
  return row === undefined
    ? undefined
    : fromPlain(McpServerSpecSchema, row.spec);
}

/** Reads an applied tool server at the version of a pin. */
export function specAt(
  database: Database,
  { resourceId, resourceVersionId }: McpServerPin,
): McpServerSpec | undefined {
  const row = resourceById(database, "McpServer", resourceId);
  if (row?.version.id === resourceVersionId) return specOfRow(row);
  const version = versionById(database, resourceVersionId);
  return version === undefined
    ? undefined
    : fromPlain(McpServerResourceSchema, version.snapshot).spec;
}

/** Makes the error for a pinned version that is not there any more. */
export function lostServer(
  { name, resourceVersionId }: McpServerPin,
): StigmerError {
  return new StigmerError(
    "DATA_LOSS",
    `Cannot find version "${resourceVersionId}" of MCP server "${name}" that ` +
      "the execution pinned",
  );
}

function refuseHidden(spec: McpServerSpec, server: Wanted): void {
  const message = hiddenToolText(spec, server);
  if (message !== undefined) throw failedPrecondition(message);
}

/** What an agent wants of a tool server. */
type Wanted = Pick<McpServer, "server" | "enabledTools">;

/** Says that an agent wants a tool that its server keeps from agents. */
function hiddenToolText(
  spec: McpServerSpec,
  { server, enabledTools }: Wanted,
): string | undefined {
  if (spec.enabledTools.length === 0) return undefined;
  const tool = enabledTools.find((it) => !spec.enabledTools.includes(it));
  return tool === undefined
    ? undefined
    : `MCP server "${server}" does not let agents see tool "${tool}"`;
}
