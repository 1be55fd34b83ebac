import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Json } from "../model/json.ts";
import { isMeant, mismatches, quoted } from "./matching.ts";
import type { Matcher } from "./test_case.ts";

const CASES: readonly (readonly [string, Json, Matcher, readonly string[]])[] =
  [
    ["a text that contains", "It rains", { contains: ["rain"] }, []],
    [
      "a text that does not",
      "It rains",
      { contains: ["sun", "It"] },
      [`: to contain "sun" / "It rains"`],
    ],
    ["an object as its text", { a: 1 }, { contains: ['"a":1'] }, []],
    ["a line of several", "a\nb 7", { matches: [/^b \d$/mu] }, []],
    [
      "what does not match",
      "a",
      { matches: [/^b/mu] },
      [`: to match /^b/ / "a"`],
    ],
    ["what is equal", { a: [1] }, { equals: { a: [1] } }, []],
    ["what is not", { a: [1] }, { equals: [1] }, [`: [1] / {"a":[1]}`]],
    [
      "a part of an object",
      { a: 1, b: { c: "xyz" } },
      { has: { b: { has: { c: { contains: ["y"] } } } } },
      [],
    ],
    [
      "a wrong part, by its place",
      { b: { c: "xyz" } },
      { has: { b: { has: { c: { equals: "y" } } }, d: { equals: 1 } } },
      [`/b/c: "y" / "xyz"`, `/d: 1 / nothing`],
    ],
    ["a part of what is no object", "a", { has: { b: {} } }, [
      `: an object / "a"`,
    ]],
    ["a schema that fits", 3, { schema: { type: "integer" } }, []],
    [
      "one that does not",
      { n: "3" },
      { schema: { properties: { n: { type: "integer" } } } },
      [
        ": to fit the schema / at /n: it must be an integer, and is a string",
      ],
    ],
    ["what it is not", "fine", { not: { contains: ["sorry"] } }, []],
    [
      "what it must not be",
      "sorry",
      { not: { contains: ["sorry"] } },
      [`: not to contain "sorry" / "sorry"`],
    ],
  ];

for (const [name, value, matcher, expected] of CASES) {
  Deno.test(`mismatches() tells ${name}`, () => {
    deepStrictEqual(
      mismatches(value, matcher).map(({ pointer, expected, got }) =>
        `${pointer}: ${expected} / ${got}`
      ),
      expected,
    );
  });
}

Deno.test("isMeant() takes a name with stars and a part of the arguments", () => {
  const call = {
    tool: "fs_read.file",
    arguments: { path: "a.md", deep: true },
  };
  const path: Matcher = { matches: [/\.md$/mu] };
  strictEqual(isMeant(call, { tool: "fs_*" }), true);
  strictEqual(isMeant(call, { tool: "fs_read?file" }), true);
  strictEqual(isMeant(call, { tool: "fs_read+file" }), false);
  strictEqual(isMeant(call, { tool: "s_read.file" }), false);
  const wanted = { tool: "fs_read.file", arguments: { has: { path } } };
  strictEqual(isMeant(call, wanted), true);
  strictEqual(isMeant({ ...call, arguments: {} }, wanted), false);
});

Deno.test("mismatches() tries what has choices beside this thread", () => {
  const matches = [/^(x|ab)+$/mu];
  strictEqual(mismatches("y\nabx\n", { matches }).length, 0);
  strictEqual(mismatches("aby", { matches }).length, 1);
  strictEqual(mismatches("b".repeat(20_000), { matches: [/a/mu] }).length, 1);
});

Deno.test("isMeant() takes no long over a name of many stars", () => {
  const call = { tool: "a".repeat(64), arguments: {} };
  const startMs = performance.now();
  strictEqual(isMeant(call, { tool: `${"a*".repeat(12)}b` }), false);
  strictEqual(performance.now() - startMs < 1000, true);
});

Deno.test("quoted() cuts what is long", () => {
  strictEqual(quoted("x".repeat(5000)).length < 2100, true);
});
