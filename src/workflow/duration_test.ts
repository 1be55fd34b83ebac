import { strictEqual } from "node:assert/strict";
import type { Json } from "../model/json.ts";
import { durationMeant, parseDuration, unitMeant } from "./duration.ts";

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

Deno.test("durationMeant() writes what people give elsewhere", () => {
  const cases: readonly (readonly [Json, string | undefined])[] = [
    [5, "{seconds: 5}"],
    ["5s", "{seconds: 5}"],
    ["1h30m", "{hours: 1, minutes: 30}"],
    ["500ms", "{milliseconds: 500}"],
    ["2 minutes", "{minutes: 2}"],
    ["1.5 days", "{days: 1.5}"],
    ["PT5", undefined],
    ["soon", undefined],
    ["5", undefined],
    [true, undefined],
  ];
  for (const [value, meant] of cases) {
    strictEqual(durationMeant(value), meant, JSON.stringify(value));
  }
});

Deno.test("unitMeant() knows the other words for units, and no others", () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["secs", "seconds"],
    ["sec", "seconds"],
    ["s", "seconds"],
    ["mins", "minutes"],
    ["m", "minutes"],
    ["ms", "milliseconds"],
    ["millis", "milliseconds"],
    ["hrs", "hours"],
    ["Day", "days"],
    ["months", undefined],
    ["msx", undefined],
    ["constructor", undefined],
    ["", undefined],
  ];
  for (const [word, unit] of cases) strictEqual(unitMeant(word), unit, word);
});
