/**
 * References as the author wrote them, in what is stored by ids: an id that
 * the words of a file lead to is no difference.
 *
 * @module
 */

import type { Agent } from "../../gen/stigmer/backend/v1/agent_pb.ts";
import type { Resource } from "../../gen/stigmer/backend/v1/backend_pb.ts";

/**
 * Puts the words of a file into a stored agent, where they mean the same.
 *
 * @param stored Changed in place.
 * @param resolved What the file would be stored as.
 */
export function asWritten(
  stored: Resource | undefined,
  { written, resolved }: {
    readonly written: Resource;
    readonly resolved: Resource | undefined;
  },
): void {
  const words = new Map<string, string>();
  const meant = specOf(resolved)?.subAgents ?? [];
  for (const [i, { agent }] of (specOf(written)?.subAgents ?? []).entries()) {
    const id = meant[i]?.agent ?? "";
    if (id !== "") words.set(id, agent);
  }
  for (const sub of specOf(stored)?.subAgents ?? []) {
    sub.agent = words.get(sub.agent) ?? sub.agent;
  }
  serversAsWritten(stored, { written, resolved });
}

/** The name of a tool server is stored also where a file leaves it out. */
function serversAsWritten(
  stored: Resource | undefined,
  { written, resolved }: {
    readonly written: Resource;
    readonly resolved: Resource | undefined;
  },
): void {
  const meant = specOf(resolved)?.mcpServers ?? [];
  for (const [i, own] of (specOf(written)?.mcpServers ?? []).entries()) {
    const { name = "", server: id = "" } = meant[i] ?? {};
    if (id === "") continue;
    for (const server of specOf(stored)?.mcpServers ?? []) {
      if (server.server !== id || server.name !== name) continue;
      server.server = own.server;
      server.name = own.name;
    }
  }
}

function specOf(of: Resource | undefined): Agent["spec"] {
  const resource = of?.resource;
  return resource?.case === "agent" ? resource.value.spec : undefined;
}
