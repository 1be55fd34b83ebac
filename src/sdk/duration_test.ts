import assert from "node:assert/strict";
import { type Duration, durationMsOf, durationOf } from "./duration.ts";

const LENGTHS: readonly (readonly [Duration, number, unknown])[] = [
  ["250ms", 250, { milliseconds: 250 }],
  ["1.5s", 1500, { milliseconds: 1500 }],
  ["5m", 300_000, { minutes: 5 }],
  ["2h", 7_200_000, { hours: 2 }],
  ["7d", 604_800_000, { days: 7 }],
  ["PT1M30S", 90_000, "PT1M30S"],
  [{ minutes: 1, seconds: 1 }, 61_000, { minutes: 1, seconds: 1 }],
];

Deno.test("lengths of time are read, and written as manifests have them", () => {
  for (const [given, ms, written] of LENGTHS) {
    assert.equal(durationMsOf(given), ms);
    assert.deepEqual(durationOf(given), written);
  }
});

Deno.test("what is no length of time is refused", () => {
  for (const given of ["P", "PTX", {}, { seconds: -1 }, "999999999999d"]) {
    assert.throws(
      () => durationOf(given as Duration),
      /^StigmerError: Cannot read .* as a length of time$/,
    );
  }
});
