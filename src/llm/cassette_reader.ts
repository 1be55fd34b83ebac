/**
 * Reads a cassette with care: people edit them.
 *
 * @module
 */

import { StigmerError } from "../model/error.ts";
import { failureFromJson } from "../model/failure.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  jsonTypeName,
  member,
} from "../model/json.ts";
import { didYouMean } from "../model/near.ts";
import {
  CASSETTE_EXCHANGES_MAX,
  CASSETTE_FORMAT,
  conversationAfter,
  type Exchange,
  type Question,
} from "./cassette.ts";
import type { FinishReason, ModelTurn, RawToolCall } from "./model_turn.ts";

const QUESTION_KEYS = [
  "model",
  "temperature",
  "maxOutputTokens",
  "instructions",
  "messages",
  "tools",
  "outputSchema",
];
/** Counts that not every provider gives; old cassettes have none. */
export const COUNT_KEYS = [
  "cacheReadTokens",
  "cacheWriteTokens",
  "reasoningTokens",
  "contextWindow",
  "lostInputTokens",
  "lostOutputTokens",
  "lostCostUsd",
  "unaskedTokens",
  "unaskedCostUsd",
] as const;
const REPLY_KEYS: readonly string[] = [
  "model",
  "content",
  "malformed",
  "finishReason",
  "inputTokens",
  "outputTokens",
  ...COUNT_KEYS,
  "cutBy",
  "failure",
  "left",
];
const FINISH_REASONS: readonly FinishReason[] = [
  "stop",
  "length",
  "content-filter",
  "other",
];

/** Reads one file, whose name its errors say. */
export class CassetteReader {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** Reads the whole. */
  exchanges(json: Json): readonly Exchange[] {
    const root = this.#object(json, "the whole");
    const format = member(root, "cassette");
    if (format !== CASSETTE_FORMAT) {
      throw this.#mistake(
        "cassette",
        `this Stigmer reads format ${CASSETTE_FORMAT}, found ` +
          JSON.stringify(format ?? null),
      );
    }
    this.#knownKeys(root, "", ["cassette", "exchanges"]);
    const list = this.#array(member(root, "exchanges"), "exchanges");
    if (list.length > CASSETTE_EXCHANGES_MAX) {
      throw this.#mistake("exchanges", `over ${CASSETTE_EXCHANGES_MAX}`);
    }
    const read = new Map<string, Exchange>();
    for (const [i, item] of list.entries()) {
      const exchange = this.#exchange(item, `exchanges[${i}]`, read);
      read.set(exchange.at, exchange);
    }
    return [...read.values()];
  }

  #exchange(
    json: Json,
    at: string,
    before: ReadonlyMap<string, Exchange>,
  ): Exchange {
    const object = this.#object(json, at);
    const place = this.#text(member(object, "at"), `${at}.at`);
    if (before.has(place)) {
      throw this.#mistake(`${at}.at`, `"${place}" is there before`);
    }
    const reply = this.#reply(member(object, "reply"), `${at}.reply`);
    const continues = member(object, "continues");
    if (continues === undefined) {
      this.#knownKeys(object, at, ["at", "question", "reply"]);
      const asked = member(object, "question");
      return { at: place, question: this.#question(asked, at), reply };
    }
    this.#knownKeys(object, at, ["at", "continues", "messages", "reply"]);
    const name = this.#text(continues, `${at}.continues`);
    const past = before.get(name);
    const conversation = past === undefined
      ? undefined
      : conversationAfter(past);
    if (past === undefined || conversation === undefined) {
      const why = `no answered exchange before it is at "${name}"`;
      throw this.#mistake(`${at}.continues`, why);
    }
    const added = this.#messages(member(object, "messages"), at);
    const messages = [...conversation, ...added];
    return { at: place, question: { ...past.question, messages }, reply };
  }

  #question(json: Json | undefined, place: string): Question {
    const at = `${place}.question`;
    const object = this.#object(json, at);
    this.#knownKeys(object, at, QUESTION_KEYS);
    const temperature = member(object, "temperature");
    const maxOutputTokens = member(object, "maxOutputTokens");
    const outputSchema = member(object, "outputSchema");
    const tools = this.#array(member(object, "tools") ?? [], `${at}.tools`);
    return {
      model: this.#text(member(object, "model") ?? "", `${at}.model`),
      ...(temperature === undefined
        ? {}
        : { temperature: this.#number(temperature, `${at}.temperature`) }),
      ...(maxOutputTokens === undefined ? {} : {
        maxOutputTokens: this.#number(maxOutputTokens, `${at}.maxOutputTokens`),
      }),
      instructions: this.#text(
        member(object, "instructions") ?? "",
        `${at}.instructions`,
      ),
      messages: this.#messages(member(object, "messages"), at),
      tools: tools.map((it, i) => this.#object(it, `${at}.tools[${i}]`)),
      ...(outputSchema === undefined ? {} : {
        outputSchema: this.#object(outputSchema, `${at}.outputSchema`),
      }),
    };
  }

  #messages(json: Json | undefined, place: string): readonly JsonObject[] {
    const at = `${place}.messages`;
    return this.#array(json, at).map((item, i) => {
      const message = this.#object(item, `${at}[${i}]`);
      const content = member(message, "content");
      return typeof content === "string" && member(message, "role") !== "system"
        ? { ...message, content: [textPart(content)] }
        : message;
    });
  }

  #reply(json: Json | undefined, at: string): Exchange["reply"] {
    const object = this.#object(json, at);
    this.#knownKeys(object, at, REPLY_KEYS);
    if (member(object, "left") === true) return { kind: "left" };
    const failure = member(object, "failure");
    if (failure !== undefined) {
      const read = failureFromJson(this.#object(failure, `${at}.failure`));
      return { kind: "failed", failure: read };
    }
    const model = this.#text(member(object, "model"), `${at}.model`);
    return { kind: "turn", model, turn: this.#turn(object, at) };
  }

  #turn(object: JsonObject, at: string): ModelTurn {
    const written = member(object, "content");
    const content = typeof written === "string"
      ? [textPart(written)]
      : this.#array(written, `${at}.content`).map((it, i) =>
        this.#object(it, `${at}.content[${i}]`)
      );
    const reason = member(object, "finishReason");
    const finishReason = FINISH_REASONS.find((it) => it === reason);
    if (finishReason === undefined) {
      const why = `must be one of ${FINISH_REASONS.join(", ")}`;
      throw this.#mistake(`${at}.finishReason`, why);
    }
    return {
      content,
      text: content.map((part) => partText(part, "text")).join(""),
      toolCalls: this.#toolCalls(content, object, at),
      finishReason,
      inputTokens: this.#number(member(object, "inputTokens") ?? 0, at),
      outputTokens: this.#number(member(object, "outputTokens") ?? 0, at),
      ...this.#counts(object, at),
    };
  }

  /** What cassettes of older releases have not. */
  #counts(
    object: JsonObject,
    at: string,
  ): Partial<Pick<ModelTurn, (typeof COUNT_KEYS)[number] | "cutBy">> {
    const counts: { [key in (typeof COUNT_KEYS)[number]]?: number } = {};
    for (const key of COUNT_KEYS) {
      const value = member(object, key);
      if (value !== undefined) counts[key] = this.#number(value, at);
    }
    const cutBy = member(object, "cutBy");
    if (cutBy === undefined) return counts;
    if (cutBy === "tokens" || cutBy === "cost") return { ...counts, cutBy };
    throw this.#mistake(`${at}.cutBy`, "must be tokens or cost");
  }

  /** The calls of an answer; what was no JSON is kept apart. */
  #toolCalls(
    content: readonly JsonObject[],
    reply: JsonObject,
    place: string,
  ): readonly RawToolCall[] {
    const at = `${place}.malformed`;
    const malformed = new Map<Json | undefined, string>();
    const list = this.#array(member(reply, "malformed") ?? [], at);
    for (const [i, item] of list.entries()) {
      const object = this.#object(item, `${at}[${i}]`);
      const text = this.#text(member(object, "arguments"), `${at}[${i}]`);
      malformed.set(member(object, "call"), text);
    }
    return content.filter((part) => member(part, "type") === "tool-call").map((
      part,
      i,
    ) => ({
      id: String(member(part, "toolCallId") ?? ""),
      name: String(member(part, "toolName") ?? ""),
      argumentsText: malformed.get(i) ??
        JSON.stringify(member(part, "input") ?? {}),
    }));
  }

  #object(json: Json | undefined, at: string): JsonObject {
    if (isJsonObject(json)) return json;
    throw this.#mistake(at, `must be an object${found(json)}`);
  }

  #array(json: Json | undefined, at: string): readonly Json[] {
    if (isJsonArray(json)) return json;
    throw this.#mistake(at, `must be a list${found(json)}`);
  }

  #text(json: Json | undefined, at: string): string {
    if (typeof json === "string") return json;
    throw this.#mistake(at, `must be a text${found(json)}`);
  }

  #number(json: Json, at: string): number {
    if (typeof json === "number") return json;
    throw this.#mistake(at, `must be a number${found(json)}`);
  }

  #knownKeys(object: JsonObject, at: string, known: readonly string[]): void {
    const key = Object.keys(object).find((it) => !known.includes(it));
    if (key === undefined) return;
    throw this.#mistake(
      at,
      `unknown key "${key}"`,
      didYouMean(key, known).hint,
    );
  }

  #mistake(
    at: string,
    why: string,
    hint = "Record it anew with --record",
  ): StigmerError {
    const where = at === "" ? "" : `${at}: `;
    return new StigmerError(
      "INVALID_ARGUMENT",
      `Cannot read cassette "${this.#file}": ${where}${why}`,
      { hints: [hint] },
    );
  }
}

function textPart(text: string): JsonObject {
  return { type: "text", text };
}

function partText(part: JsonObject, type: string): string {
  const text = member(part, "text");
  return member(part, "type") === type && typeof text === "string" ? text : "";
}

function found(json: Json | undefined): string {
  return json === undefined
    ? ", it is missing"
    : `, found ${jsonTypeName(json)}`;
}
