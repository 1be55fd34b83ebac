/**
 * The applied tool servers that the tasks of a workflow name: found at apply,
 * pinned at execution, and what its machine is given of them.
 *
 * @module
 */

import type {
  Definition,
  ExecutionSpec,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import {
  type McpServerSpec,
  McpServerSpecSchema,
} from "../../gen/stigmer/backend/v1/mcp_server_pb.ts";
import { type ToolServer, toolServerToJson } from "../mcp/server.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { failedPrecondition } from "../model/error.ts";
import type { JsonObject } from "../model/json.ts";
import { didYouMean } from "../model/near.ts";
import { isCatalogName } from "../model/tool_server.ts";
import type { Database } from "../store/driver.ts";
import {
  findResource,
  knownNames,
  type ResourceRow,
} from "../store/resources.ts";
import {
  type ServerReference,
  serverReferences,
} from "../workflow/references.ts";
import type { Plan } from "../workflow/tree.ts";
import {
  appliedServer,
  definedServers,
  inlineServer,
  lostServer,
  specAt,
  type TargetServer,
} from "./agent_servers.ts";
import { requireResource } from "./resource_context.ts";
import { fromPlain } from "./resource_message.ts";

/** How the tool server of a task gets known. */
const TASK_SERVER_HINT =
  'Apply it first, put it into the same file, or give "transport" in its place';

/**
 * Finds the applied tool servers that the tasks of a workflow name, each once,
 * by the word that they name it by.
 *
 * @throws {StigmerError} NOT_FOUND with a near name; FAILED_PRECONDITION for a
 * tool that a server keeps to itself.
 */
export function workflowServers(
  database: Database,
  plan: Plan,
  definitions: readonly Definition[],
): readonly TargetServer[] {
  const references = referencesOf(plan);
  return wordsOf(references).map((name) => {
    const inline = inlineServer(definitions, name)?.spec;
    if (inline !== undefined) {
      refuseHidden(inline, { name, references });
      return { name, resourceId: "", versionId: "", spec: inline };
    }
    const row = requireResource(database, "McpServer", name);
    const spec = specOf(row);
    refuseHidden(spec, { name, references });
    return { name, resourceId: row.id, versionId: row.version.id, spec };
  });
}

/**
 * Reads back the applied tool servers of a workflow's execution, at the
 * versions that it pinned.
 *
 * @throws {StigmerError} DATA_LOSS when one is not there any more.
 */
export function pinnedWorkflowServers(
  database: Database,
  plan: Plan,
  { mcpServers: pins, definitions }: Pick<
    ExecutionSpec,
    "mcpServers" | "definitions"
  >,
): readonly TargetServer[] {
  return wordsOf(referencesOf(plan)).flatMap((name) => {
    const pin = pins.find((it) => it.name === name);
    if (pin === undefined) return [];
    const spec = pin.resourceId === ""
      ? inlineServer(definitions, name)?.spec
      : specAt(database, pin);
    if (spec === undefined) throw lostServer(pin);
    const { resourceId, resourceVersionId: versionId } = pin;
    return [{ name, resourceId, versionId, spec }];
  });
}

/** The tool servers of a workflow as something that can be started or reached. */
export function startableServers(
  servers: readonly TargetServer[],
): readonly ToolServer[] {
  return servers.map(({ spec, name }) =>
    appliedServer(spec, { name, enabledTools: [] })
  );
}

/** What its machine is given of them, by the names that tasks give. */
export function serversOfMachine(
  servers: readonly ToolServer[],
): Readonly<Record<string, JsonObject>> {
  return Object.fromEntries(
    servers.map((it) => [it.name, toolServerToJson(it)]),
  );
}

/** Says which tool servers of a workflow that is not applied are not there. */
export function taskServerFaults(
  database: Database,
  { plan, definitions }: {
    readonly plan: Plan;
    readonly definitions: readonly Definition[];
  },
): readonly Diagnostic[] {
  return serverReferences(plan).flatMap((reference): readonly Diagnostic[] => {
    const { name, pointer } = reference;
    const row = findResource(database, "McpServer", name);
    const spec = inlineServer(definitions, name)?.spec ??
      (row === undefined ? undefined : specOf(row));
    if (spec !== undefined) return hiddenToolFaults(spec, reference);
    const known = [
      ...definedServers(definitions),
      ...knownNames(database, "McpServer"),
    ];
    return [{
      severity: "error",
      pointer: `/spec${pointer}`,
      message: `Unknown MCP server "${name}"`,
      ...taskServerHint(name, known),
    }];
  });
}

/** Says how a task gets the tool server that it names. */
export function taskServerHint(
  name: string,
  known: readonly string[],
): { readonly hint: string } {
  // Whoever writes a name of the catalog may think that it is applied.
  const create = `stigmer mcp create ${name} --catalog ${name}`;
  if (isCatalogName(name)) return { hint: `Apply it first: ${create}` };
  const { hint = TASK_SERVER_HINT } = didYouMean(name, known);
  return { hint };
}

/** The references of plans that run: each start and each worker asks for them. */
const KNOWN: WeakMap<Plan, readonly ServerReference[]> = new WeakMap();

function referencesOf(plan: Plan): readonly ServerReference[] {
  const references = KNOWN.get(plan) ?? serverReferences(plan);
  KNOWN.set(plan, references);
  return references;
}

/** In an order of their own: it is the same for each reading of a plan. */
function wordsOf(references: readonly ServerReference[]): readonly string[] {
  return [...new Set(references.map(({ name }) => name))].sort();
}

function specOf(row: ResourceRow): McpServerSpec {
  return fromPlain(McpServerSpecSchema, row.spec);
}

/** Says that a task calls a tool that its server keeps to itself. */
export function hiddenToolFaults(
  spec: McpServerSpec,
  { name, tool }: ServerReference,
): readonly Diagnostic[] {
  if (tool === undefined || !isHidden(spec, tool.name)) return [];
  return [{
    severity: "error",
    pointer: `/spec${tool.pointer}`,
    message: hiddenText(name, tool.name),
    hint: `Its "enabledTools" are ${spec.enabledTools.join(", ")}`,
  }];
}

function refuseHidden(
  spec: McpServerSpec,
  { name, references }: {
    readonly name: string;
    readonly references: readonly ServerReference[];
  },
): void {
  const hidden = references.find((it) =>
    it.name === name && it.tool !== undefined && isHidden(spec, it.tool.name)
  );
  if (hidden?.tool === undefined) return;
  throw failedPrecondition(hiddenText(name, hidden.tool.name));
}

function isHidden({ enabledTools }: McpServerSpec, tool: string): boolean {
  return enabledTools.length > 0 && !enabledTools.includes(tool);
}

function hiddenText(server: string, tool: string): string {
  return `MCP server "${server}" does not let tool "${tool}" be used`;
}
