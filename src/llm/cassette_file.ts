/**
 * Cassettes as files: plain JSON, to be written as YAML or JSON, and back.
 *
 * A conversation is not written out again at each of its turns: a turn that
 * `continues` another one goes on after what was asked and answered there.
 *
 * @module
 */

import { messageOf, StigmerError } from "../model/error.ts";
import {
  isJsonArray,
  type Json,
  jsonEquals,
  type JsonObject,
  member,
} from "../model/json.ts";
import {
  CASSETTE_FORMAT,
  conversationAfter,
  type Exchange,
  type Question,
} from "./cassette.ts";
import { CassetteReader, COUNT_KEYS } from "./cassette_reader.ts";
import { type ModelTurn, parseArguments } from "./model_turn.ts";

/** Bytes of a cassette at the most. */
export const CASSETTE_SIZE_BYTES_MAX: number = 64 * 1024 * 1024;

/** Writes exchanges, in the order of their places, as JSON. */
export function cassetteToJson(exchanges: readonly Exchange[]): JsonObject {
  return {
    cassette: CASSETTE_FORMAT,
    exchanges: exchanges.map((it, i) => exchangeToJson(it, exchanges[i - 1])),
  };
}

/**
 * Reads a cassette, YAML or JSON.
 *
 * @throws {StigmerError} INVALID_ARGUMENT, with the file and the place in it.
 */
export async function parseCassette(
  text: string,
  file: string,
): Promise<readonly Exchange[]> {
  return new CassetteReader(file).exchanges(await parseText(text, file));
}

async function parseText(text: string, file: string): Promise<Json> {
  try {
    // A JSON text is read many times faster as what it is.
    if (file.toLowerCase().endsWith(".json")) return JSON.parse(text);
    const { parse } = await import("yaml");
    // It is data: an alias would make much of little.
    return parse(text, { maxAliasCount: 0 });
  } catch (error) {
    throw new StigmerError(
      "INVALID_ARGUMENT",
      `Cannot read cassette "${file}": ${whyUnread(error)}`,
      { cause: error },
    );
  }
}

/** One line about a text that could not be read, with the place in it. */
function whyUnread(error: unknown): string {
  const [first = ""] = messageOf(error).split("\n");
  const found = /^(.*) at (line \d+, column \d+):$/.exec(first);
  if (found === null) return first;
  const [, what = "", where = ""] = found;
  const isSeveral = /multiple documents/.test(what);
  return `${where}: ${isSeveral ? "it holds more than one document" : what}`;
}

function exchangeToJson(
  { at, question, reply }: Exchange,
  before: Exchange | undefined,
): JsonObject {
  const continued = before === undefined
    ? undefined
    : messagesAfter(question, before);
  const asked = continued === undefined || before === undefined
    ? { question: questionToJson(question) }
    : { continues: before.at, messages: continued.map(messageToJson) };
  return { at, ...asked, reply: replyToJson(reply) };
}

/** What is asked after another exchange, if it is one conversation. */
function messagesAfter(
  question: Question,
  before: Exchange,
): readonly JsonObject[] | undefined {
  const { messages, ...rest } = question;
  const { messages: _, ...restBefore } = before.question;
  const past = conversationAfter(before);
  const goesOn = past !== undefined && jsonEquals({ ...rest }, restBefore) &&
    messages.length >= past.length &&
    past.every((it, i) => jsonEquals(it, messages[i] ?? null));
  return goesOn ? messages.slice(past.length) : undefined;
}

function questionToJson(question: Question): JsonObject {
  const { model, instructions, messages, tools, ...rest } = question;
  return {
    ...(model === "" ? {} : { model }),
    ...rest,
    ...(instructions === "" ? {} : { instructions }),
    messages: messages.map(messageToJson),
    ...(tools.length === 0 ? {} : { tools }),
  };
}

/** A message of nothing but a text is written as that text. */
export function messageToJson(message: JsonObject): JsonObject {
  const content = member(message, "content");
  return isJsonArray(content)
    ? { ...message, content: contentToJson(content) }
    : message;
}

function contentToJson(content: readonly Json[]): Json {
  const [only] = content;
  const text = only !== undefined && content.length === 1
    ? plainText(only)
    : undefined;
  return text ?? content;
}

/** The text of a part that is nothing else. */
function plainText(part: Json): string | undefined {
  const text = typeof part === "object" && part !== null && !isJsonArray(part)
    ? member(part, "text")
    : undefined;
  return typeof text === "string" && jsonEquals(part, { type: "text", text })
    ? text
    : undefined;
}

function replyToJson(reply: Exchange["reply"]): JsonObject {
  switch (reply.kind) {
    case "left":
      return { left: true };
    case "failed":
      return { failure: { ...reply.failure } };
    case "turn": {
      const { content, toolCalls, finishReason } = reply.turn;
      const { inputTokens, outputTokens, cutBy } = reply.turn;
      const malformed = toolCalls.flatMap(({ argumentsText }, call) =>
        parseArguments(argumentsText) === undefined
          ? [{ call, arguments: argumentsText }]
          : []
      );
      return {
        model: reply.model,
        content: contentToJson(content),
        ...(malformed.length === 0 ? {} : { malformed }),
        finishReason,
        inputTokens,
        outputTokens,
        ...counted(reply.turn),
        ...(cutBy === undefined ? {} : { cutBy }),
      };
    }
  }
}

function counted(turn: ModelTurn): JsonObject {
  return Object.fromEntries(
    COUNT_KEYS.flatMap((key) => {
      const count = turn[key];
      return count === undefined ? [] : [[key, count]];
    }),
  );
}
