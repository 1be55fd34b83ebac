/**
 * Script files: what the scripted model is told to say.
 *
 * @module
 */

import { messageOf, StigmerError } from "../model/error.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { didYouMean } from "../model/near.ts";

/** Turns of one script at the most. */
const SCRIPT_TURNS_MAX = 1000;

/** One turn of a script. */
export interface ScriptTurn {
  /** What the conversation must hold; empty means anything. */
  readonly when: ScriptWhen;
  /** What it answers; may quote the conversation. */
  readonly say: string;
  /** The tools that it calls, all at once. */
  readonly calls: readonly ScriptCall[];
  readonly error?: ScriptError;
  readonly delayMs: number;
  /** Wait between two pieces of text. */
  readonly chunkDelayMs: number;
  /** Characters of one piece of text. */
  readonly chunkLength: number;
  /** Whether it may be used again. */
  readonly repeat: boolean;
  readonly finish: "stop" | "length" | "content-filter";
  readonly usage?: {
    readonly inputTokens: number;
    readonly outputTokens: number;
  };
}

/** What the conversation must hold for a turn to be used. */
export interface ScriptWhen {
  readonly message?: ScriptCondition;
  readonly toolResult?: ScriptCondition;
}

/** What a text must hold. */
export interface ScriptCondition {
  readonly contains?: string;
  readonly matches?: RegExp;
}

/** A tool call of a script. */
export interface ScriptCall {
  readonly tool: string;
  /** A template, or a text that is passed as it is, as malformed JSON. */
  readonly arguments: Json;
}

/** An error that a turn ends in, instead of or in the middle of its answer. */
export interface ScriptError {
  /** The HTTP status that a provider would answer. */
  readonly status?: number;
  readonly message: string;
  readonly retryAfterMs?: number;
  /** Breaks the stream after that many characters. */
  readonly cutAfter?: number;
  /** How many attempts it meets; all when absent. */
  readonly times?: number;
}

const CHUNK_LENGTH_DEFAULT = 24;
const TURN_KEYS = [
  "when",
  "say",
  "call",
  "calls",
  "error",
  "delayMs",
  "chunkDelayMs",
  "chunkLength",
  "repeat",
  "finish",
  "usage",
];

/**
 * Reads a script.
 *
 * @throws StigmerError that names the file and the place of the mistake.
 */
export async function parseScript(
  text: string,
  file: string,
): Promise<readonly ScriptTurn[]> {
  const { parse } = await import("yaml");
  let document: Json;
  try {
    document = parse(text);
  } catch (error) {
    throw mistake(file, "", messageOf(error));
  }
  const reader = new Reader(file);
  const root = reader.object(document, "");
  reader.knownKeys(root, "", ["turns"]);
  const turns = reader.array(member(root, "turns") ?? null, "turns");
  if (turns.length > SCRIPT_TURNS_MAX) {
    throw mistake(file, "turns", `more than ${SCRIPT_TURNS_MAX}`);
  }
  return turns.map((turn, index) => readTurn(reader, turn, `turns[${index}]`));
}

function readTurn(reader: Reader, json: Json, at: string): ScriptTurn {
  const turn = reader.object(json, at);
  reader.knownKeys(turn, at, TURN_KEYS);
  const error = member(turn, "error");
  const usage = member(turn, "usage");
  const call = member(turn, "call");
  const calls = call === undefined
    ? reader.array(member(turn, "calls") ?? [], `${at}.calls`)
    : [call];
  return {
    when: readWhen(reader, member(turn, "when") ?? {}, `${at}.when`),
    say: reader.text(member(turn, "say") ?? "", `${at}.say`),
    calls: calls.map((it, i) => readCall(reader, it, `${at}.calls[${i}]`)),
    ...(error === undefined
      ? {}
      : { error: readError(reader, error, `${at}.error`) }),
    delayMs: reader.count(member(turn, "delayMs") ?? 0, `${at}.delayMs`),
    chunkDelayMs: reader.count(
      member(turn, "chunkDelayMs") ?? 0,
      `${at}.chunkDelayMs`,
    ),
    chunkLength: Math.max(
      1,
      reader.count(
        member(turn, "chunkLength") ?? CHUNK_LENGTH_DEFAULT,
        `${at}.chunkLength`,
      ),
    ),
    repeat: member(turn, "repeat") === true,
    finish: readFinish(reader, member(turn, "finish"), `${at}.finish`),
    ...(usage === undefined
      ? {}
      : { usage: readUsage(reader, usage, `${at}.usage`) }),
  };
}

function readWhen(reader: Reader, json: Json, at: string): ScriptWhen {
  const when = reader.object(json, at);
  reader.knownKeys(when, at, ["message", "toolResult"]);
  const message = member(when, "message");
  const toolResult = member(when, "toolResult");
  return {
    ...(message === undefined
      ? {}
      : { message: readCondition(reader, message, `${at}.message`) }),
    ...(toolResult === undefined
      ? {}
      : { toolResult: readCondition(reader, toolResult, `${at}.toolResult`) }),
  };
}

function readCondition(
  reader: Reader,
  json: Json,
  at: string,
): ScriptCondition {
  if (typeof json === "string") return { contains: json };
  const condition = reader.object(json, at);
  reader.knownKeys(condition, at, ["contains", "matches"]);
  const contains = member(condition, "contains");
  const matches = member(condition, "matches");
  return {
    ...(contains === undefined
      ? {}
      : { contains: reader.text(contains, `${at}.contains`) }),
    ...(matches === undefined
      ? {}
      : { matches: reader.regExp(matches, `${at}.matches`) }),
  };
}

function readCall(reader: Reader, json: Json, at: string): ScriptCall {
  const call = reader.object(json, at);
  reader.knownKeys(call, at, ["tool", "arguments"]);
  return {
    tool: reader.text(member(call, "tool") ?? null, `${at}.tool`),
    arguments: member(call, "arguments") ?? {},
  };
}

function readError(reader: Reader, json: Json, at: string): ScriptError {
  const error = reader.object(json, at);
  const keys = ["status", "message", "retryAfterMs", "cutAfter", "times"];
  reader.knownKeys(error, at, keys);
  const message = member(error, "message") ?? "Scripted error";
  const counts: Record<string, number> = {};
  for (const key of ["status", "retryAfterMs", "cutAfter", "times"]) {
    const value = member(error, key);
    if (value !== undefined) counts[key] = reader.count(value, `${at}.${key}`);
  }
  return { message: reader.text(message, `${at}.message`), ...counts };
}

function readFinish(
  reader: Reader,
  json: Json | undefined,
  at: string,
): ScriptTurn["finish"] {
  switch (json) {
    case undefined:
    case "stop":
      return "stop";
    case "length":
    case "content-filter":
      return json;
    default:
      throw reader.mistake(at, "must be stop, length or content-filter");
  }
}

function readUsage(
  reader: Reader,
  json: Json,
  at: string,
): { readonly inputTokens: number; readonly outputTokens: number } {
  const usage = reader.object(json, at);
  reader.knownKeys(usage, at, ["inputTokens", "outputTokens"]);
  const count = (key: string): number =>
    reader.count(member(usage, key) ?? 0, `${at}.${key}`);
  return {
    inputTokens: count("inputTokens"),
    outputTokens: count("outputTokens"),
  };
}

function mistake(file: string, at: string, what: string): StigmerError {
  const place = at === "" ? "it " : `${at} `;
  return new StigmerError(
    "INVALID_ARGUMENT",
    `Cannot use script "${file}": ${place}${what}`,
  );
}

/** Reads values of a script and says where one is wrong. */
class Reader {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  mistake(at: string, what: string): StigmerError {
    return mistake(this.#file, at, what);
  }

  object(json: Json, at: string): JsonObject {
    if (isJsonObject(json)) return json;
    throw this.mistake(at, "must be an object");
  }

  array(json: Json, at: string): readonly Json[] {
    if (isJsonArray(json)) return json;
    throw this.mistake(at, "must be an array");
  }

  text(json: Json, at: string): string {
    if (typeof json === "string") return json;
    throw this.mistake(at, "must be a text");
  }

  count(json: Json, at: string): number {
    if (typeof json === "number" && json >= 0) return json;
    throw this.mistake(at, "must be a number from 0");
  }

  regExp(json: Json, at: string): RegExp {
    try {
      return new RegExp(this.text(json, at), "su");
    } catch (error) {
      throw this.mistake(at, messageOf(error));
    }
  }

  knownKeys(object: JsonObject, at: string, known: readonly string[]): void {
    for (const key of Object.keys(object)) {
      if (known.includes(key)) continue;
      const { hint } = didYouMean(key, known);
      throw this.mistake(
        at,
        `has an unknown key "${key}"` +
          (hint === undefined ? "" : `, ${hint.replace("Did", "did")}`),
      );
    }
  }
}
