/**
 * Resolves the tool calls of a turn: which tool of which server, with which
 * arguments, or why it cannot be called.
 *
 * @module
 */

import { parseArguments, type RawToolCall } from "../llm/model_turn.ts";
import { type JsonObject, member } from "../model/json.ts";
import { offeredText } from "../model/offered.ts";
import type { AgentTool } from "./tool.ts";
import type { TurnToolCall } from "./turn.ts";

/** Characters of malformed arguments that the model is shown. */
const ARGUMENTS_SHOWN_MAX = 500;

/** What of a turn is resolved. */
interface Unresolved {
  readonly content: readonly JsonObject[];
  readonly toolCalls: readonly RawToolCall[];
}

/** Resolves the calls, giving each an id of its own, also in the content. */
export function resolveCalls(
  turn: Unresolved,
  tools: readonly AgentTool[],
): {
  readonly content: readonly JsonObject[];
  readonly toolCalls: readonly TurnToolCall[];
} {
  const ids = uniqueIds(turn.toolCalls);
  let position = 0;
  const content = turn.content.map((part) => {
    if (member(part, "type") !== "tool-call") return part;
    return { ...part, toolCallId: ids[position++] ?? "" };
  });
  const toolCalls = turn.toolCalls.map((call, index) =>
    resolveCall({ ...call, id: ids[index] ?? "" }, tools)
  );
  return { content, toolCalls };
}

/** Some endpoints give no ids, or the same one twice. */
function uniqueIds(calls: readonly RawToolCall[]): readonly string[] {
  const taken = new Set<string>();
  return calls.map((call, index) => {
    const base = call.id || `call-${index + 1}`;
    let id = base;
    for (let number = 2; taken.has(id); number++) id = `${base}-${number}`;
    taken.add(id);
    return id;
  });
}

function resolveCall(
  call: RawToolCall,
  tools: readonly AgentTool[],
): TurnToolCall {
  const tool = tools.find((it) => it.name === call.name);
  const parsed = parseArguments(call.argumentsText);
  const reading = tool?.canonical?.(parsed ?? {});
  const problem = tool === undefined
    ? unknownTool(call.name, tools)
    : tool.blocked ??
      (parsed === undefined
        ? malformed(call)
        : reading?.kind === "wrong"
        ? reading.problem
        : undefined);
  return {
    kind: tool?.kind ?? "mcp",
    id: call.id,
    name: call.name,
    server: tool?.server ?? "",
    tool: tool?.tool ?? "",
    arguments: reading?.kind === "arguments" ? reading.arguments : parsed ?? {},
    repeatable: tool?.repeatable ?? false,
    effect: tool?.effect ?? "unknown",
    ...(problem === undefined ? {} : { problem }),
  };
}

function unknownTool(name: string, tools: readonly AgentTool[]): string {
  const callable = tools.filter(({ blocked }) => blocked === undefined);
  const offered = offeredText(name, callable.map((tool) => tool.name));
  return `There is no tool "${name}", ${offered}`;
}

function malformed(call: RawToolCall): string {
  const text = call.argumentsText;
  const shown = text.slice(0, ARGUMENTS_SHOWN_MAX);
  const rest = text.length > shown.length ? "…" : "";
  return `The arguments of "${call.name}" are no JSON object: ${shown}${rest}`;
}
