/**
 * Checks the rules by which tool calls are made, asked about or refused.
 *
 * What cannot be read is an error. What no tool of the agent can be meant by
 * is a warning: a rule that speaks of nothing holds nobody up.
 *
 * @module
 */

import type {
  AgentSpec,
  SubAgent,
  ToolPermissions,
} from "../../gen/stigmer/backend/v1/agent_pb.ts";
import { namesLoosely } from "../model/argument_match.ts";
import { type Diagnostic, pointerTo } from "../model/diagnostic.ts";
import { didYouMean } from "../model/near.ts";
import { type Decision, WORKSPACE_SERVER } from "../model/permission.ts";
import { matchesGlob } from "../model/tool_glob.ts";
import {
  parseToolRule,
  readToolRule,
  RULE_LENGTH_MAX,
  type ToolRule,
} from "../model/tool_rule.ts";
import { workspaceToolNames } from "../model/workspace.ts";
import { error } from "./_check_rules.ts";
import { calledName } from "./_check_tool_servers.ts";

/** Rules of one agent at the most. */
const RULES_MAX = 256;

/** From the mildest to the strictest, which counts. */
const LISTS: readonly Decision[] = ["allow", "ask", "deny"];

/**
 * What the rules of an agent can speak of: names of tools by their server,
 * which are not known of one that is elsewhere.
 */
type Tools = ReadonlyMap<string, readonly string[] | undefined>;

/** Checks the rules of an agent, and those of its sub-agents. */
export function checkPermissions(spec: AgentSpec): Diagnostic[] {
  const found = checkRules(spec.permissions, {
    root: "/spec/permissions",
    tools: toolsOf(spec, spec.skills),
  });
  for (const [i, sub] of spec.subAgents.entries()) {
    const root = `${pointerTo("/spec/subAgents", i)}/permissions`;
    const tools = toolsOfSubAgent(spec, sub);
    found.push(...checkRules(sub.permissions, { root, tools }));
  }
  return found;
}

function checkRules(
  permissions: ToolPermissions | undefined,
  { root, tools }: { readonly root: string; readonly tools: Tools | undefined },
): Diagnostic[] {
  if (permissions === undefined) return [];
  const count = LISTS.reduce((sum, it) => sum + permissions[it].length, 0);
  if (count > RULES_MAX) {
    const message =
      `There may be ${RULES_MAX} rules of what is called, these are ${count}`;
    return [error(root, message)];
  }
  return LISTS.flatMap((list) =>
    permissions[list].flatMap((text, i) => {
      const pointer = pointerTo(`${root}/${list}`, i);
      const found = checkRule(text, pointer, tools);
      return found.length > 0
        ? found
        : checkEffect(text, pointer, { list, permissions });
    })
  );
}

/** Says which stricter rule leaves a rule without effect. */
function checkEffect(
  text: string,
  pointer: string,
  { list, permissions }: {
    readonly list: Decision;
    readonly permissions: ToolPermissions;
  },
): Diagnostic[] {
  const rule = parseToolRule(text);
  if (rule === undefined) return [];
  for (const stricter of LISTS.slice(LISTS.indexOf(list) + 1)) {
    const over = permissions[stricter].find((it) =>
      it === text || coversAll(parseToolRule(it), rule)
    );
    if (over === undefined) continue;
    const message = `"${text}" has no effect`;
    const hint = `"${over}" in "${stricter}" counts before "${list}"`;
    return [{ severity: "warning", pointer, message, hint }];
  }
  return [];
}

/** Says whether a rule speaks of all that another one does. */
function coversAll(over: ToolRule | undefined, rule: ToolRule): boolean {
  if (over === undefined || over.conditions.length > 0) return false;
  const { server, tool } = rule;
  if (over.tool !== undefined && !/^\*+$/.test(over.tool)) {
    return tool !== undefined && coversGlob(over.server, server) &&
      coversGlob(over.tool, tool);
  }
  if (coversGlob(over.server, server)) return true;
  return over.tool === undefined && server === WORKSPACE_SERVER &&
    tool !== undefined && coversGlob(over.server, tool);
}

/** Says whether one pattern matches whatever another one does. */
function coversGlob(over: string, glob: string): boolean {
  // No pattern has so many question marks that they stand for a star.
  return matchesGlob(over, glob.replaceAll("*", "*".repeat(RULE_LENGTH_MAX)));
}

function checkRule(
  text: string,
  pointer: string,
  tools: Tools | undefined,
): Diagnostic[] {
  const read = readToolRule(text);
  if (read.kind === "wrong") {
    const { message, hint, offset } = read;
    return [error(pointer, message, {
      ...(hint === undefined ? {} : { hint }),
      ...(offset === undefined ? {} : { offset }),
    })];
  }
  if (tools === undefined || meansSome(read.rule, tools)) return [];
  const message = `"${text}" is about none of the agent's tools`;
  const hint = hintFor(read.rule, tools);
  return [{ severity: "warning", pointer, message, hint }];
}

function meansSome({ server, tool }: ToolRule, servers: Tools): boolean {
  return [...servers].some(([name, tools]) => {
    if (tool === undefined && name === WORKSPACE_SERVER) {
      if (tools?.some((it) => namesLoosely(server, it))) return true;
    }
    if (!namesLoosely(server, name)) return false;
    return tool === undefined || tools === undefined ||
      tools.some((it) => namesLoosely(tool, it));
  });
}

function hintFor({ server, tool }: ToolRule, servers: Tools): string {
  const names = [...servers.keys()];
  const ofServer = tool === undefined ? undefined : servers.get(server);
  if (tool !== undefined && ofServer !== undefined) {
    const { hint = `It has ${ofServer.join(", ")}` } = didYouMean(
      tool,
      ofServer,
    );
    return hint;
  }
  // As models see it: `github_create_issue`.
  const joined = names.find((it) => server.startsWith(`${it}_`));
  if (tool === undefined && joined !== undefined) {
    return `Write "${joined}:${server.slice(joined.length + 1)}"`;
  }
  const words = [...names, ...servers.get(WORKSPACE_SERVER) ?? []];
  if (words.length === 0) return "The agent has no tools";
  const { hint = `It has ${names.join(", ")}` } = didYouMean(server, words);
  return hint;
}

/** The tools that rules of an agent can speak of. */
function toolsOf(spec: AgentSpec, skills: readonly string[]): Tools {
  const servers = new Map<string, readonly string[] | undefined>();
  for (const server of spec.mcpServers) {
    servers.set(calledName(server), undefined);
  }
  if (spec.workspace !== undefined) {
    servers.set(WORKSPACE_SERVER, workspaceToolNames(spec.workspace));
  }
  if (spec.subAgents.length > 0) servers.set("agent", undefined);
  if (skills.length > 0) servers.set("skill", undefined);
  return servers;
}

/** One that was applied has tools that nothing here tells. */
function toolsOfSubAgent(spec: AgentSpec, sub: SubAgent): Tools | undefined {
  if (sub.agent !== "") return undefined;
  return toolsOf({ ...spec, subAgents: [] }, sub.skills);
}
