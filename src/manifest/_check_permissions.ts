/**
 * Checks the rules by which tool calls are made, asked about or refused.
 *
 * What cannot be read is an error. What no call of the agent, or of those whom
 * its rules hold as well, can be meant by is a warning: a rule that speaks of
 * nothing holds nobody up.
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
import {
  WORKSPACE_TOOL_NAMES,
  type WorkspaceToolName,
  workspaceToolName,
  workspaceToolNames,
} from "../model/workspace.ts";
import { error, warnOfTwice } from "./_check_rules.ts";
import { calledName } from "./_check_tool_servers.ts";
import { type RuleReach, whyNoCall } from "./_rule_reach.ts";

/** Rules of one agent at the most. */
const RULES_MAX = 256;

/** From the mildest to the strictest, which counts. */
const LISTS: readonly Decision[] = ["allow", "ask", "deny"];

/** What the rules of an agent can speak of. */
interface Tools {
  /** Names of tools by their server; not known of one that is elsewhere. */
  readonly servers: ReadonlyMap<string, readonly string[] | undefined>;
  /**
   * Whether there may be others: the rules hold sub-agents, too, and one that
   * was applied has tools that nothing here tells.
   */
  readonly isOpen: boolean;
  /** What built-in tools may reach, where all who are held may reach that. */
  readonly settings: RuleReach["settings"];
}

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
  { root, tools }: { readonly root: string; readonly tools: Tools },
): Diagnostic[] {
  if (permissions === undefined) return [];
  const count = LISTS.reduce((sum, it) => sum + permissions[it].length, 0);
  if (count > RULES_MAX) {
    const message =
      `There may be ${RULES_MAX} rules of what is called, these are ${count}`;
    return [error(root, message)];
  }
  return LISTS.flatMap((list) => [
    ...permissions[list].flatMap((text, i) => {
      const pointer = pointerTo(`${root}/${list}`, i);
      const found = checkRule(text, pointer, { list, tools });
      return found.length > 0
        ? found
        : checkEffect(text, pointer, { list, permissions });
    }),
    ...warnOfTwice(permissions[list], `${root}/${list}`),
  ]);
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
  { list, tools }: { readonly list: Decision; readonly tools: Tools },
): Diagnostic[] {
  const read = readToolRule(text);
  if (read.kind === "wrong") {
    const { message, hint, offset } = read;
    return [error(pointer, message, {
      ...(hint === undefined ? {} : { hint }),
      ...(offset === undefined ? {} : { offset }),
    })];
  }
  const { rule } = read;
  if (!meansSome(rule, tools)) {
    const message = `"${text}" is about none of the agent's tools`;
    const hint = hintFor(rule, tools.servers);
    return [{ severity: "warning", pointer, message, hint }];
  }
  const builtIn = builtInTools(rule, tools);
  const found = builtIn && whyNoCall(rule, {
    list,
    tools: builtIn,
    settings: tools.settings,
  });
  if (found === undefined) return [];
  const { why, hint, offset } = found;
  const message = `"${text}" is about no call: ${why}`;
  return [{ severity: "warning", pointer, message, hint, offset }];
}

function meansSome(rule: ToolRule, tools: Tools): boolean {
  // Built-in tools are the same everywhere.
  if (tools.isOpen && rule.server !== WORKSPACE_SERVER) return true;
  return [...tools.servers].some((it) => means(rule, it));
}

function means(
  { server, tool }: ToolRule,
  [name, tools]: readonly [string, readonly string[] | undefined],
): boolean {
  if (tool === undefined && name === WORKSPACE_SERVER) {
    if (tools?.some((it) => namesLoosely(server, it))) return true;
  }
  if (!namesLoosely(server, name)) return false;
  return tool === undefined || tools === undefined ||
    tools.some((it) => namesLoosely(tool, it));
}

/** The built-in tools that a rule means, where it means no others. */
function builtInTools(
  rule: ToolRule,
  { servers, isOpen }: Tools,
): readonly WorkspaceToolName[] | undefined {
  const { server, tool } = rule;
  const isNamed = server === WORKSPACE_SERVER ||
    (tool === undefined && workspaceToolName(server) !== undefined);
  if (isOpen && !isNamed) return undefined;
  const others = [...servers].some((it) =>
    it[0] !== WORKSPACE_SERVER && means(rule, it)
  );
  if (others) return undefined;
  const glob = tool ?? (namesLoosely(server, WORKSPACE_SERVER) ? "*" : server);
  return servers.get(WORKSPACE_SERVER)?.flatMap((name) => {
    const known = workspaceToolName(name);
    return known !== undefined && namesLoosely(glob, known) ? [known] : [];
  });
}

function hintFor(
  { server, tool }: ToolRule,
  servers: Tools["servers"],
): string {
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
  const { mcpServers, subAgents, workspace } = spec;
  const servers = new Map<string, readonly string[] | undefined>();
  for (const server of mcpServers) servers.set(calledName(server), undefined);
  const isOpen = subAgents.some(({ agent }) => agent !== "");
  if (isOpen) servers.set(WORKSPACE_SERVER, WORKSPACE_TOOL_NAMES);
  else if (workspace !== undefined) {
    servers.set(WORKSPACE_SERVER, workspaceToolNames(workspace));
  }
  if (subAgents.length > 0) servers.set("agent", undefined);
  const hasSkills = skills.length > 0 ||
    subAgents.some((it) => it.skills.length > 0);
  if (hasSkills) servers.set("skill", undefined);
  return { servers, isOpen, settings: isOpen ? undefined : workspace };
}

/** One of the agent's own has its tools, one that was applied may have any. */
function toolsOfSubAgent(spec: AgentSpec, sub: SubAgent): Tools {
  const subAgents = sub.agent === "" ? [] : [sub];
  return toolsOf({ ...spec, subAgents }, sub.skills);
}
