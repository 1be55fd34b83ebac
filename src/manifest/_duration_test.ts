import { equal } from "node:assert/strict";
import { fromJson } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import type { Json } from "../model/json.ts";
import { durationJson } from "./_duration.ts";

Deno.test("durationJson() reads every form of a length of time", () => {
  const cases: readonly (readonly [Json, string | undefined])[] = [
    ["10m", "600s"],
    ["1h30m", "5400s"],
    ["1.5h", "5400s"],
    ["90s", "90s"],
    ["0.000000001s", "0.000000001s"],
    ["-5s", "-5s"],
    ["250ms", "0.250s"],
    ["2d", "172800s"],
    ["1w", "604800s"],
    ["PT10M", "600s"],
    ["P1DT1S", "86401s"],
    ["PT0.5S", "0.500s"],
    [{ minutes: 2, milliseconds: 5 }, "120.005s"],
    ["", undefined],
    ["10", undefined],
    ["10 m", undefined],
    ["m", undefined],
    ["10x", undefined],
    ["soon", undefined],
    ["P1M", undefined],
    [600, undefined],
    [null, undefined],
    [{}, undefined],
    [{ minutes: "2" }, undefined],
    [["10m"], undefined],
    ["999999999999s", undefined],
    ["99999999w", undefined],
  ];
  for (const [value, expected] of cases) {
    const json = durationJson(value);
    equal(json, expected, JSON.stringify(value));
    if (json !== undefined) fromJson(DurationSchema, json);
  }
});
