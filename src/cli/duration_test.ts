import { strictEqual, throws } from "node:assert/strict";
import {
  formatAge,
  formatDuration,
  formatLeft,
  formatLimit,
  parseDurationMs,
} from "./duration.ts";

Deno.test("parseDurationMs() reads what people type", () => {
  const cases: readonly (readonly [string, number])[] = [
    ["30", 30_000],
    ["1.5", 1500],
    ["500ms", 500],
    ["90s", 90_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["2d", 172_800_000],
  ];
  for (const [text, ms] of cases) {
    strictEqual(parseDurationMs(text, "--timeout"), ms, text);
  }
});

Deno.test("parseDurationMs() refuses the rest", () => {
  for (const text of ["", "0", "-1", "5x", "m", "1h 30m", "9999d", "NaN"]) {
    throws(
      () => parseDurationMs(text, "--timeout"),
      /Option "--timeout" cannot be/,
      text,
    );
  }
});

Deno.test("formatDuration() and formatAge() use the unit that fits", () => {
  const cases: readonly (readonly [number, string, string])[] = [
    [0, "0 ms", "0s"],
    [350, "350 ms", "0s"],
    [4210, "4.2 s", "4s"],
    [190_000, "3 m 10 s", "3m"],
    [3_700_000, "1 h 1 m", "61m"],
    [90_000_000, "25 h 0 m", "25h"],
    [900_000_000, "250 h 0 m", "10d"],
  ];
  for (const [ms, duration, age] of cases) {
    strictEqual(formatDuration(ms), duration);
    strictEqual(formatAge(ms), age);
  }
});

Deno.test("formatLeft() rounds to the nearest of a unit", () => {
  const cases: readonly (readonly [number, string])[] = [
    [-5, "0s"],
    [1600, "2s"],
    [119_400, "119s"],
    [119_600, "2m"],
    [3 * 3_600_000 - 20, "3h"],
    [36 * 3_600_000, "36h"],
    [2 * 86_400_000 - 900, "2d"],
    [3 * 86_400_000 - 4000, "3d"],
    [3.6 * 86_400_000, "4d"],
  ];
  for (const [ms, left] of cases) strictEqual(formatLeft(ms), left, `${ms}`);
});

Deno.test("formatLimit() writes whole seconds as such", () => {
  strictEqual(formatLimit(2000), "2 s");
  strictEqual(formatLimit(1500), "1.5 s");
  strictEqual(formatLimit(100), "100 ms");
});
