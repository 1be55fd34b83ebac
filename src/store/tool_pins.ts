/**
 * What tools were when they were first used, by how their server is reached.
 *
 * @module
 */

import { canonicalText, type JsonObject } from "../model/json.ts";
import { objectOf, textOf } from "./columns.ts";
import type { Database, SqlRow } from "./driver.ts";
import { timeMs, timeText } from "./time.ts";

/** What a tool was when it was first used, or last trusted. */
export interface ToolPinRow {
  /** How its server is reached, in words. */
  readonly server: string;
  /** Its own name there. */
  readonly tool: string;
  /** SHA-256 of the definition. */
  readonly hash: string;
  readonly definition: JsonObject;
  readonly pinnedAtMs: number;
  readonly pinnedBy: string;
}

const COLUMNS = "server, tool, hash, definition, pinned_at, pinned_by, used_at";
/** How often it is noted that a server is used. */
const USE_NOTED_MS = 86_400_000;
const SELECT =
  `SELECT ${COLUMNS} FROM tool_pins WHERE server = ? ORDER BY tool`;
const SELECT_TEXTS = "SELECT tool, definition FROM tool_pins WHERE server = ?";
const SELECT_TEXT = `${SELECT_TEXTS} AND tool = ?`;
const COUNT = "SELECT count(*) AS pins FROM tool_pins WHERE server = ?";
const INSERT =
  `INSERT INTO tool_pins (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`;
const FIRST = `${INSERT} ON CONFLICT DO NOTHING`;
const ANEW = `${INSERT} ON CONFLICT (server, tool) DO UPDATE SET
  hash = excluded.hash, definition = excluded.definition,
  pinned_at = excluded.pinned_at, pinned_by = excluded.pinned_by,
  used_at = excluded.used_at`;
const STALE = `
  SELECT 1 AS one FROM tool_pins WHERE server = ? AND used_at < ? LIMIT 1`;
const USED = "UPDATE tool_pins SET used_at = ? WHERE server = ?";
const DELETE = "DELETE FROM tool_pins WHERE server = ? AND tool = ?";

/** Lists the pins of a server by the names of their tools. */
export function toolPins(
  database: Database,
  server: string,
): readonly ToolPinRow[] {
  return database.prepare(SELECT).all(server).map(toRow);
}

/**
 * Reads what the tools of a server were as canonical JSON, by their names: what
 * each turn asks, and in which a difference is found without parsing.
 *
 * @param tool The one that is asked about; absent means all.
 */
export function toolPinTexts(
  database: Database,
  server: string,
  tool?: string,
): ReadonlyMap<string, string> {
  const rows = tool === undefined
    ? database.prepare(SELECT_TEXTS).all(server)
    : database.prepare(SELECT_TEXT).all(server, tool);
  return new Map(
    rows.map((row) => [textOf(row, "tool"), textOf(row, "definition")]),
  );
}

/** Counts the pins of a server. */
export function countToolPins(database: Database, server: string): number {
  return Number(database.prepare(COUNT).get(server)?.pins ?? 0);
}

/** Pins a tool that has no pin; says whether it had none. */
export function pinFirstUse(database: Database, row: ToolPinRow): boolean {
  return database.prepare(FIRST).run(...valuesOf(row)).changes > 0;
}

/** Pins a tool as it is now, whatever it was. */
export function pinAnew(database: Database, row: ToolPinRow): void {
  database.prepare(ANEW).run(...valuesOf(row));
}

/** Whether that the tools of a server are used was not noted for a while. */
export function isUseStale(
  database: Database,
  server: string,
  nowMs: number,
): boolean {
  const since = timeText(nowMs - USE_NOTED_MS);
  return database.prepare(STALE).get(server, since) !== undefined;
}

/** Notes that the tools of a server are used. */
export function noteToolUse(
  database: Database,
  server: string,
  nowMs: number,
): void {
  database.prepare(USED).run(timeText(nowMs), server);
}

/** Forgets what a tool was; says whether that was known. */
export function removeToolPin(
  database: Database,
  server: string,
  tool: string,
): boolean {
  return database.prepare(DELETE).run(server, tool).changes > 0;
}

function valuesOf(row: ToolPinRow): readonly string[] {
  return [
    row.server,
    row.tool,
    row.hash,
    canonicalText(row.definition),
    timeText(row.pinnedAtMs),
    row.pinnedBy,
    // Whoever pins it uses it.
    timeText(row.pinnedAtMs),
  ];
}

function toRow(row: SqlRow): ToolPinRow {
  return {
    server: textOf(row, "server"),
    tool: textOf(row, "tool"),
    hash: textOf(row, "hash"),
    definition: objectOf(row, "definition"),
    pinnedAtMs: timeMs(textOf(row, "pinned_at")),
    pinnedBy: textOf(row, "pinned_by"),
  };
}
