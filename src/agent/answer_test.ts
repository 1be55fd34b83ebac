import assert from "node:assert/strict";
import type { Json, JsonObject } from "../model/json.ts";
import { checkAnswer } from "./answer.ts";

const SCHEMA: JsonObject = {
  type: "object",
  properties: {
    title: { type: "string" },
    tags: { type: "array", items: { type: "string" } },
    author: { type: "object", required: ["name"] },
  },
  required: ["title", "tags"],
};

function fits(text: string, value: Json): void {
  assert.deepEqual(checkAnswer(text, SCHEMA), { kind: "fits", value });
}

function misfits(text: string, problem: RegExp): void {
  const answer = checkAnswer(text, SCHEMA);
  assert(answer.kind === "misfits", text);
  assert.match(answer.problem, problem);
}

Deno.test("checkAnswer() finds the JSON of an answer", () => {
  const value = { title: "a", tags: ["x"] };
  const json = JSON.stringify(value);
  fits(json, value);
  fits(`  ${json}\n`, value);
  fits("Here it is:\n```json\n" + json + "\n```\nBye", value);
  fits("```\n" + json + "\n```", value);
  fits(`The answer is ${json}, I think.`, value);
});

Deno.test("checkAnswer() names the keys that are missing", () => {
  misfits("{}", /missing "title", "tags"/);
  misfits('{"title":"a"}', /missing "tags"/);
  misfits(
    '{"title":"a","tags":[],"author":{}}',
    /missing "name" at \/author/,
  );
});

Deno.test("checkAnswer() says what else is wrong", () => {
  misfits("nothing", /it is no JSON/);
  misfits("{broken", /it is no JSON/);
  misfits(
    '{"title":1,"tags":[]}',
    /^at \/title: it must be a string, and is a number$/,
  );
  misfits(
    '{"title":"a","tags":[1]}',
    /^at \/tags\/0: it must be a string, and is a number$/,
  );
  misfits("[1]", /^it must be an object, and is an array$/);
});

Deno.test("checkAnswer() tells a schema that is none from an answer that is none", () => {
  const schema = { $ref: "#/$defs/absent" };
  const answer = checkAnswer("{}", schema);
  assert.equal(answer.kind, "unusable");
});
