import { strictEqual } from "node:assert/strict";
import type { Json } from "../model/json.ts";
import { parseDuration } from "./duration.ts";

Deno.test("parseDuration() reads ISO 8601 and objects, and nothing else", () => {
  const cases: readonly (readonly [Json, number | undefined])[] = [
    ["PT30S", 30_000],
    ["PT1M30S", 90_000],
    ["P1DT2H", 93_600_000],
    ["P2W", 1_209_600_000],
    ["PT0.5S", 500],
    ["PT0S", 0],
    [{ seconds: 30 }, 30_000],
    [
      { days: 1, hours: 2, minutes: 3, seconds: 4, milliseconds: 5 },
      93_784_005,
    ],
    ["P", undefined],
    ["PT", undefined],
    ["30s", undefined],
    ["P1Y", undefined],
    ["P1M", undefined],
    ["-PT1S", undefined],
    [{}, undefined],
    [{ second: 1 }, undefined],
    [{ seconds: -1 }, undefined],
    [{ constructor: 1 }, undefined],
    [30, undefined],
    [null, undefined],
  ];
  for (const [value, ms] of cases) {
    strictEqual(parseDuration(value), ms, JSON.stringify(value));
  }
});
