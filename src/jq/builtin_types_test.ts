import { deepStrictEqual, ok } from "node:assert/strict";
import { SELECTORS, SIGNATURES } from "./builtin_types.ts";
import { knownFunctions } from "./check.ts";
import { JqError } from "./failure.ts";
import type { Json } from "./json.ts";
import { compileJq, runJq } from "./program.ts";
import { isOf, kindOf } from "./types.ts";

const VALUES: readonly Json[] = [
  null,
  false,
  true,
  0,
  -1.5,
  1e300,
  "",
  "a",
  "12",
  "true",
  "é😀",
  '{"a": 1}',
  "2020-01-01T00:00:00Z",
  [],
  [1, 2],
  ["a", null],
  [[1], { a: 2 }],
  [2020, 0, 1, 0, 0, 0, 3, 0],
  [{ name: "a", value: 1 }],
  {},
  { a: 1 },
  { b: null, a: [1] },
];
const ARGUMENTS = [".", '"a"', "1", '["a"]', "true", '"%Y"'];

function outcomes(key: string): readonly string[] {
  const [name = "", count = "0"] = key.split("/");
  if (count === "0") return [name];
  return ARGUMENTS.map((it) =>
    `${name}(${Array(Number(count)).fill(it).join("; ")})`
  );
}

for (const [key, { takes, gives, isSure }] of SIGNATURES) {
  Deno.test(`what is known of ${key} is what it does`, () => {
    ok(knownFunctions().has(key));
    for (const source of outcomes(key)) {
      const program = compileJq(source);
      for (const value of VALUES) {
        const isTaken = (takes & kindOf(value)) !== 0;
        const on = `${source} on ${JSON.stringify(value)}`;
        try {
          const given = runJq(program, value, { nowMs: 0 });
          ok(isTaken, `${on} does not fail`);
          for (const it of given) ok(isOf(it, gives), `${on}: ${it}`);
          if (isSure) deepStrictEqual(given.length, 1, on);
        } catch (thrown) {
          if (!(thrown instanceof JqError)) throw thrown;
          ok(!isTaken || !isSure, `${on}: ${thrown.message}`);
        }
      }
    }
  });
}

Deno.test("selectors give what is of their kinds", () => {
  for (const [key, kinds] of SELECTORS) {
    const program = compileJq(key.slice(0, -2));
    for (const value of VALUES) {
      const isKept = (kinds & kindOf(value)) !== 0;
      deepStrictEqual(runJq(program, value), isKept ? [value] : [], key);
    }
  }
});
