import assert from "node:assert/strict";
import { equal, outcomeOf, skippedWith } from "./history_outcome.ts";

Deno.test("outcomeOf() does about a difference what was asked for", () => {
  const why = "it differs";
  assert.deepEqual(
    (["fail", "skip", "replace"] as const).map((it) => outcomeOf(it, why)),
    [
      { outcome: "conflict", detail: why },
      { outcome: "skipped", detail: why },
      { outcome: "replaced", detail: why },
    ],
  );
});

Deno.test("skippedWith() names what a record went with", () => {
  assert.deepEqual(skippedWith("session"), {
    outcome: "skipped",
    detail: "its session was skipped",
  });
});

Deno.test("equal() looks at what is written, and at no order of keys", () => {
  assert.ok(equal({ a: 1, b: undefined }, { a: 1 }));
  assert.ok(equal({ a: 1, b: 2 }, { b: 2, a: 1 }));
  assert.ok(!equal({ a: 1 }, { a: 2 }));
});
