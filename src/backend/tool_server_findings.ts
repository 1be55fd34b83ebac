/**
 * Whether the tool servers that agents name can be had on this machine.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { programOf } from "../mcp/command.ts";
import { messageOf } from "../model/error.ts";
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  member,
} from "../model/json.ts";
import { isCatalogName } from "../model/tool_server.ts";
import type { Database } from "../store/driver.ts";
import { listResources } from "../store/resource_list.ts";
import type { ResourceRow } from "../store/resources.ts";
import {
  broken,
  type FindingInit,
  fine,
  noted,
  programText,
  type Shown,
} from "./finding.ts";
import { toolRunners } from "./machine_findings.ts";

/** Agents that are looked at at the most. */
const AGENTS_MAX = 1000;
/** Servers that are looked at at the most. */
const SERVERS_MAX = 50;
/** How long each has to answer. */
const PROBE_TIMEOUT_MS = 2000;

/** Looks for each tool server that is applied or that an agent brings along. */
export async function toolServerFindings(
  { database, ...means }: Means & { readonly database: Database },
): Promise<readonly FindingInit[]> {
  const servers = [...namedServers(database)].slice(0, SERVERS_MAX);
  return await Promise.all(
    servers.map(([, named]) => findingOf(means, named)),
  );
}

/** By what is looked, and what of it is told. */
interface Means extends Shown {
  readonly host: Host;
  readonly signal: AbortSignal;
}

/** A tool server as an agent names it. */
interface Named {
  readonly name: string;
  readonly server: JsonObject;
  /** The first of the agents that do; of one that is applied, what it is. */
  readonly owner: string;
}

/** The tool servers of all agents, the same ones once. */
function namedServers(database: Database): ReadonlyMap<string, Named> {
  const found = new Map<string, Named>();
  for (const { id, slug, spec } of itemsOf(database, "McpServer")) {
    found.set(id, { name: slug, server: spec, owner: "MCP server" });
  }
  for (const { slug, spec } of itemsOf(database, "Agent")) {
    const servers = member(spec, "mcpServers");
    if (servers === undefined || !isJsonArray(servers)) continue;
    for (const server of servers) {
      // One that is applied is looked at by itself.
      if (!isJsonObject(server) || member(server, "server")) continue;
      const name = String(member(server, "name") ?? "");
      const key = JSON.stringify([
        name,
        member(server, "stdio") ?? null,
        member(server, "http") ?? null,
      ]);
      if (!found.has(key)) {
        found.set(key, { name, server, owner: `agent ${slug}` });
      }
    }
  }
  return found;
}

function itemsOf(
  database: Database,
  kind: "Agent" | "McpServer",
): readonly ResourceRow[] {
  const page = { pageSize: AGENTS_MAX, pageToken: "" };
  return listResources(database, kind, page).items;
}

async function findingOf(
  means: Means,
  { name, server, owner }: Named,
): Promise<FindingInit> {
  const looked = {
    group: "tool-servers",
    name: owner === "MCP server" ? `${owner} ${name}` : `${name} of ${owner}`,
  } as const;
  const stdio = member(server, "stdio");
  if (stdio !== undefined && isJsonObject(stdio)) {
    return programFinding(means, looked, text(stdio, "command"));
  }
  const http = member(server, "http");
  if (http !== undefined && isJsonObject(http)) {
    return await addressFinding(means, looked, text(http, "url"));
  }
  const entry = text(server, "catalog") || name;
  const isRun = isCatalogName(entry) && toolRunners(means.host).length > 0;
  return isRun ? fine(looked, "is in the catalog, and can be run") : broken(
    looked,
    {
      detail: isCatalogName(entry)
        ? "is in the catalog, and neither deno nor npx is on PATH"
        : "is not in the catalog",
      fix: isCatalogName(entry)
        ? "Install Deno, or Node with npx"
        : "Give it a stdio or http transport",
    },
  );
}

type Looked = Parameters<typeof fine>[0];

function programFinding(
  { host, places }: Means,
  looked: Looked,
  command: string,
): FindingInit {
  try {
    const workingDirectory = host.platform.cwd();
    const path = programOf(command, { host, workingDirectory });
    if (host.files.stat(path)?.kind === "file") {
      return fine(looked, `run by ${programText(path, { places })}`);
    }
    return broken(looked, {
      detail: `there is no program "${programText(path, { places })}"`,
      fix: "Install it, or give its path as it is on this machine",
    });
  } catch (error) {
    return broken(looked, {
      detail: messageOf(error),
      fix: "Install it on the machine that runs executions",
    });
  }
}

async function addressFinding(
  { host, signal }: { readonly host: Host; readonly signal: AbortSignal },
  looked: Looked,
  url: string,
): Promise<FindingInit> {
  if (url.includes("${") || !URL.canParse(url)) {
    return noted(looked, {
      detail: "its address is known only to those who run it",
    });
  }
  const where = new URL(url).origin;
  try {
    const response = await host.network.fetch(
      new Request(url, {
        signal: AbortSignal.any([
          signal,
          AbortSignal.timeout(PROBE_TIMEOUT_MS),
        ]),
      }),
    );
    await response.body?.cancel();
    // It may refuse who shows nothing: that it answers is what counts.
    return fine(looked, `answers at ${where}`);
  } catch {
    return broken(looked, {
      detail: `does not answer at ${where}`,
      fix: "Start it, or mend its address",
    });
  }
}

function text(json: JsonObject, key: string): string {
  return String(member(json, key) ?? "");
}
