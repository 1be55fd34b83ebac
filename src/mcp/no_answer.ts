/**
 * Answers that are none, made into errors that whoever waits can read: the SDK
 * lets go of what it does not understand, and waits on.
 *
 * @module
 */

import type { JSONRPCMessage } from "@modelcontextprotocol/client";

/** What a request is answered with here whose answer cannot be read. */
export const NO_ANSWER_CODE = -32097;

/** Gives a message as it is, or the error that it comes to. */
export function readableMessage(message: JSONRPCMessage): JSONRPCMessage {
  // What asks or tells us something is no answer.
  if ("method" in message) return message;
  const id: unknown = Reflect.get(message, "id");
  if (typeof id !== "string" && typeof id !== "number") return message;
  const wrong = wrongIn(message);
  if (wrong === undefined) return message;
  return {
    jsonrpc: "2.0",
    id,
    error: { code: NO_ANSWER_CODE, message: `it answered with ${wrong}` },
  };
}

/** What is wrong with an answer; `undefined` where nothing is. */
function wrongIn(message: object): string | undefined {
  if ("error" in message) {
    const { error } = message;
    return isObject(error) && typeof Reflect.get(error, "code") === "number" &&
        typeof Reflect.get(error, "message") === "string"
      ? undefined
      : "an error without a code or a message";
  }
  if (!("result" in message)) return "neither a result nor an error";
  return isObject(message.result)
    ? undefined
    : "what is no result: a result is an object";
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
