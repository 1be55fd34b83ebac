/**
 * What the journal keeps of a model turn and of a tool call.
 *
 * Both are written by the activities and read by the machine, in this process
 * or, after a crash, in another.
 *
 * @module
 */

import type { BudgetPart } from "../llm/budget.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { type ToolEffect, toolEffect } from "../model/permission.ts";
import { type ModelUsage, NO_USAGE, sumUsage } from "../model/usage.ts";
import { type ToolKind, toolKind } from "./tool.ts";

/** A whole model turn. */
export interface TurnOutput {
  /** The model that answered, in full. */
  readonly model: string;
  /** Text, reasoning and calls, as the provider wants them back. */
  readonly content: readonly JsonObject[];
  readonly text: string;
  readonly finishReason: string;
  readonly toolCalls: readonly TurnToolCall[];
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Those of the input tokens that came out of the provider's cache. */
  readonly cacheReadTokens: number;
  /** Those of the input tokens that the provider keeps. */
  readonly cacheWriteTokens: number;
  /** Those of the output tokens that are thoughts. */
  readonly reasoningTokens: number;
  /** In US dollars, at the price of the day; absent when none is known. */
  readonly costUsd?: number;
  /** Tokens that fit into a question and its answer; absent when not known. */
  readonly contextWindow?: number;
  /** What of the budget ran out before it was whole; absent for a whole one. */
  readonly cutBy?: BudgetPart;
  /** What its question has, estimated, where it was not asked for want of it. */
  readonly unaskedTokens?: number;
  readonly unaskedCostUsd?: number;
  /** What answers used that broke off before it; absent for none. */
  readonly lostInputTokens?: number;
  readonly lostOutputTokens?: number;
  readonly lostCostUsd?: number;
  /** What its text stands for, where it is a summary. */
  readonly summary?: SummaryExtent;
  /** Why tools were kept from the model, for people; absent for none. */
  readonly blockedTools?: readonly string[];
}

/** What of a conversation a summary stands for. */
export interface SummaryExtent {
  /** How many messages of the session before it. */
  readonly history: number;
  /** The execution that the last of these is of; absent for none. */
  readonly through?: string;
  /** Up to which turn of the run; 0 for none. */
  readonly upToTurn: number;
}

/** A tool call that a model asked for, resolved. */
export interface TurnToolCall {
  readonly kind: ToolKind;
  /** Unique within the turn. */
  readonly id: string;
  /** As the model knows it. */
  readonly name: string;
  /** The name of its server; empty when there is no such tool. */
  readonly server: string;
  /** Its own name on that server. */
  readonly tool: string;
  readonly arguments: JsonObject;
  /** Whether the same call twice does no more than once. */
  readonly repeatable: boolean;
  /** What the tool does to the world. */
  readonly effect: ToolEffect;
  /** Why it cannot be made at all; the model is told. */
  readonly problem?: string;
}

/** What a tool returned. */
export interface ToolOutput {
  readonly text: string;
  readonly isError: boolean;
}

/** Writes a turn as JSON. */
export function turnToJson(turn: TurnOutput): JsonObject {
  const { summary, toolCalls, ...rest } = turn;
  return {
    ...rest,
    toolCalls: toolCalls.map((call) => ({ ...call })),
    ...(summary === undefined ? {} : { summary: extentToJson(summary) }),
  };
}

/** Reads a turn back. */
export function turnFromJson(json: Json): TurnOutput {
  const object = isJsonObject(json) ? json : {};
  const cutBy = member(object, "cutBy");
  const summary = extentFromJson(member(object, "summary"));
  return {
    model: text(object, "model"),
    content: objects(object, "content"),
    text: text(object, "text"),
    finishReason: text(object, "finishReason"),
    toolCalls: objects(object, "toolCalls").map(callFromJson),
    inputTokens: count(object, "inputTokens"),
    outputTokens: count(object, "outputTokens"),
    cacheReadTokens: count(object, "cacheReadTokens"),
    cacheWriteTokens: count(object, "cacheWriteTokens"),
    reasoningTokens: count(object, "reasoningTokens"),
    ...numbers(object, [
      "costUsd",
      "contextWindow",
      "lostInputTokens",
      "lostOutputTokens",
      "lostCostUsd",
      "unaskedTokens",
      "unaskedCostUsd",
    ]),
    ...(cutBy === "tokens" || cutBy === "cost" ? { cutBy } : {}),
    ...(summary === undefined ? {} : { summary }),
  };
}

/** Writes what a summary stands for. */
export function extentToJson(extent: SummaryExtent): JsonObject {
  return { ...extent };
}

/** Reads what a summary stands for. */
export function extentFromJson(
  json: Json | undefined,
): SummaryExtent | undefined {
  if (json === undefined || !isJsonObject(json)) return undefined;
  const through = member(json, "through");
  return {
    history: count(json, "history"),
    upToTurn: count(json, "upToTurn"),
    ...(typeof through === "string" ? { through } : {}),
  };
}

function callFromJson(object: JsonObject): TurnToolCall {
  const args = member(object, "arguments");
  const problem = member(object, "problem");
  return {
    kind: toolKind(member(object, "kind")),
    id: text(object, "id"),
    name: text(object, "name"),
    server: text(object, "server"),
    tool: text(object, "tool"),
    arguments: isJsonObject(args) ? args : {},
    repeatable: member(object, "repeatable") === true,
    effect: toolEffect(member(object, "effect")),
    ...(typeof problem === "string" ? { problem } : {}),
  };
}

type UsedTurn = Omit<TurnOutput, "content" | "text" | "finishReason">;

/** Says what a turn used, with the answers that broke off before it. */
export function usageOfTurn(turn: UsedTurn): ModelUsage {
  const { lostInputTokens = 0, lostOutputTokens = 0, lostCostUsd = 0 } = turn;
  const asked = usageOfAnswer(turn);
  if (lostInputTokens + lostOutputTokens + lostCostUsd === 0) return asked;
  return sumUsage([asked, {
    ...NO_USAGE,
    inputTokens: lostInputTokens,
    outputTokens: lostOutputTokens,
    ...(lostCostUsd === 0 ? {} : { costUsd: lostCostUsd }),
  }]);
}

/** Says whether its question was not asked: it alone is over what was left. */
export function isUnasked(
  { cutBy, inputTokens, outputTokens }: UsedTurn,
): boolean {
  return cutBy !== undefined && inputTokens + outputTokens === 0;
}

function usageOfAnswer(turn: UsedTurn): ModelUsage {
  const { inputTokens, outputTokens, toolCalls, costUsd } = turn;
  if (isUnasked(turn)) return NO_USAGE;
  const { cacheReadTokens, cacheWriteTokens, reasoningTokens } = turn;
  return {
    turns: 1,
    toolCalls: toolCalls.length,
    inputTokens,
    outputTokens,
    cacheReadTokens,
    cacheWriteTokens,
    reasoningTokens,
    unpricedTurns: costUsd === undefined ? 1 : 0,
    ...(costUsd === undefined ? {} : { costUsd }),
  };
}

/** Writes what a tool returned as JSON. */
export function toolToJson(output: ToolOutput): JsonObject {
  return { ...output };
}

/** Reads what a tool returned back. */
export function toolFromJson(json: Json): ToolOutput {
  const object = isJsonObject(json) ? json : {};
  return {
    text: text(object, "text"),
    isError: member(object, "isError") === true,
  };
}

/** Writes what the model is told of a call that a person skipped. */
export function skippedToJson(told: string): JsonObject {
  return { text: told, isError: false, isSkipped: true };
}

/** Reads what the model is told of a call, if a person skipped that. */
export function skippedFromJson(json: Json): string | undefined {
  const isSkipped = isJsonObject(json) && member(json, "isSkipped") === true;
  return isSkipped ? text(json, "text") : undefined;
}

function text(object: JsonObject, key: string): string {
  const value = member(object, key);
  return typeof value === "string" ? value : "";
}

function count(object: JsonObject, key: string): number {
  const value = member(object, key);
  return typeof value === "number" ? value : 0;
}

function numbers<K extends string>(
  object: JsonObject,
  keys: readonly K[],
): { readonly [key in K]?: number } {
  const found: { [key in K]?: number } = {};
  for (const key of keys) {
    const value = member(object, key);
    if (typeof value === "number") found[key] = value;
  }
  return found;
}

function objects(object: JsonObject, key: string): readonly JsonObject[] {
  const value = member(object, key);
  return isJsonArray(value) ? value.filter(isJsonObject) : [];
}
