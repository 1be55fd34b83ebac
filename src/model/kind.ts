/**
 * The kinds of resource: their names, id prefixes and spellings.
 *
 * @module
 */

/** A kind that people write in manifests. */
export type ManifestKind =
  | "Agent"
  | "AgentInstance"
  | "Workflow"
  | "WorkflowInstance"
  | "Environment"
  | "McpServer";

/** Every kind that is stored as a resource. */
export type Kind =
  | ManifestKind
  | "Session"
  | "AgentExecution"
  | "WorkflowExecution"
  | "ExecutionContext"
  | "Skill";

/** What is to know of a kind. */
export interface KindInfo {
  readonly kind: Kind;
  /** First part of its ids. */
  readonly prefix: string;
  /** Its table. */
  readonly table: string;
  /** In words, one of it: `agent instance`. */
  readonly singular: string;
  /** In words, many of it. */
  readonly plural: string;
  /** What the command line also takes, besides singular and plural. */
  readonly aliases: readonly string[];
}

/** The version that every resource names as its `apiVersion`. */
export const API_VERSION = "agentic.stigmer.ai/v1";

/** Every kind, in the order in which they depend on each other. */
export const KINDS: Readonly<Record<Kind, KindInfo>> = {
  Environment: info("Environment", "env", "environment", ["env", "envs"]),
  McpServer: info("McpServer", "mcp", "MCP server", ["mcp", "mcps"]),
  Skill: info("Skill", "skl", "skill", []),
  Agent: info("Agent", "agt", "agent", []),
  AgentInstance: info("AgentInstance", "ain", "agent instance", ["ain"]),
  Workflow: info("Workflow", "wfl", "workflow", ["wf"]),
  WorkflowInstance: info("WorkflowInstance", "win", "workflow instance", [
    "win",
  ]),
  Session: info("Session", "ses", "session", []),
  AgentExecution: info("AgentExecution", "aex", "agent execution", []),
  WorkflowExecution: info("WorkflowExecution", "wex", "workflow execution", []),
  ExecutionContext: info("ExecutionContext", "ctx", "execution context", []),
};

function info(
  kind: Kind,
  prefix: string,
  singular: string,
  aliases: readonly string[],
): KindInfo {
  const plural = `${singular}s`;
  return {
    kind,
    prefix,
    table: plural.toLowerCase().replaceAll(" ", "_"),
    singular,
    plural,
    aliases,
  };
}

/** Finds a kind by any of its spellings: `Agent`, `agents`, `env` … */
export function findKind(word: string): KindInfo | undefined {
  const wanted = word.toLowerCase().replaceAll(/[-_ ]/g, "");
  return Object.values(KINDS).find((it) =>
    [it.singular, it.plural, ...it.aliases].some((name) =>
      name.toLowerCase().replaceAll(" ", "") === wanted
    )
  );
}
