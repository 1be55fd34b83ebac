/**
 * How many tokens a text has, about: before a provider counts them.
 *
 * @module
 */

import type { Json } from "../model/json.ts";
import { roughSize } from "../model/json_size.ts";
import type { CallOptions } from "./model.ts";

/** Characters that count as one token where nobody has counted. */
export const TOKEN_LENGTH = 4;

/** The brackets of a list or an object. */
const LIST_SIZE = 2;
/** What stands around a member's name and after its value. */
const MEMBER_SIZE = 4;

/** Estimates the tokens of a text, or of a value as it is sent. */
export function estimateTokens(value: Json): number {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return tokensOfLength(text.length);
}

/** Estimates the tokens of that many characters. */
export function tokensOfLength(length: number): number {
  return Math.ceil(length / TOKEN_LENGTH);
}

/** What of a call has tokens that are read. */
export type Asked = Pick<CallOptions, "prompt" | "tools">;

/** About how many characters parts of questions have as JSON. */
const WEIGHED: WeakMap<object, number> = new WeakMap();

/**
 * Estimates the tokens of a question, about: writing out a long one at each
 * turn would cost more than all else that is done for the turn. Most of it was
 * in the question before, and is weighed once.
 */
export function tokensAsked({ prompt, tools = [] }: Asked): number {
  let size = LIST_SIZE + weigh(plain(tools)) + 1;
  let said = LIST_SIZE;
  for (const message of prompt) said += messageSize(message) + 1;
  size += said + 1;
  return tokensOfLength(size);
}

/** The message itself is made anew for each question, what it says is not. */
function messageSize(message: Asked["prompt"][number]): number {
  let size = LIST_SIZE;
  for (const [key, part] of Object.entries(message)) {
    size += key.length + MEMBER_SIZE + weigh(plain(part));
  }
  return size;
}

function weigh(value: Json): number {
  if (typeof value !== "object" || value === null) {
    return roughSize(value, Infinity);
  }
  const known = WEIGHED.get(value);
  if (known !== undefined) return known;
  const size = roughSize(value, Infinity);
  WEIGHED.set(value, size);
  return size;
}

/** A question is JSON; the type of the model port says no more. */
function plain(part: unknown): Json {
  return part as Json;
}
