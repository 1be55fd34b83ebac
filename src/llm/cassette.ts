/**
 * Cassettes: what models were asked in a run and what they answered, kept so
 * that the run can be done again without them.
 *
 * A question is kept as it stands before a provider sees it: the same cassette
 * serves every provider, and holds no address and no key.
 *
 * @module
 */

import type { Failure } from "../model/failure.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import { mapLeaves, mapMembers } from "../model/json_map.ts";
import type { ModelTurn } from "./model_turn.ts";
import { hideInTurn } from "./mapped_turn.ts";

/** The format of a cassette; others are refused. */
export const CASSETTE_FORMAT = 1;
/** Exchanges of one cassette at the most. */
export const CASSETTE_EXCHANGES_MAX = 10_000;

/** What a model is asked. */
export interface Question {
  /** As the run names it; empty means the best one reachable. */
  readonly model: string;
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
  readonly instructions: string;
  /** The conversation after the instructions. */
  readonly messages: readonly JsonObject[];
  /** Name, description and input schema of each tool that the model sees. */
  readonly tools: readonly JsonObject[];
  /** JSON Schema that the answer must fit. */
  readonly outputSchema?: JsonObject;
}

/** What came back. */
export type Reply =
  | {
    readonly kind: "turn";
    /** The model that answered, in full. */
    readonly model: string;
    readonly turn: ModelTurn;
  }
  | { readonly kind: "failed"; readonly failure: Failure };

/** A question with what came of it. */
export interface Exchange {
  /** Its place: which task of which execution asked, and which time. */
  readonly at: string;
  readonly question: Question;
  /** `left` when the run did not wait for the answer. */
  readonly reply: Reply | { readonly kind: "left" };
}

/** An execution on the way from the first one to the one that asks. */
export interface LineageStep {
  readonly executionId: string;
  /** The task that started it, by its path; empty for the first one. */
  readonly path: string;
}

/** A question on its way to a model. */
export interface TapedQuestion {
  /**
   * From the first execution to the one that asks; absent when nobody waits
   * for it.
   */
  readonly lineage: readonly LineageStep[] | undefined;
  /** The task that asks. */
  readonly path: string;
  readonly question: Question;
  readonly signal: AbortSignal;
  /** Hides the secrets of the execution in a text. */
  readonly hide: (text: string) => string;
  /** Asks the model. */
  readonly ask: () => Promise<Reply>;
  /** Takes the text of an answer that no model gives. */
  readonly onText: (text: string) => void;
}

/** What stands between a run and its models. */
export interface ModelTape {
  /** Whether models are asked at all. */
  readonly asksModels: boolean;
  /** Gives the answer to a question. */
  exchange(asked: TapedQuestion): Promise<Reply>;
}

/** The conversation once a question is answered; none when it was not. */
export function conversationAfter(
  { question, reply }: Exchange,
): readonly JsonObject[] | undefined {
  if (reply.kind !== "turn") return undefined;
  const { content } = reply.turn;
  return [...question.messages, { role: "assistant", content }];
}

/**
 * Makes of a question what a cassette keeps: with its secrets hidden, and
 * without what only a provider understands. Its numbers stay.
 */
export function keptQuestion(
  question: Question,
  hide: TapedQuestion["hide"],
): Question {
  const { model, instructions, messages, tools, outputSchema } = question;
  return {
    ...question,
    model: hide(model),
    instructions: hide(instructions),
    messages: messages.map((it) => keptMessage(it, hide)),
    tools: tools.map((tool) =>
      mapShape(tool, (key, it) => key === "name" ? it : hideIn(it, hide))
    ),
    ...(outputSchema === undefined
      ? {}
      : { outputSchema: mapMembers(outputSchema, { text: hide }) }),
  };
}

/** Makes of one message of a question what a cassette keeps. */
export function keptMessage(
  message: JsonObject,
  hide: TapedQuestion["hide"],
): JsonObject {
  return hideInMessage(plainMessage(message), hide);
}

/** Makes of what came back what a cassette keeps. */
export function keptReply(
  reply: Reply,
  { hide, question }: Pick<TapedQuestion, "hide" | "question">,
): Reply {
  if (reply.kind === "failed") {
    const { title, detail } = reply.failure;
    const hidden = { title: hide(title), detail: hide(detail) };
    return { kind: "failed", failure: { ...reply.failure, ...hidden } };
  }
  const toolNames = question.tools.map((it) => String(member(it, "name")));
  const turn = hideInTurn(reply.turn, { hide, toolNames });
  return { ...reply, turn: { ...turn, content: turn.content.map(plainPart) } };
}

function plainMessage(message: JsonObject): JsonObject {
  const { content = "" } = message;
  const plain = isJsonArray(content)
    ? content.map((it) => isJsonObject(it) ? plainPart(it) : it)
    : content;
  return plainPart({ ...message, content: plain });
}

/** Leaves out signatures and ids of a provider, which are others each time. */
function plainPart(part: JsonObject): JsonObject {
  const { providerOptions: _, ...plain } = part;
  return plain;
}

/** Makes of a message what a cassette keeps: its shape is no secret. */
function hideInMessage(
  message: JsonObject,
  hide: TapedQuestion["hide"],
): JsonObject {
  return mapShape(
    message,
    (key, value) =>
      key === "content" && isJsonArray(value)
        ? value.map((part) =>
          isJsonObject(part) ? hideInPart(part, hide) : hideIn(part, hide)
        )
        : key === "role"
        ? value
        : hideIn(value, hide),
  );
}

const NAMES: ReadonlySet<string> = new Set(["type", "toolCallId", "toolName"]);

function hideInPart(
  part: JsonObject,
  hide: TapedQuestion["hide"],
): JsonObject {
  return mapShape(part, (key, value) => {
    if (NAMES.has(key)) return value;
    // A result is a text with what kind of one it is.
    return key === "output" && isJsonObject(value)
      ? hideInPart(value, hide)
      : hideIn(value, hide);
  });
}

function mapShape(
  object: JsonObject,
  map: (key: string, value: Json) => Json,
): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, map(key, value)]),
  );
}

function hideIn(value: Json, hide: TapedQuestion["hide"]): Json {
  return mapLeaves(value, { text: hide });
}
