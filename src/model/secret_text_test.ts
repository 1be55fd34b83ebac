import assert from "node:assert/strict";
import { maskedValues, secretForm, withoutPlain } from "./secret_text.ts";

Deno.test("secretForm() tells what is kept, sealed and plain", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["***", "kept"],
    ["****", "plain"],
    ["", "plain"],
    ["stigmer-sealed:v1:abc", "sealed"],
    [" stigmer-sealed:v1:abc", "plain"],
    ["hunter2", "plain"],
  ];
  for (const [text, form] of cases) assert.equal(secretForm(text), form, text);
});

Deno.test("maskedValues() keeps names alone", () => {
  assert.deepEqual(maskedValues({ A: "hunter2", B: "stigmer-sealed:v1:x" }), {
    A: "***",
    B: "***",
  });
});

Deno.test("withoutPlain() keeps sealed texts", () => {
  const values = { A: "hunter2", B: "stigmer-sealed:v1:x", C: "***" };
  assert.deepEqual(withoutPlain(values), {
    A: "***",
    B: "stigmer-sealed:v1:x",
    C: "***",
  });
});
