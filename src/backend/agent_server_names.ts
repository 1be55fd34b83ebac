/**
 * What an agent calls the applied tool servers that it gives no name: their
 * slugs, which are known only once they are found.
 *
 * Two of one name could not be told apart, and a rule over a name that no
 * server has would refuse nothing.
 *
 * @module
 */

import {
  type AgentSpec,
  AgentSpecSchema,
} from "../../gen/stigmer/backend/v1/agent_pb.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  member,
} from "../model/json.ts";
import { slugOf } from "../model/slug.ts";
import { serverPointer, type TargetServer } from "./agent_servers.ts";
import { fromPlain } from "./resource_message.ts";

/** Checks the names of an agent that is applied. */
export function storedNameFaults(
  written: JsonObject,
  resolved: JsonObject,
): readonly Diagnostic[] {
  const servers = member(resolved, "mcpServers");
  if (!isJsonArray(servers)) return [];
  const names = servers.map((it) =>
    isJsonObject(it) ? String(member(it, "name") ?? "") : ""
  );
  return nameFaults(fromPlain(AgentSpecSchema, written), names);
}

/** Checks the names of an agent that is executed without being applied. */
export function givenNameFaults(
  spec: AgentSpec,
  applied: readonly TargetServer[],
): readonly Diagnostic[] {
  const found = applied.values();
  const names = spec.mcpServers.map(({ name, server }) =>
    server === "" ? name : found.next().value?.name ?? name
  );
  return nameFaults(spec, names);
}

/** @param names What each is called; empty where it was not found. */
function nameFaults(
  spec: AgentSpec,
  names: readonly string[],
): readonly Diagnostic[] {
  return spec.mcpServers.flatMap((server, i): readonly Diagnostic[] => {
    const name = names[i] ?? "";
    if (server.server === "" || server.name !== "" || name === "") return [];
    const pointer = serverPointer(i);
    if (names.some((it, j) => j !== i && it === name)) {
      const message = `Tool server "${name}" is given twice`;
      const hint = 'Give this one a "name" of its own';
      return [{ severity: "error", pointer, message, hint }];
    }
    const expected = slugOf(server.server) ?? server.server;
    const rule = names.includes(expected)
      ? undefined
      : rulesOf(spec).find((it) =>
        it === expected || it.startsWith(`${expected}:`)
      );
    if (rule === undefined) return [];
    const message = `MCP server "${server.server}" is called "${name}", and ` +
      `rule "${rule}" is not about it`;
    const hint = `Write "${name}" in the rule, or say "name" here as well`;
    return [{ severity: "error", pointer, message, hint }];
  });
}

/** The rules and filters that speak of the agent's own tool servers. */
function rulesOf({ permissions, subAgents }: AgentSpec): readonly string[] {
  const own = subAgents.filter(({ agent }) => agent === "");
  const all = [permissions, ...own.map((it) => it.permissions)];
  return [
    ...all.flatMap((it) => it === undefined ? [] : [it.deny, it.ask, it.allow]),
    ...own.map(({ tools }) => tools),
  ].flat();
}
