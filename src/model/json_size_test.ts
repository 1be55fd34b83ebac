import assert from "node:assert/strict";
import type { Json } from "./json.ts";
import { roughSize } from "./json_size.ts";

Deno.test("roughSize() is near the length of the JSON", () => {
  const values: readonly Json[] = [
    "a text",
    12345,
    null,
    [],
    Array.from({ length: 1000 }, (_, i) => `item ${i}`),
    { a: { b: ["c", true] }, "a longer key": "and its value" },
  ];
  for (const value of values) {
    const length = JSON.stringify(value).length;
    const size = roughSize(value, Infinity);
    assert.ok(Math.abs(size - length) <= 5 + length / 10, `${size} ${length}`);
  }
});

Deno.test("roughSize() does not look at what is past its bound", () => {
  let seenCount = 0;
  const items = new Proxy(Array.from({ length: 1000 }, () => "x".repeat(10)), {
    get(target, key, receiver) {
      if (typeof key === "string" && /^\d+$/.test(key)) seenCount++;
      return Reflect.get(target, key, receiver);
    },
  });
  assert.ok(roughSize(items, 100) >= 100);
  assert.ok(seenCount < 12);
});
