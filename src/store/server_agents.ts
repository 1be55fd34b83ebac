/**
 * The agents that name applied tool servers.
 *
 * @module
 */

import { textOf } from "./columns.ts";
import type { Database } from "./driver.ts";

/** Agents that are found at the most, for all servers together. */
const FOUND_MAX = 10_000;

const SELECT = `
  SELECT DISTINCT json_extract(server.value, '$.server') AS server_id, slug
  FROM agents, json_each(agents.spec, '$.mcpServers') AS server
  WHERE json_extract(server.value, '$.server') IN (SELECT value FROM json_each(?))
  ORDER BY slug
  LIMIT ?`;

/** Lists the slugs of the agents that name each of some servers, by its id. */
export function agentsNaming(
  database: Database,
  ids: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  if (ids.length === 0) return found;
  for (
    const row of database.prepare(SELECT).all(JSON.stringify(ids), FOUND_MAX)
  ) {
    const id = textOf(row, "server_id");
    const slugs = found.get(id) ?? [];
    slugs.push(textOf(row, "slug"));
    found.set(id, slugs);
  }
  return found;
}
