/**
 * The words of an answer, made others: where references take the place of
 * secrets, and where secrets are hidden.
 *
 * What gives an answer its shape stays as it is: a secret may be the word
 * `text`, or the name of a tool.
 *
 * @module
 */

import type { Json } from "../model/json.ts";
import { mapLeaves } from "../model/json_map.ts";
import { type ModelTurn, parseArguments } from "./model_turn.ts";

/** What becomes of the parts of an answer. */
export interface TurnMap {
  /** Of what the model says, and of the arguments that it gives. */
  readonly value: (value: Json) => Json;
  /** Of arguments that are no JSON. */
  readonly malformed: (text: string) => string;
  /** Of the name of a tool, as the model has it. */
  readonly name?: (name: string) => string;
  /** Of the id of a call. */
  readonly id?: (id: string) => string;
}

/** Maps the words of an answer. */
export function mapTurn(turn: ModelTurn, map: TurnMap): ModelTurn {
  const { value, malformed, name = same, id = same } = map;
  const member = (key: string, from: Json): Json => {
    if (typeof from !== "string") return value(from);
    if (key === "type") return from;
    if (key === "toolCallId") return id(from);
    return key === "toolName" ? name(from) : value(from);
  };
  return {
    ...turn,
    text: textIn(value(turn.text)),
    content: turn.content.map((part) =>
      Object.fromEntries(
        Object.entries(part).map(([key, it]) => [key, member(key, it)]),
      )
    ),
    toolCalls: turn.toolCalls.map((call) => {
      const given = parseArguments(call.argumentsText);
      return {
        id: id(call.id),
        name: name(call.name),
        argumentsText: given === undefined
          ? malformed(call.argumentsText)
          : JSON.stringify(value(given)),
      };
    }),
  };
}

/**
 * Hides secrets in an answer. The names of tools that there are are known to
 * everyone; an id that says a secret is dropped, so that the call gets another.
 */
export function hideInTurn(
  turn: ModelTurn,
  { hide, toolNames }: {
    readonly hide: (text: string) => string;
    readonly toolNames: readonly string[];
  },
): ModelTurn {
  return mapTurn(turn, {
    value: (value) => hideInValue(value, hide),
    malformed: hide,
    name: (name) => toolNames.includes(name) ? name : hide(name),
    id: (id) => hide(id) === id ? id : "",
  });
}

/** Hides secrets in the texts, numbers and keys of a value. */
export function hideInValue(value: Json, hide: (text: string) => string): Json {
  return mapLeaves(value, {
    text: hide,
    number(number) {
      const text = String(number);
      const hidden = hide(text);
      return hidden === text ? number : hidden;
    },
  });
}

function same(text: string): string {
  return text;
}

function textIn(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
