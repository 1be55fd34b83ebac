import { deepStrictEqual } from "node:assert/strict";
import { membersTaken, memberUses } from "./members.ts";

Deno.test("membersTaken() knows constant names, and that others are computed", () => {
  const cases: readonly (readonly [string, readonly string[] | undefined])[] = [
    ["1", []],
    ['$secrets.A + $secrets["b-c"] + $secrets."d"', ["A", "b-c", "d"]],
    ["$secrets | keys", undefined],
    ["$secrets[.x]", undefined],
    ["$secrets | .A", undefined],
  ];
  for (const [program, names] of cases) {
    deepStrictEqual(membersTaken(program, "secrets"), names);
  }
});

Deno.test("memberUses() says where each member is taken", () => {
  const program =
    '{a: $s.K, b: "\\($s["L"])", c: [$s[.k]]} | $s as {k: $x} | $x';
  deepStrictEqual(memberUses(program, "s"), [
    { name: "K", offset: 4 },
    { name: "L", offset: 16 },
    { offset: 31 },
    { offset: 42 },
  ]);
});
