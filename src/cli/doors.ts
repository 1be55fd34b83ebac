/**
 * Every kind that `get` and `delete` take, by any of its spellings.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import { findKind, type Kind } from "../model/kind.ts";
import type { Door } from "./door.ts";
import { suggestion } from "./parse.ts";

/** The kinds that are spelled out in help and offered by shells. */
export const KIND_NAMES = [
  "agent",
  "agent-instance",
  "workflow",
  "workflow-instance",
  "environment",
  "mcp-server",
  "execution",
  "session",
  "skill",
] as const;

/** What `get all` shows: what people define, and not what came of it. */
export const ALL_KINDS: readonly string[] = [
  "agent",
  "agent-instance",
  "workflow",
  "workflow-instance",
  "environment",
  "mcp-server",
  "skill",
];

type KindName = typeof KIND_NAMES[number];

const BY_KIND: Readonly<Partial<Record<Kind, KindName>>> = {
  Agent: "agent",
  AgentInstance: "agent-instance",
  Workflow: "workflow",
  WorkflowInstance: "workflow-instance",
  Environment: "environment",
  McpServer: "mcp-server",
  AgentExecution: "execution",
  WorkflowExecution: "execution",
  Session: "session",
  Skill: "skill",
};

/**
 * Finds the verbs of a kind.
 *
 * @throws {StigmerError} For a word that names no kind.
 */
export async function doorFor(word: string): Promise<Door> {
  const found = findKind(word)?.kind;
  const name = found === undefined ? undefined : BY_KIND[found];
  if (name !== undefined) return await loadDoor(name);
  if (/^(executions?|runs?)$/i.test(word)) return await loadDoor("execution");
  throw invalidArgument(`Unknown kind "${word}"`, {
    hints: [
      ...(suggestion(word, KIND_NAMES).hints ?? []),
      `Kinds are ${KIND_NAMES.join(", ")}`,
    ],
  });
}

/** Loads the verbs of a kind. */
export async function loadDoor(name: KindName): Promise<Door> {
  switch (name) {
    case "agent":
      return (await import("./agent/resource.ts")).AGENTS;
    case "agent-instance":
      return (await import("./instance/resource.ts")).AGENT_INSTANCES;
    case "workflow":
      return (await import("./workflow/resource.ts")).WORKFLOWS;
    case "workflow-instance":
      return (await import("./instance/resource.ts")).WORKFLOW_INSTANCES;
    case "environment":
      return (await import("./env/resource.ts")).ENVIRONMENTS;
    case "mcp-server":
      return (await import("./mcp/resource.ts")).MCP_SERVERS;
    case "execution":
      return (await import("./execution/resource.ts")).EXECUTIONS;
    case "session":
      return (await import("./session/resource.ts")).SESSIONS;
    case "skill":
      return (await import("./skill/resource.ts")).SKILLS;
  }
}
