import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { fakeHost } from "../host/fake.ts";
import { processSecret, secretValue, secretVariable } from "./secrets.ts";

Deno.test("secrets of the process are variables of it; an empty one is none", () => {
  const host = fakeHost({
    env: { STIGMER_SECRET_TOKEN: "t0ken", STIGMER_SECRET_EMPTY: "" },
  });
  strictEqual(processSecret(host, "TOKEN"), "t0ken");
  strictEqual(processSecret(host, "EMPTY"), undefined);
  strictEqual(processSecret(host, "OTHER"), undefined);
  strictEqual(secretVariable("pet-store"), "STIGMER_SECRET_pet_store");
});

Deno.test("secretValue() gives a JSON object as one, and all else as a text", () => {
  deepStrictEqual(secretValue(' {"username": "ada"}'), { username: "ada" });
  for (const text of ["t0ken", "{not json", "42", "[1]", '"x"', "null", ""]) {
    strictEqual(secretValue(text), text);
  }
});
