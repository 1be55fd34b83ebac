/**
 * A model turn of a run that has secrets: what it is asked is opened just
 * before, and what it answers is sealed again.
 *
 * @module
 */

import type { ModelTurn } from "../llm/model_turn.ts";
import { mapTurn } from "../llm/mapped_turn.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
} from "../model/json.ts";
import { requestMessage } from "./conversation.ts";
import type { SealedRequest } from "./request.ts";
import type { Sealing } from "./sealing.ts";

/** Opens the references of a conversation. */
export function openMessages(
  messages: readonly JsonObject[],
  of: {
    readonly sealing: Sealing;
    readonly sealed: SealedRequest;
    readonly input: Json;
  },
): readonly JsonObject[] {
  const { sealing: { open }, sealed: { at, message }, input } = of;
  const opened = open(messages);
  if (!isJsonArray(opened)) return messages;
  return opened.filter(isJsonObject).map((it, index) =>
    // Its input is written as JSON: a secret must be escaped as it is there.
    index === at
      ? requestMessage(textIn(open(message ?? null)), open(input))
      : it
  );
}

function textIn(value: Json): string | undefined {
  if (value === null) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * Puts references back into what a model answered, and hides secrets in
 * arguments that are cut when they are shown.
 */
export function sealTurn(
  turn: ModelTurn,
  { sealing: { seal }, hide }: {
    readonly sealing: Sealing;
    readonly hide: (text: string) => string;
  },
): ModelTurn {
  return mapTurn(turn, { value: seal, malformed: hide });
}
