import assert from "node:assert/strict";
import type { JSONRPCMessage } from "@modelcontextprotocol/client";
import { NO_ANSWER_CODE, readableMessage } from "./no_answer.ts";

/** A message as a server may write it. */
function written(rest: object): JSONRPCMessage {
  return { jsonrpc: "2.0", ...rest } as JSONRPCMessage;
}

for (
  const [name, rest] of [
    ["a result", { id: 1, result: {} }],
    ["an error", { id: 1, error: { code: 1, message: "no" } }],
    ["a request", { id: 1, method: "ping" }],
    ["a notification", { method: "notifications/message" }],
    ["an answer to nobody", { id: null, result: "what" }],
  ] as const
) {
  Deno.test(`readableMessage() leaves ${name} as it is`, () => {
    assert.deepEqual(readableMessage(written(rest)), written(rest));
  });
}

for (
  const [rest, words] of [
    [{ result: "what" }, /no result: a result is an object/],
    [{ result: [] }, /no result/],
    [{ result: null }, /no result/],
    [{}, /neither a result nor an error/],
    [{ error: "no" }, /an error without a code or a message/],
    [{ error: { code: "1", message: "no" } }, /an error without a code/],
  ] as const
) {
  Deno.test(`readableMessage() says what is wrong with ${JSON.stringify(rest)}`, () => {
    const read = readableMessage(written({ id: "a", ...rest }));
    assert("error" in read);
    assert.equal(read.id, "a");
    assert.equal(read.error.code, NO_ANSWER_CODE);
    assert.match(read.error.message, words);
  });
}
