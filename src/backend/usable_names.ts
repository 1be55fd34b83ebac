/**
 * Which variables and secrets a template can use, and which it cannot do
 * without: its declarations, the placeholders of its tool servers, the keys of
 * its providers, what its expressions name, and the same of those it starts.
 *
 * @module
 */

import type { Definition } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import { createAgentPlan } from "../agent/plan.ts";
import { MODEL_SETTING_NAMES } from "../llm/key.ts";
import { needsOf } from "../mcp/needs.ts";
import type { ToolServer } from "../mcp/server.ts";
import { StigmerError } from "../model/error.ts";
import { isJsonArray, isJsonObject, type Json } from "../model/json.ts";
import type { Database } from "../store/driver.ts";
import { tasksOf } from "../workflow/references.ts";
import type { Plan, Task } from "../workflow/tree.ts";
import { plannedServers } from "./agent_servers.ts";
import { declaredBy } from "./execution_draft.ts";
import { findTarget, type Target } from "./target.ts";
import { definitionsMeant, documentQuery } from "./workflow_choice.ts";
import { planOf } from "./workflow_plan.ts";
import { startableServers } from "./workflow_servers.ts";

/** Templates that name one another that are followed. */
const DEPTH_MAX = 32;

/** What a template can use. */
export interface UsableNames {
  readonly names: ReadonlySet<string>;
  /** Whether it may use others, too: what is computed is not known before. */
  readonly isOpen: boolean;
  /** What its tool servers cannot be started without, with their names. */
  readonly required: ReadonlyMap<string, string>;
}

/** Where templates that others name are found. */
interface Known {
  readonly database: Database;
  readonly definitions: readonly Definition[];
}

interface Growing {
  readonly names: Set<string>;
  readonly required: Map<string, string>;
  readonly seen: Set<unknown>;
  isOpen: boolean;
}

/** Says what a target can use, and all that it starts. */
export function usableNames(target: Target, known: Known): UsableNames {
  const growing: Growing = {
    names: new Set(),
    required: new Map(),
    seen: new Set(),
    isOpen: false,
  };
  addTarget(growing, target, { ...known, depth: 0 });
  return growing;
}

function addTarget(
  into: Growing,
  target: Target,
  known: Known & { readonly depth: number },
): void {
  const { template } = target;
  const key = target.versionId ||
    (template.kind === "Agent" ? template.agent : template.workflow);
  if (into.seen.has(key)) return;
  into.seen.add(key);
  for (const name of Object.keys(declaredBy(target))) into.names.add(name);
  if (template.kind === "Agent") addAgent(into, target, known);
  else if (known.depth > DEPTH_MAX) into.isOpen = true;
  else addWorkflow(into, target, known);
}

function addWorkflow(
  into: Growing,
  { template, servers }: Target,
  known: Known & { readonly depth: number },
): void {
  if (template.kind !== "Workflow") return;
  // What a child cannot do without, its own environments may have.
  const isChild = known.depth > 0;
  const apart = isChild ? { ...into, required: new Map() } : into;
  addServers(apart, startableServers(servers));
  addPlan(into, planOf(template.workflow), known);
}

function addServers(into: Growing, servers: readonly ToolServer[]): void {
  for (const server of servers) {
    for (const [needed, need] of needsOf(server)) {
      into.names.add(needed);
      if (need === "required") into.required.set(needed, server.name);
    }
  }
}

function addAgent(
  into: Growing,
  { template, name, servers }: Target,
  known: Known & { readonly depth: number },
): void {
  for (const it of MODEL_SETTING_NAMES) into.names.add(it);
  if (template.kind !== "Agent" || template.agent.spec === undefined) return;
  const { mcpServers } = createAgentPlan(template.agent.spec, {
    name,
    input: null,
    mcpServers: plannedServers(template.agent.spec, servers),
  });
  addServers(into, mcpServers);
  for (const { agent } of template.agent.spec.subAgents) {
    if (agent !== "") addSubAgent(into, agent, known);
  }
}

/** What it cannot do without it may be given elsewhere, or never asked for. */
function addSubAgent(
  into: Growing,
  name: string,
  known: Known & { readonly depth: number },
): void {
  if (known.depth > DEPTH_MAX) {
    into.isOpen = true;
    return;
  }
  const apart: Growing = { ...into, required: new Map() };
  addChild(apart, { kind: "Agent", name }, known);
  into.isOpen ||= apart.isOpen;
}

function addPlan(
  into: Growing,
  plan: Plan,
  known: Known & { readonly depth: number },
): void {
  for (const name of plan.secrets) into.names.add(name);
  for (const name of plan.usedSecrets) into.names.add(name);
  addVariables(into, plan.definition);
  for (const task of tasksOf(plan)) addTask(into, task, known);
}

function addTask(
  into: Growing,
  task: Task,
  known: Known & { readonly depth: number },
): void {
  switch (task.kind) {
    case "llm":
      for (const name of MODEL_SETTING_NAMES) into.names.add(name);
      return;
    case "agent": {
      const { agent } = task;
      const name = agent.kind === "literal" ? agent.value : undefined;
      if (typeof name !== "string") into.isOpen = true;
      else addChild(into, { kind: "Agent", name }, known);
      return;
    }
    case "workflow": {
      const definitions = definitionsMeant(
        known.definitions,
        documentQuery(task),
      );
      const child = { kind: "Workflow", name: task.workflow };
      addChild(into, child, { ...known, definitions });
      return;
    }
    case "function":
      if (task.function.kind === "external") into.isOpen = true;
      return;
    default:
      return;
  }
}

function addChild(
  into: Growing,
  child: { readonly kind: string; readonly name: string },
  known: Known & { readonly depth: number },
): void {
  const { database, definitions, depth } = known;
  try {
    const target = findTarget(database, {
      ...child,
      instance: "",
      definitions,
    });
    addTarget(into, target, { ...known, depth: depth + 1 });
  } catch (error) {
    // What is not there yet may be when its turn comes.
    if (!(error instanceof StigmerError)) throw error;
    into.isOpen = true;
  }
}

const WHOLE = /\$env\b|\$\{\s*env\b/g;
const MEMBER = /^\s*(?:\.\s*"?([A-Za-z_]\w*)"?|\[\s*"([A-Za-z_]\w*)"\s*\])/;

/** Takes the variables that expressions read: `$env.NAME`, `${env.NAME}`. */
function addVariables(into: Growing, definition: Json): void {
  if (isJsonArray(definition)) {
    for (const item of definition) addVariables(into, item);
  } else if (isJsonObject(definition)) {
    for (const item of Object.values(definition)) addVariables(into, item);
  } else if (typeof definition === "string") {
    for (const { 0: text, index } of definition.matchAll(WHOLE)) {
      const member = MEMBER.exec(definition.slice(index + text.length));
      const name = member?.[1] ?? member?.[2];
      if (name === undefined) into.isOpen = true;
      else into.names.add(name);
    }
  }
}
