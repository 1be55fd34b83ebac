import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { meter } from "./fuel.ts";
import type { JsonObject } from "./json.ts";
import { copyObject, listKeys, sortedKeys } from "./keys.ts";

/** Steps that something takes. */
function stepsOf(run: () => void): number {
  const before = { ...meter };
  Object.assign(meter, { steps: 1e9, stepsLeft: 0, cells: 1e9 });
  try {
    run();
    return 1e9 - meter.steps;
  } finally {
    Object.assign(meter, before);
  }
}

function objectOf(count: number): JsonObject {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`k${i}`, i]),
  );
}

Deno.test("listKeys() counts the keys of what has many", () => {
  strictEqual(stepsOf(() => listKeys(objectOf(16))), 0);
  strictEqual(stepsOf(() => listKeys(objectOf(1000))), 1000);
});

Deno.test("sortedKeys() orders by code points, and counts each comparison", () => {
  stepsOf(() => {
    deepStrictEqual(sortedKeys({ "😀": 1, "\uffff": 2, a: 3 }), [
      "a",
      "\uffff",
      "😀",
    ]);
  });
  const long = "a".repeat(640_000);
  ok(stepsOf(() => sortedKeys({ [`${long}b`]: 1, [`${long}a`]: 2 })) > 10_000);
});

Deno.test("copyObject() gives an object of its own", () => {
  stepsOf(() => {
    const object = { a: 1 };
    const copy = copyObject(object);
    copy.b = 2;
    deepStrictEqual(object, { a: 1 });
    deepStrictEqual(copy, { a: 1, b: 2 });
  });
});
