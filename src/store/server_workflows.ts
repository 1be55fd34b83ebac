/**
 * The workflows whose tasks name applied tool servers.
 *
 * @module
 */

import { textOf } from "./columns.ts";
import type { Database } from "./driver.ts";
import { lookUp } from "./resources.ts";

/** Workflows that are found at the most, for all servers together. */
const FOUND_MAX = 10_000;

// Only a text with both words is looked into: `call: mcp` beside `with.server`.
const SELECT = `
  SELECT DISTINCT server.value AS word, workflows.slug AS slug
  FROM workflows, json_tree(workflows.spec) AS server
  WHERE instr(workflows.spec, '"mcp"') > 0
    AND instr(workflows.spec, '"server"') > 0
    AND server.key = 'server' AND server.type = 'text'
    AND server.path LIKE '%.with'
    AND json_extract(
      workflows.spec,
      substr(server.path, 1, length(server.path) - length('.with')) || '.call'
    ) = 'mcp'
  ORDER BY workflows.slug
  LIMIT ?`;

/** Lists the slugs of the workflows that name each of some servers, by its id. */
export function workflowsNaming(
  database: Database,
  ids: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  if (ids.length === 0) return new Map();
  const meant = new Map<string, string>();
  for (const row of database.prepare(SELECT).all(FOUND_MAX)) {
    const word = textOf(row, "word");
    const id = meant.get(word) ?? idOf(database, word);
    meant.set(word, id);
    if (!ids.includes(id)) continue;
    const slugs = found.get(id) ?? new Set();
    found.set(id, slugs.add(textOf(row, "slug")));
  }
  return new Map([...found].map(([id, slugs]) => [id, [...slugs]]));
}

function idOf(database: Database, word: string): string {
  const it = lookUp(database, "McpServer", word);
  return it.kind === "found" ? it.row.id : "";
}
