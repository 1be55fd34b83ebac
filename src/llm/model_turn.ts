/**
 * A whole turn of a model, and an answer that becomes one as it is streamed.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { Allowance, BudgetPart } from "./budget.ts";
import { type Asked, tokensAsked, tokensOfLength } from "./estimate.ts";
import { brokenStream, fullWindow } from "./failure.ts";
import type { StreamPart } from "./model.ts";
import type { TurnTokens } from "./price.ts";

/** Characters of one answer at the most. */
const MODEL_ANSWER_LENGTH_MAX = 8_000_000;

/** What Anthropic says of an answer that its window had no room for. */
const WINDOW_FULL = "model_context_window_exceeded";

/** A whole turn of a model; plain JSON, because it is journalled. */
export interface ModelTurn {
  /** Text, reasoning and calls in order, as the provider wants them back. */
  readonly content: readonly JsonObject[];
  /** All text of it. */
  readonly text: string;
  readonly toolCalls: readonly RawToolCall[];
  readonly finishReason: FinishReason;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Those of the input tokens that came out of the provider's cache. */
  readonly cacheReadTokens?: number;
  /** Those of the input tokens that the provider keeps. */
  readonly cacheWriteTokens?: number;
  /** Those of the output tokens that are thoughts. */
  readonly reasoningTokens?: number;
  /** What of the budget ran out before it was whole; absent for a whole one. */
  readonly cutBy?: BudgetPart;
  /** What its question has, estimated, where it was not asked for want of it. */
  readonly unaskedTokens?: number;
  readonly unaskedCostUsd?: number;
  /** What answers used that broke off before it; absent for none. */
  readonly lostInputTokens?: number;
  readonly lostOutputTokens?: number;
  readonly lostCostUsd?: number;
  /** Tokens that fit into the model, as far as that is known. */
  readonly contextWindow?: number;
}

/** A tool call as the model wrote it. */
export interface RawToolCall {
  readonly id: string;
  /** As the model was told it. */
  readonly name: string;
  /** Meant to be a JSON object. */
  readonly argumentsText: string;
}

/** Why a model stopped. */
export type FinishReason = "stop" | "length" | "content-filter" | "other";

type Metadata = Readonly<Record<string, JsonObject>>;
type TextPart = {
  kind: "text" | "reasoning";
  text: string;
  metadata: Metadata;
};
type CallPart = { kind: "call"; call: RawToolCall; metadata: Metadata };

/** An answer as far as it has come. */
export class Draft {
  readonly #parts: Map<string, TextPart | CallPart> = new Map();
  /** Ids of calls whose arguments came in pieces. */
  readonly #streamed: Set<string> = new Set();
  readonly #onText: (text: string) => void;
  #length = 0;
  #finish: Extract<StreamPart, { type: "finish" }> | undefined;

  constructor(onText: (text: string) => void) {
    this.#onText = onText;
  }

  add(part: StreamPart): void {
    switch (part.type) {
      case "text-start":
      case "text-end":
        return this.#write("text", part.id, "", part.providerMetadata);
      case "text-delta":
        this.#write("text", part.id, part.delta, part.providerMetadata);
        if (part.delta !== "") this.#onText(part.delta);
        return;
      case "reasoning-start":
      case "reasoning-end":
        return this.#write("reasoning", part.id, "", part.providerMetadata);
      case "reasoning-delta":
        return this.#write(
          "reasoning",
          part.id,
          part.delta,
          part.providerMetadata,
        );
      case "tool-call":
        // A tool that the provider ran itself is part of its answer.
        if (part.providerExecuted) return;
        this.#parts.set(`call ${this.#parts.size}`, {
          kind: "call",
          call: {
            id: part.toolCallId,
            name: part.toolName,
            argumentsText: part.input,
          },
          metadata: plain(part.providerMetadata),
        });
        // What came in pieces is counted.
        return this.#streamed.has(part.toolCallId)
          ? undefined
          : this.#count(part.input.length);
      case "tool-input-delta":
        this.#streamed.add(part.id);
        return this.#count(part.delta.length);
      case "error":
        throw part.error;
      case "finish":
        this.#finish = part;
        return;
      default:
        // Sources, files and the like are no part of a turn.
        return;
    }
  }

  finish(asked: Asked): ModelTurn {
    const finish = this.#finish;
    if (finish === undefined || isCut(finish)) {
      throw brokenStream("the stream ended before the answer did");
    }
    if (finish.finishReason.raw === WINDOW_FULL) throw fullWindow();
    return {
      ...this.#said(),
      finishReason: reasonOf(finish.finishReason.unified),
      ...countsOf(finish.usage, { asked, answer: this.tokens }),
    };
  }

  /** What it used so far; `undefined` when nothing has come. */
  used(asked: Asked): TurnTokens | undefined {
    const answer = this.tokens;
    if (this.#finish !== undefined) {
      return countsOf(this.#finish.usage, { asked, answer });
    }
    return answer === 0
      ? undefined
      : { inputTokens: tokensAsked(asked), outputTokens: answer };
  }

  /** How many tokens have come, estimated. */
  get tokens(): number {
    return tokensOfLength(this.#length);
  }

  /** The answer as far as it has come: it ends here. */
  cut({ inputTokens, cachedTokens, part }: Allowance): ModelTurn {
    return {
      ...this.#said(),
      finishReason: "length",
      inputTokens,
      outputTokens: this.tokens,
      ...(cachedTokens === 0 ? {} : { cacheReadTokens: cachedTokens }),
      cutBy: part,
    };
  }

  #said(): Pick<ModelTurn, "content" | "text" | "toolCalls"> {
    const parts = [...this.#parts.values()];
    return {
      content: parts.flatMap(contentOf),
      text: parts.map((it) => it.kind === "text" ? it.text : "").join(""),
      toolCalls: parts.flatMap((it) => it.kind === "call" ? [it.call] : []),
    };
  }

  #write(
    kind: "text" | "reasoning",
    id: string,
    text: string,
    metadata: unknown,
  ): void {
    const key = `${kind} ${id}`;
    const part = this.#parts.get(key);
    if (part === undefined || part.kind === "call") {
      this.#parts.set(key, { kind, text, metadata: plain(metadata) });
    } else {
      part.text += text;
      part.metadata = merge(part.metadata, plain(metadata));
    }
    this.#count(text.length);
  }

  #count(length: number): void {
    this.#length += length;
    if (this.#length <= MODEL_ANSWER_LENGTH_MAX) return;
    throw new StigmerError(
      "RESOURCE_EXHAUSTED",
      `its answer is longer than ${MODEL_ANSWER_LENGTH_MAX} characters`,
    );
  }
}

/** Says whether a stream ended without the provider's own end. */
function isCut(finish: Extract<StreamPart, { type: "finish" }>): boolean {
  const { unified, raw } = finish.finishReason;
  if (unified === "interrupted" || unified === "error") return true;
  return unified === "other" && raw === undefined;
}

type Counts = Extract<StreamPart, { type: "finish" }>["usage"];

/** Reads how many tokens a provider counted; what is none is left out. */
function countsOf(
  { inputTokens, outputTokens }: Counts,
  estimated: { readonly asked: Asked; readonly answer: number },
): Omit<ModelTurn, "content" | "text" | "toolCalls" | "finishReason"> {
  const { cacheRead, cacheWrite } = inputTokens;
  const { reasoning } = outputTokens;
  return {
    inputTokens: inputTokens.total ?? tokensAsked(estimated.asked),
    outputTokens: outputTokens.total ?? estimated.answer,
    ...(cacheRead ? { cacheReadTokens: cacheRead } : {}),
    ...(cacheWrite ? { cacheWriteTokens: cacheWrite } : {}),
    ...(reasoning ? { reasoningTokens: reasoning } : {}),
  };
}

function reasonOf(unified: string): FinishReason {
  switch (unified) {
    case "stop":
    case "tool-calls":
      return "stop";
    case "length":
    case "content-filter":
      return unified;
    default:
      return "other";
  }
}

function contentOf(part: TextPart | CallPart): JsonObject[] {
  const options = Object.keys(part.metadata).length === 0
    ? {}
    : { providerOptions: part.metadata };
  if (part.kind === "call") {
    const { id, name, argumentsText } = part.call;
    return [{
      type: "tool-call",
      toolCallId: id,
      toolName: name,
      input: parseArguments(argumentsText) ?? {},
      ...options,
    }];
  }
  // Providers refuse an empty text; with metadata it carries a meaning.
  if (part.text === "" && Object.keys(options).length === 0) return [];
  return [{ type: part.kind, text: part.text, ...options }];
}

/** Reads the arguments of a call, or `undefined` when they are no object. */
export function parseArguments(text: string): JsonObject | undefined {
  try {
    const value: Json = text.trim() === "" ? {} : JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Copies metadata as plain JSON, dropping what is not. */
function plain(metadata: unknown): Metadata {
  return metadata === undefined ? {} : JSON.parse(JSON.stringify(metadata));
}

/** Joins metadata of two pieces of one part: a signature comes at its end. */
function merge(before: Metadata, after: Metadata): Metadata {
  const merged: Record<string, JsonObject> = { ...before };
  for (const [provider, values] of Object.entries(after)) {
    merged[provider] = { ...merged[provider], ...values };
  }
  return merged;
}
