import { deepStrictEqual } from "node:assert/strict";
import type { Json } from "../../model/json.ts";
import { checkWorkflow } from "../check.ts";

/** What is wrong with the `with` of a call, each as its place and message. */
function faultsOf(args: Json): readonly string[] {
  return checkWorkflow({
    document: { dsl: "1.0.3", namespace: "t", name: "w", version: "1.0.0" },
    do: [{ c: { call: "llm", with: args } }],
  }).diagnostics.map((it) => {
    const place = it.pointer.replace(/^\/do\/0\/c\/with\/?/, "");
    return `${place}: ${it.message}${
      it.hint === undefined ? "" : `. ${it.hint}`
    }`;
  });
}

Deno.test("call: llm is refused for what it cannot ask with", () => {
  deepStrictEqual(
    faultsOf({
      message: "Hi",
      temperature: 3,
      maxOutputTokens: 0,
      schema: "string",
    }),
    [
      'message: Unknown field "message" of a call of a model. ' +
      'Did you mean "prompt"?',
      "schema: This must be an object, not a string",
      "temperature: A temperature lies between 0 and 2, not 3",
      'maxOutputTokens: "maxOutputTokens" must be from 1 to 2147483647, not 0',
    ],
  );
});
