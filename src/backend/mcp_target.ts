/**
 * The tool server that a person means, and what it is started with: an applied
 * one, one of the catalog, or one that an agent or an execution has.
 *
 * @module
 */

import {
  type ExecutionSpec,
  ExecutionSpecSchema,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { McpTarget } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { McpServerSpecSchema } from "../../gen/stigmer/backend/v1/mcp_server_pb.ts";
import type { EnvDeclaration } from "../../gen/stigmer/backend/v1/metadata_pb.ts";
import { serverKey } from "../mcp/server_key.ts";
import type { ToolServer } from "../mcp/server.ts";
import { invalidArgument, StigmerError } from "../model/error.ts";
import { parseExecutionId } from "../model/id.ts";
import type { Mask } from "../model/mask.ts";
import { didYouMean } from "../model/near.ts";
import type { OpenableSecrets } from "../model/secrets.ts";
import { CATALOG_NAMES, isCatalogName } from "../model/tool_server.ts";
import type { Database } from "../store/driver.ts";
import { getExecution } from "../store/executions.ts";
import { findResource, knownNames } from "../store/resources.ts";
import { appliedServer, plannedServers } from "./agent_servers.ts";
import type { ServiceDeps } from "./deps.ts";
import { declaredBy } from "./execution_draft.ts";
import { openableGiven } from "./given_secrets.ts";
import { givenSecrets } from "./new_execution.ts";
import { fromPlain } from "./resource_message.ts";
import { environmentLayer, runEnvironments } from "./run_environments.ts";
import { findTarget, pinnedTarget, type Target } from "./target.ts";
import { mergeVariables } from "./variables.ts";
import { startableServers } from "./workflow_servers.ts";

/** A tool server with all that it is started with. */
export interface ResolvedServer {
  readonly server: ToolServer;
  /** How it is reached, in words: what is kept of it is kept under these. */
  readonly key: string;
  /** What is typed to mean it. */
  readonly word: string;
  readonly scope: {
    readonly variables: Readonly<Record<string, string>>;
    readonly secrets: OpenableSecrets;
    /** Absolute. */
    readonly workingDirectory: string;
  };
  /** Hides what was opened for it. */
  readonly mask: Mask;
}

/** A tool server as it was found, before it is given anything. */
interface Found {
  readonly server: ToolServer;
  readonly declared: Readonly<Record<string, EnvDeclaration>>;
  readonly environmentIds: readonly string[];
  /** The folder of the execution that it is of. */
  readonly workingDirectory?: string;
}

/**
 * Finds the tool server that a person means.
 *
 * @throws {StigmerError} NOT_FOUND with a near name; INVALID_ARGUMENT for what
 * it cannot be given.
 */
export function resolveMcpTarget(
  deps: ServiceDeps,
  target: McpTarget | undefined,
): ResolvedServer {
  const word = target?.server ?? "";
  if (target === undefined || word === "") {
    throw invalidArgument("Cannot look at an MCP server: none is named");
  }
  const found = findServer(deps.store.database, target);
  const subject = `MCP server "${word}"`;
  const { database } = deps.store;
  const environments = runEnvironments(database, {
    words: target.environments,
    definitions: [],
  });
  const merged = mergeVariables({
    declared: optional(found.declared),
    environments: [
      ...found.environmentIds.map((id) => environmentLayer(database, id)),
      ...environments.layers,
    ],
    run: {
      variables: target.variables,
      secrets: givenSecrets(target.secrets, subject),
    },
  }, subject);
  // Elsewhere it would be another server than the execution had.
  const workingDirectory = found.workingDirectory ||
    target.workingDirectory || deps.host.platform.cwd();
  const { secrets, mask } = openableGiven(deps, {
    secrets: merged.secrets,
    path: `mcp/${word}`,
  });
  return {
    server: found.server,
    key: serverKey(found.server, workingDirectory),
    word,
    scope: { variables: merged.variables, secrets, workingDirectory },
    mask,
  };
}

/** What the server itself needs is asked for when it is started. */
function optional(
  declared: Readonly<Record<string, EnvDeclaration>>,
): Readonly<Record<string, EnvDeclaration>> {
  return Object.fromEntries(
    Object.entries(declared).map(([name, it]) =>
      [name, { ...it, required: false }] as const
    ),
  );
}

function findServer(database: Database, target: McpTarget): Found {
  const { server: word, args } = target;
  const slash = word.lastIndexOf("/");
  const row = slash < 0 ? findResource(database, "McpServer", word) : undefined;
  if (row === undefined && slash < 0 && isCatalogName(word)) {
    return {
      server: {
        name: word,
        enabledTools: [],
        transport: { kind: "catalog", args },
      },
      declared: {},
      environmentIds: [],
    };
  }
  if (args.length > 0) {
    throw invalidArgument(
      `Cannot give arguments to MCP server "${word}": it has its own, only ` +
        "names of the catalog take some",
    );
  }
  if (slash >= 0) {
    return ownedServer(database, {
      owner: word.slice(0, slash),
      name: word.slice(slash + 1),
    });
  }
  if (row === undefined) throw unknownServer(database, word);
  const spec = fromPlain(McpServerSpecSchema, row.spec);
  const server = appliedServer(spec, { name: row.slug, enabledTools: [] });
  return { server, declared: spec.env, environmentIds: [] };
}

/** A server that an agent, a workflow or an execution of one has. */
function ownedServer(
  database: Database,
  { owner, name }: { readonly owner: string; readonly name: string },
): Found {
  const executionId = parseExecutionId(owner);
  const pinned = executionId === undefined
    ? undefined
    : pinnedOf(database, executionId);
  const target = pinned?.target ?? findTarget(database, {
    kind: isWorkflow(database, owner) ? "Workflow" : "Agent",
    name: owner,
    instance: "",
    definitions: [],
  });
  const servers = serversOf(target);
  const server = servers.find((it) => it.name === name);
  if (server === undefined) {
    const names = servers.map((it) => it.name);
    const { hint } = didYouMean(name, names);
    throw new StigmerError(
      "NOT_FOUND",
      `${target.template.kind} "${target.name}" has no MCP server "${name}"` +
        (names.length === 0 ? "" : `, it has ${names.join(", ")}`),
      hint === undefined ? {} : { hints: [hint] },
    );
  }
  return {
    server,
    declared: declaredBy(target),
    environmentIds: pinned?.spec.environmentIds ?? target.environmentIds,
    ...(pinned === undefined
      ? {}
      : { workingDirectory: pinned.spec.workingDirectory }),
  };
}

/** An agent is meant before a workflow of the same name. */
function isWorkflow(database: Database, owner: string): boolean {
  return findResource(database, "Agent", owner) === undefined &&
    findResource(database, "Workflow", owner) !== undefined;
}

/** Those of a workflow that are not applied have no name. */
function serversOf({ template, servers }: Target): readonly ToolServer[] {
  if (template.kind === "Workflow") return startableServers(servers);
  if (template.agent.spec === undefined) return [];
  return plannedServers(template.agent.spec, servers);
}

function pinnedOf(
  database: Database,
  id: NonNullable<ReturnType<typeof parseExecutionId>>,
): { readonly target: Target; readonly spec: ExecutionSpec } {
  const record = getExecution(database, id);
  if (record === undefined) {
    throw new StigmerError("NOT_FOUND", `There is no execution "${id}"`);
  }
  const kind = record.kind === "AgentExecution" ? "Agent" : "Workflow";
  const spec = fromPlain(ExecutionSpecSchema, record.spec);
  return { target: pinnedTarget(database, spec, kind), spec };
}

function unknownServer(database: Database, word: string): StigmerError {
  const known = [...knownNames(database, "McpServer"), ...CATALOG_NAMES];
  const { hint } = didYouMean(word, known);
  return new StigmerError(
    "NOT_FOUND",
    `There is no MCP server "${word}", neither applied nor in the catalog`,
    {
      hints: [
        ...(hint === undefined ? [] : [hint]),
        "Name the server of an agent or a workflow as AGENT/SERVER, WORKFLOW/NAME",
      ],
    },
  );
}
