/**
 * Checks the agents that an agent may hand work to, as far as the definition
 * itself tells.
 *
 * @module
 */

import { create } from "@bufbuild/protobuf";
import {
  type AgentSpec,
  AgentSpecSchema,
  type ModelSettings,
  type SubAgent,
} from "../../gen/stigmer/backend/v1/agent_pb.ts";
import { type Diagnostic, pointerTo } from "../model/diagnostic.ts";
import { didYouMean } from "../model/near.ts";
import { WORKSPACE_SERVER } from "../model/permission.ts";
import {
  isNone,
  letsServerThrough,
  NO_TOOLS,
  serverPattern,
} from "../model/tool_glob.ts";
import { error, warnOfTwice } from "./_check_rules.ts";
import { calledName } from "./_check_tool_servers.ts";

/** Sub-agents of one agent at the most. */
const SUB_AGENTS_MAX = 32;
/** Globs of one sub-agent at the most. */
const GLOBS_MAX = 256;
/** Characters of one glob at the most. */
const GLOB_LENGTH_MAX = 200;
const NAME_REGEXP = /^[A-Za-z0-9_-]{1,40}$/;
const ROOT = "/spec/subAgents";

/** Checks an agent's spec by itself. */
export type CheckAlone = (spec: AgentSpec) => readonly Diagnostic[];

/**
 * Checks every sub-agent, and that their names differ.
 *
 * @param checkAlone The rules that those of the agent's own share with agents.
 */
export function checkSubAgents(
  spec: AgentSpec,
  checkAlone: CheckAlone,
): Diagnostic[] {
  const { subAgents } = spec;
  const found: Diagnostic[] = [];
  if (subAgents.length > SUB_AGENTS_MAX) {
    const message =
      `An agent may have ${SUB_AGENTS_MAX} sub-agents, this has ${subAgents.length}`;
    found.push(error(ROOT, message));
  }
  const names = new Set<string>();
  for (const [i, sub] of subAgents.entries()) {
    const pointer = pointerTo(ROOT, i);
    found.push(
      ...checkName(sub, pointer, names),
      ...checkSource(sub, pointer),
      ...checkTools(sub, pointer, spec),
      ...checkAlone(aloneOf(sub)).map((it) => ({
        ...it,
        pointer: it.pointer.replace(/^\/spec/, pointer),
      })),
    );
  }
  return found;
}

function checkName(
  { name, agent }: SubAgent,
  pointer: string,
  names: Set<string>,
): Diagnostic[] {
  // Without a name of its own it is called as the agent is.
  const called = name === "" ? agent : name;
  if (called === "") {
    const hint = "Add its name, as the model is to call it";
    return [error(pointer, "A sub-agent has no name", { hint })];
  }
  const at = name === "" ? `${pointer}/agent` : `${pointer}/name`;
  if (name !== "" && !NAME_REGEXP.test(name)) {
    const message =
      `"${name}" is no name for a sub-agent: letters, digits, "-" and "_", up to 40 characters`;
    return [error(at, message)];
  }
  if (names.has(called)) {
    const hint = name === "" ? { hint: "Give one of them a name" } : {};
    return [error(at, `Sub-agent "${called}" is given twice`, hint)];
  }
  names.add(called);
  return [];
}

/** It is an agent of its own, or one that was applied. */
function checkSource(sub: SubAgent, pointer: string): Diagnostic[] {
  const { agent, instructions, skills, model } = sub;
  const what = sub.name === "" ? "It" : `Sub-agent "${sub.name}"`;
  if (agent === "") {
    if (instructions !== "") return [];
    const hint = 'Add "instructions", or "agent" with the name of another one';
    return [error(pointer, `${what} says nothing of what it does`, { hint })];
  }
  const found: Diagnostic[] = [];
  if (instructions !== "") {
    const message = `${what} is agent "${agent}", which has its instructions`;
    const hint = 'Remove "agent" or "instructions"';
    found.push(error(`${pointer}/instructions`, message, { hint }));
  }
  if (skills.length > 0) {
    const message = `${what} is agent "${agent}", which has its skills`;
    found.push(error(`${pointer}/skills`, message));
  }
  const field = model && settingBesideName(model);
  if (field !== undefined) {
    const message =
      `${what} is agent "${agent}", of whose model only the name can be another`;
    found.push(error(`${pointer}/model/${field}`, message));
  }
  return found;
}

/** Names a setting of a model that is not its name. */
function settingBesideName(model: ModelSettings): string | undefined {
  const { $typeName: _, $unknown: __, name: ___, ...others } = model;
  return Object.entries(others).find(([, value]) =>
    value !== undefined && value !== "" &&
    !(Array.isArray(value) && value.length === 0)
  )?.[0];
}

function checkTools(
  { tools, agent }: SubAgent,
  pointer: string,
  { mcpServers, workspace }: AgentSpec,
): Diagnostic[] {
  const root = `${pointer}/tools`;
  if (tools.length > GLOBS_MAX) {
    const message =
      `A sub-agent may have ${GLOBS_MAX} globs, this has ${tools.length}`;
    return [error(root, message)];
  }
  if (isNone(tools)) return [];
  const servers = [
    ...mcpServers.map(calledName),
    ...(workspace === undefined ? [] : [WORKSPACE_SERVER]),
  ];
  const found = tools.flatMap((glob, i): Diagnostic[] => {
    const at = pointerTo(root, i);
    if (glob.trim() === "" || /\s/.test(glob)) {
      return [error(at, `"${glob}" is no glob over "server:tool"`)];
    }
    if (glob.length > GLOB_LENGTH_MAX) {
      return [error(at, `A glob may have ${GLOB_LENGTH_MAX} characters`)];
    }
    if (glob === NO_TOOLS) {
      const hint = "Leave the others out, or this one";
      return [error(at, `"${NO_TOOLS}" must stand alone`, { hint })];
    }
    // What another agent has is known when it is started.
    if (agent !== "") return [];
    if (servers.some((it) => letsServerThrough([glob], it))) return [];
    const { hint = serversInWords(servers) } = didYouMean(
      serverPattern(glob),
      servers,
    );
    return [error(at, `"${glob}" is of none of the agent's tool servers`, {
      hint,
    })];
  });
  return [...found, ...warnOfTwice(tools, root)];
}

function serversInWords(servers: readonly string[]): string {
  return servers.length === 0
    ? "The agent has none: add spec.mcpServers"
    : `It has ${servers.join(", ")}`;
}

/** What an agent and a sub-agent have in common. */
function aloneOf(sub: SubAgent): AgentSpec {
  const { description, instructions, model, limits, outputSchema } = sub;
  return create(AgentSpecSchema, {
    description,
    instructions,
    skills: sub.skills,
    ...(model === undefined ? {} : { model }),
    ...(limits === undefined ? {} : { limits }),
    ...(outputSchema === undefined ? {} : { outputSchema }),
  });
}
