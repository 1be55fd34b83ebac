/**
 * Shows a person what of a tool changed, all of it visible.
 *
 * @module
 */

import {
  type McpTool,
  McpTool_Trust,
} from "../../../gen/stigmer/backend/v1/mcp_server_pb.ts";
import { diffValues } from "../../manifest/diff.ts";
import { visibleLine, visibleText } from "../../model/hidden_text.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
} from "../../model/json.ts";
import { mapLeaves } from "../../model/json_map.ts";

/** Lines around each change: a schema is best seen whole. */
const CONTEXT_LINES = 10;

/** What a model is told of a tool, and what permissions go by. */
interface Told {
  readonly description: string;
  readonly inputSchema?: JsonObject | undefined;
  readonly effect: string;
  readonly repeatable: boolean;
}

/** Says in one line how a tool stands: `look changed since 2026-03-04`. */
export function toolHeading({ name, trust, pinned }: McpTool): string {
  const tool = visibleLine(name);
  switch (trust) {
    case McpTool_Trust.CHANGED: {
      const day = dayOf(pinned?.pinnedAt);
      const by = pinned?.pinnedBy ? `, when ${pinned.pinnedBy} took it` : "";
      return `${tool} changed since ${day}${by}`;
    }
    case McpTool_Trust.NEW:
      return `${tool} was never used`;
    case McpTool_Trust.GONE:
      return `${tool} is forgotten`;
    default:
      return tool;
  }
}

/** Makes the diff from what a tool was to what it is; all of a new one. */
export function toolDiff(tool: McpTool): string {
  const contextLines = CONTEXT_LINES;
  if (tool.pinned === undefined) {
    const lines = diffValues(null, shown(tool), { contextLines }).split("\n");
    return lines.filter((line) => line.startsWith("+")).join("\n");
  }
  return diffValues(shown(tool.pinned), shown(tool), { contextLines })
    .trimEnd();
}

/** Zero-width and control characters are written so that they are seen. */
function shown(told: Told): Json {
  const { description, inputSchema, effect, repeatable } = told;
  const whole: JsonObject = {
    description,
    arguments: sorted(inputSchema ?? {}),
    effect,
    repeatable,
  };
  return mapLeaves(whole, { text: visibleText });
}

/** The order of keys is none of what is pinned. */
function sorted(value: Json): Json {
  if (isJsonArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const keys = Object.keys(value).toSorted();
  return Object.fromEntries(
    keys.map((key) => [key, sorted(value[key] ?? null)]),
  );
}

function dayOf(at: { readonly seconds: bigint } | undefined): string {
  return at === undefined
    ? "it was first used"
    : new Date(Number(at.seconds) * 1000).toISOString().slice(0, 10);
}
