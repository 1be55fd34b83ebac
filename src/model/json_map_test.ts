import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { textsIn } from "./json_map.ts";

Deno.test("textsIn() lists values and keys, at any depth", () => {
  const value = { a: ["b", 1, { c: null, d: "e" }], f: true };
  deepStrictEqual(textsIn(value).toSorted(), ["a", "b", "c", "d", "e", "f"]);
});

Deno.test("textsIn() takes a list of any length", () => {
  strictEqual(
    textsIn(Array.from({ length: 300_000 }, () => "x")).length,
    300_000,
  );
  const keys = Array.from({ length: 300_000 }, (_, i) => [`k${i}`, i] as const);
  strictEqual(textsIn(Object.fromEntries(keys)).length, 300_000);
});
