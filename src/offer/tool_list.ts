/**
 * The tools that there are now: every applied agent and workflow, or those
 * that were chosen.
 *
 * @module
 */

import type { Agent } from "../../gen/stigmer/backend/v1/agent_pb.ts";
import type { Workflow } from "../../gen/stigmer/backend/v1/workflow_pb.ts";
import type { BackendClient } from "../backend/open.ts";
import { PAGE_SIZE_MAX } from "../model/limits.ts";
import { matchesGlob } from "../model/tool_glob.ts";
import { agentTool, type OfferedTool, workflowTool } from "./tool.ts";
import { toolNames } from "./tool_names.ts";

/** Pages of agents, or of workflows, that are read at the most. */
const PAGES_MAX = 10;

/** What is offered, and by whom it is known. */
export interface ListOptions {
  readonly client: BackendClient;
  /** Globs over slugs, of which one must match; none means all. */
  readonly only: readonly string[];
  readonly signal?: AbortSignal;
}

/** Lists the tools by name, agents before workflows. */
export async function listTools(
  { client, only, signal }: ListOptions,
): Promise<ReadonlyMap<string, OfferedTool>> {
  const call = signal === undefined ? {} : { signal };
  const agents = await allPages(async (page) => {
    const answer = await client.listAgents({ page }, call);
    return { items: answer.agents, next: answer.nextPageToken };
  });
  const workflows = await allPages(async (page) => {
    const answer = await client.listWorkflows({ page }, call);
    return { items: answer.workflows, next: answer.nextPageToken };
  });
  const found: readonly Found[] = [
    ...agents.map((agent) => ({ kind: "Agent" as const, agent, ...at(agent) })),
    ...workflows.map((workflow) => ({
      kind: "Workflow" as const,
      workflow,
      ...at(workflow),
    })),
  ];
  const chosen = found.filter(({ slug }) => isChosen(slug, only));
  return new Map(
    [...toolNames(chosen)].map(([name, it]) => [name, toolOf(it, name)]),
  );
}

/** Whether a slug is among those that are offered. */
export function isChosen(slug: string, only: readonly string[]): boolean {
  return only.length === 0 || only.some((glob) => matchesGlob(glob, slug));
}

type Found =
  | { readonly kind: "Agent"; readonly slug: string; readonly agent: Agent }
  | {
    readonly kind: "Workflow";
    readonly slug: string;
    readonly workflow: Workflow;
  };

function toolOf(found: Found, name: string): OfferedTool {
  switch (found.kind) {
    case "Agent":
      return agentTool(found.agent, name);
    case "Workflow":
      return workflowTool(found.workflow, name);
  }
}

function at({ metadata }: Agent | Workflow): { readonly slug: string } {
  return { slug: metadata?.slug ?? "" };
}

async function allPages<T>(
  read: (
    page: { readonly size: number; readonly token: string },
  ) => Promise<{ readonly items: readonly T[]; readonly next: string }>,
): Promise<readonly T[]> {
  const all: T[] = [];
  let token = "";
  for (let number = 0; number < PAGES_MAX; number++) {
    const { items, next } = await read({ size: PAGE_SIZE_MAX, token });
    all.push(...items);
    if (next === "") break;
    token = next;
  }
  return all;
}
