/**
 * The conversation that a model is given, made from the plan and the turns so
 * far.
 *
 * @module
 */

import type { Json, JsonObject } from "../model/json.ts";
import { askAgain, hasContent, schemaInstruction } from "./answer.ts";
import type { AgentPlan } from "./plan.ts";
import type { TurnOutput, TurnToolCall } from "./turn.ts";

/**
 * Characters of one tool result that a model sees. The journal keeps all of
 * it; the model is told how much it does not see.
 */
const TOOL_RESULT_LENGTH_MAX = 200_000;

/** How a tool call ended, as the model is told. */
export interface CallResult {
  readonly text: string;
  readonly isError: boolean;
}

/** A turn with all that followed from it. */
export interface PastTurn {
  readonly output: TurnOutput;
  readonly results: ReadonlyMap<string, CallResult>;
  /** Why its answer does not fit, when it was its last word. */
  readonly problem?: string;
}

/** Makes the conversation, as a prompt of the model port in plain JSON. */
export function conversation(
  plan: AgentPlan,
  turns: readonly PastTurn[],
): readonly JsonObject[] {
  return [
    ...before(plan),
    requestMessage(plan.message, plan.input),
    ...turns.flatMap(turnMessages),
  ];
}

/** Says at which place of a conversation the message of its run stands. */
export function requestPlace(plan: AgentPlan): number {
  return before(plan).length;
}

function before(plan: AgentPlan): readonly JsonObject[] {
  return [
    ...systemMessages(plan),
    ...plan.history.map(({ role, text }) => message(role, text)),
  ];
}

/** Makes the message of a run: what it says, and its input as JSON. */
export function requestMessage(
  said: string | undefined,
  input: Json,
): JsonObject {
  return message("user", requestText(said, input));
}

function systemMessages(plan: AgentPlan): JsonObject[] {
  const { instructions, outputSchema } = plan;
  const content = [
    instructions,
    ...(outputSchema === undefined ? [] : [schemaInstruction(outputSchema)]),
  ].filter((text) => text.trim() !== "").join("\n\n");
  // Providers refuse an empty one.
  return content === "" ? [] : [{ role: "system", content }];
}

function requestText(said: string | undefined, input: Json): string {
  if (!hasContent(input)) return said ?? "";
  if (said === undefined) return JSON.stringify(input, null, 2);
  return `${said}\n\nInput:\n${JSON.stringify(input, null, 2)}`;
}

/** Makes a message of a text. */
export function message(role: "user" | "assistant", text: string): JsonObject {
  // Providers refuse a message without a character in it.
  const said = text.trim() === "" ? "(nothing)" : text;
  return { role, content: [{ type: "text", text: said }] };
}

function turnMessages(turn: PastTurn): JsonObject[] {
  const { output, results, problem } = turn;
  // Providers refuse an answer without content.
  const content: readonly Json[] = output.content.length > 0
    ? output.content
    : [{ type: "text", text: "(no answer)" }];
  const messages: JsonObject[] = [{ role: "assistant", content }];
  if (output.toolCalls.length > 0) {
    const parts = output.toolCalls.map((call) =>
      resultPart(call, results.get(call.id))
    );
    messages.push({ role: "tool", content: parts });
  }
  if (problem !== undefined) messages.push(message("user", askAgain(problem)));
  return messages;
}

function resultPart(
  call: TurnToolCall,
  result: CallResult | undefined,
): JsonObject {
  const { text, isError } = result ?? { text: "", isError: true };
  return {
    type: "tool-result",
    toolCallId: call.id,
    toolName: call.name,
    output: { type: isError ? "error-text" : "text", value: visible(text) },
  };
}

function visible(text: string): string {
  const left = text.length - TOOL_RESULT_LENGTH_MAX;
  if (left <= 0) return text;
  return `${text.slice(0, TOOL_RESULT_LENGTH_MAX)}\n[${left} of ` +
    `${text.length} characters are not shown: ask the tool for less]`;
}
