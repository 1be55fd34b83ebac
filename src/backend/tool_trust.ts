/**
 * Looks up in the store whether tools are what they were, and pins those that
 * are used for the first time.
 *
 * @module
 */

import { ExecutionSpecSchema } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { McpServerSpecSchema } from "../../gen/stigmer/backend/v1/mcp_server_pb.ts";
import { isComputedKey, serverKey } from "../mcp/server_key.ts";
import {
  definitionFromJson,
  definitionHash,
  definitionOf,
  definitionText,
  type ToolDefinition,
} from "../mcp/tool_definition.ts";
import {
  blockedText,
  firstUseNotice,
  type ToolPin,
  type ToolTrust,
  type ToolUse,
  type TrustReport,
  trustState,
  unlistedText,
} from "../mcp/tool_trust.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import { parseExecutionId } from "../model/id.ts";
import { type JsonObject, member } from "../model/json.ts";
import { commandLine } from "../model/shell_word.ts";
import type { Database } from "../store/driver.ts";
import { getExecution } from "../store/executions.ts";
import { findResource, resourceById } from "../store/resources.ts";
import {
  isUseStale,
  noteToolUse,
  pinFirstUse,
  type ToolPinRow,
  toolPins,
  toolPinTexts,
} from "../store/tool_pins.ts";
import type { ServiceDeps } from "./deps.ts";
import { appliedServer } from "./agent_servers.ts";
import { untilUnlocked } from "./patience.ts";
import { fromPlain } from "./resource_message.ts";

type TrustDeps = Pick<ServiceDeps, "store" | "host">;

/** Makes what looks tools up for the executions of a store. */
export function createToolTrust({ store, host }: TrustDeps): ToolTrust {
  const { database } = store;
  const unlocked = untilUnlocked(host, database);
  /** What a workflow computes is kept for as long as it is used. */
  async function noteUse(key: string): Promise<void> {
    if (!isComputedKey(key)) return;
    const nowMs = host.clock.now();
    if (!isUseStale(database, key, nowMs)) return;
    await unlocked();
    noteToolUse(database, key, nowMs);
  }
  return {
    async look(use) {
      const key = serverKey(use.server, use.workingDirectory);
      await noteUse(key);
      if (isAllKnown(database, key, use)) return NOTHING_TO_SAY;
      const known = pinsOfServer(database, key);
      const fresh = use.tools.filter(({ name }) => !known.has(name));
      if (fresh.length === 0) return reportOf(use, { database, pins: known });
      await unlocked();
      const by = executionOf(database, use)?.createdBy ?? "";
      const notices = database.transaction(() =>
        fresh.flatMap((tool) => {
          const row = { key, tool, atMs: host.clock.now(), by };
          const isFirst = pinFirstUse(database, pinRow(row));
          return isFirst ? firstUseNotice(tool, use.server.name) : [];
        })
      );
      // Another process may have been first, with another definition.
      const pins = pinsOfServer(database, key);
      return { ...reportOf(use, { database, pins }), notices };
    },
  };
}

const NOTHING_TO_SAY: TrustReport = { blocked: new Map(), notices: [] };

/** Whether all are what they were, as nearly always. */
function isAllKnown(
  database: Database,
  key: string,
  { tools, unlisted = [] }: ToolUse,
): boolean {
  if (unlisted.length > 0) return false;
  const [first] = tools;
  const only = tools.length === 1 ? first?.name : undefined;
  const texts = toolPinTexts(database, key, only);
  return tools.every((it) => texts.get(it.name) === definitionText(it));
}

/** Reads what the tools of a server were, by their names. */
export function pinsOfServer(
  database: Database,
  key: string,
): ReadonlyMap<string, ToolPin> {
  return new Map(toolPins(database, key).map((row) => [row.tool, pinOf(row)]));
}

/** Makes the row of a tool as it is now. */
export function pinRow(
  { key, tool, atMs, by }: {
    /** How its server is reached, in words. */
    readonly key: string;
    readonly tool: ToolDefinition;
    readonly atMs: number;
    readonly by: string;
  },
): ToolPinRow {
  const definition: JsonObject = { ...definitionOf(tool) };
  return {
    server: key,
    tool: tool.name,
    hash: definitionHash(tool),
    definition,
    pinnedAtMs: atMs,
    pinnedBy: by,
  };
}

function pinOf(
  { definition, hash, pinnedAtMs, pinnedBy }: ToolPinRow,
): ToolPin {
  return {
    definition: definitionFromJson(definition),
    hash,
    pinnedAtMs,
    pinnedBy,
  };
}

function reportOf(
  use: ToolUse,
  { database, pins }: {
    readonly database: Database;
    readonly pins: ReadonlyMap<string, ToolPin>;
  },
): TrustReport {
  const server = use.server.name;
  const blocked = use.tools.flatMap((tool) => {
    const pin = pins.get(tool.name);
    if (pin === undefined || trustState(tool, pin) !== "changed") return [];
    const execution = executionOf(database, use);
    const command = trustCommand(use, { database, tool: tool.name, execution });
    return [[tool.name, blockedText(tool, { pin, server, command })] as const];
  });
  return {
    blocked: new Map([...blocked, ...unlistedOf(use, { database, pins })]),
    notices: [],
  };
}

/** A tool that was listed once must not be called past what was said of it. */
function unlistedOf(
  use: ToolUse,
  { database, pins }: {
    readonly database: Database;
    readonly pins: ReadonlyMap<string, ToolPin>;
  },
): readonly (readonly [string, string])[] {
  const server = use.server.name;
  const known = (use.unlisted ?? []).filter((tool) => pins.has(tool));
  return known.map((tool) => {
    const execution = executionOf(database, use);
    const scene = { database, tool, execution, flags: ["--forget"] };
    const command = trustCommand(use, scene);
    return [tool, unlistedText(tool, { server, command })] as const;
  });
}

/** What shows a change to a person, and takes it. */
function trustCommand(
  { server, executionId, workingDirectory }: ToolUse,
  { database, tool, execution, flags = [] }: {
    readonly database: Database;
    readonly tool: string;
    readonly execution: ExecutionRecord | undefined;
    readonly flags?: readonly string[];
  },
): string {
  const key = serverKey(server, workingDirectory);
  // One that a task writes down has no name, and nobody else can start it.
  if (server.written !== undefined) {
    return commandLine("stigmer mcp trust --forget", [key, tool]);
  }
  // What is another server in each folder is named by who had it in this one.
  const name = execution !== undefined && key === serverKey(server)
    ? serverWord(database, { execution, server, key })
    : `${executionId}/${server.name}`;
  return commandLine("stigmer mcp trust", [...flags, name, tool]);
}

/** What is typed to mean the tool server of an execution. */
function serverWord(
  database: Database,
  { execution, server: { name }, key }: Pick<ToolUse, "server"> & {
    readonly execution: ExecutionRecord;
    readonly key: string;
  },
): string {
  const applied = appliedName(database, { execution, server: name });
  const row = applied === undefined
    ? undefined
    : findResource(database, "McpServer", applied);
  if (applied === undefined || row === undefined) {
    return ownedWord(execution, name);
  }
  const spec = fromPlain(McpServerSpecSchema, row.spec);
  const now = serverKey(appliedServer(spec, { name, enabledTools: [] }));
  // It may be reached otherwise than this execution has pinned.
  return now === key ? applied : `${execution.id}/${name}`;
}

/** The slug of an applied tool server that the tasks of an execution call. */
export function appliedName(
  database: Database,
  { execution, server }: {
    readonly execution: ExecutionRecord;
    /** As its tasks name it. */
    readonly server: string;
  },
): string | undefined {
  if (execution.kind !== "WorkflowExecution") return undefined;
  const { mcpServers } = fromPlain(ExecutionSpecSchema, execution.spec);
  const id = mcpServers.find(({ name }) => name === server)?.resourceId ?? "";
  return id === "" ? undefined : resourceById(database, "McpServer", id)?.slug;
}

/** One that was run from a file is found by what it is pinned to. */
export function ownedWord(execution: ExecutionRecord, server: string): string {
  return `${agentOf(execution) || execution.id}/${server}`;
}

/** The agent that an execution runs, where it was applied. */
function agentOf({ kind, spec }: ExecutionRecord): string {
  if (kind !== "AgentExecution" || !member(spec, "resourceId")) return "";
  const name = member(spec, "resourceName");
  return typeof name === "string" ? name : "";
}

function executionOf(
  database: Database,
  { executionId }: ToolUse,
): ExecutionRecord | undefined {
  const id = parseExecutionId(executionId);
  return id === undefined ? undefined : getExecution(database, id);
}
