/**
 * Names of tool servers and of their tools, for shells. No server is started
 * for a key that is pressed: what is offered is what the backend knows.
 *
 * @module
 */

import type { BackendClient } from "../../backend/open.ts";
import { CATALOG_NAMES } from "../../model/tool_server.ts";

/** Names that are offered at the most. */
const OFFERED_MAX = 1000;

/** What may be meant: applied servers, those of agents, the catalog. */
export async function offeredServers(
  client: BackendClient,
  call: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const page = { size: OFFERED_MAX, token: "" };
  const [{ mcpServers }, { agents }] = await Promise.all([
    client.listMcpServers({ page }, call),
    client.listAgents({ page }, call),
  ]);
  const own = agents.flatMap(({ metadata, spec }) =>
    (spec?.mcpServers ?? []).filter(({ server }) => server === "")
      .map(({ name }) => `${metadata?.slug ?? ""}/${name}`)
  );
  const applied = mcpServers.map(({ metadata }) => metadata?.slug ?? "");
  return [...applied, ...own, ...CATALOG_NAMES];
}

/** The tools of a server that somebody has used already. */
export async function offeredTools(
  client: BackendClient,
  name: string,
  call: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const { mcpServer } = await client.getMcpServer({ name }, call);
  return Object.keys(mcpServer?.status?.pins ?? {});
}
