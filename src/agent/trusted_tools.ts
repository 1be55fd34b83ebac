/**
 * The tools of servers that may be offered to a model, and those that are kept
 * from it because they changed.
 *
 * @module
 */

import type { Tool } from "../mcp/hub.ts";
import type { ToolServer } from "../mcp/server.ts";
import { definitionOf, type ToolDefinition } from "../mcp/tool_definition.ts";
import type { ToolTrust } from "../mcp/tool_trust.ts";
import type { ActivityContext } from "../model/durable.ts";
import { StigmerError } from "../model/error.ts";

/** What looks tools up for a run, and what it was told already. */
export interface TrustScene {
  readonly trust: ToolTrust;
  readonly context: ActivityContext;
  /** What people were told in this run. */
  readonly told: Set<string>;
}

/** Looks tools up: why some are blocked, by the names that models see. */
export async function blockedTools(
  tools: readonly Tool[],
  scene: TrustScene,
): Promise<ReadonlyMap<string, string>> {
  const servers = Map.groupBy(tools, ({ server }) => server);
  const reports = await Promise.all([...servers].map(
    async ([server, own]) => {
      const reasons = await look(server, own.map(namedThere), scene);
      return own.flatMap(({ name, tool }) => {
        const reason = reasons.get(tool);
        return reason === undefined ? [] : [[name, reason] as const];
      });
    },
  ));
  return new Map(reports.flat());
}

/**
 * Refuses a call of a tool that its server describes otherwise by now, as after
 * it was started again.
 *
 * @throws {StigmerError} FAILED_PRECONDITION with what unblocks it.
 */
export async function refuseChanged(
  tool: ToolDefinition,
  server: ToolServer,
  scene: TrustScene,
): Promise<void> {
  const reason = (await look(server, [tool], scene)).get(tool.name);
  if (reason !== undefined) {
    throw new StigmerError("FAILED_PRECONDITION", reason);
  }
}

async function look(
  server: ToolServer,
  tools: readonly ToolDefinition[],
  { trust, context, told }: TrustScene,
): Promise<ReadonlyMap<string, string>> {
  const { executionId, workingDirectory, secrets } = context;
  const { blocked, notices } = await trust.look({
    executionId,
    server,
    workingDirectory,
    tools: tools.map((tool) => definitionOf(tool, secrets?.hide)),
  });
  for (const notice of [...notices, ...blocked.values()]) {
    if (told.has(notice)) continue;
    told.add(notice);
    context.emit({ type: "OUTPUT_DELTA", text: `${notice}\n` });
  }
  return blocked;
}

function namedThere({ tool, ...rest }: Tool): ToolDefinition {
  return { ...rest, name: tool };
}
