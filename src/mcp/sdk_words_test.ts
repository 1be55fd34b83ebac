import assert from "node:assert/strict";
import { sdkWords } from "./sdk_words.ts";

function issues(count: number): string {
  const all = Array.from({ length: count }, (_, index) => ({
    path: ["tools", index, "name"],
    message: "Invalid input",
  }));
  return JSON.stringify(all, null, 2);
}

function refused(status: number, text: string): Error {
  const data = { status, statusText: "No", text };
  return Object.assign(new Error("Error POSTing to endpoint"), { data });
}

const CASES: readonly (readonly [string, unknown, string])[] = [
  ["any other error", new Error("it broke [off]"), "it broke [off]"],
  [
    "an answer that breaks the protocol",
    new Error(`Invalid result for tools/list: ${issues(1)}`),
    "its answer to tools/list breaks the protocol: " +
    "tools[0].name: Invalid input",
  ],
  [
    "a message that is none, in many places",
    new Error(issues(5)),
    "its answer breaks the protocol: tools[0].name: Invalid input; " +
    "tools[1].name: Invalid input; tools[2].name: Invalid input; and 2 more",
  ],
  ["what only looks like it", new Error("x [{1}]"), "x [{1}]"],
  ["a list of other data", new Error('x [{"a":1}]'), 'x [{"a":1}]'],
  [
    "a page",
    refused(501, "\n<!DOCTYPE html><html>\n…"),
    "it answered with HTTP 501 No and a page, which is not how a tool " +
    "server answers",
  ],
  ["words", refused(400, "no key\n"), "it answered with HTTP 400 No: no key"],
  ["nothing", refused(502, ""), "it answered with HTTP 502 No"],
];

for (const [name, error, words] of CASES) {
  Deno.test(`sdkWords() gives words for ${name}`, () => {
    assert.equal(sdkWords(error), words);
  });
}
