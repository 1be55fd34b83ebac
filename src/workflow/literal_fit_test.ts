import { deepStrictEqual } from "node:assert/strict";
import { document, errorsOf } from "../../tests/engine/documents.ts";
import type { Json, JsonObject } from "../model/json.ts";

const SCHEMA: JsonObject = {
  type: "object",
  properties: {
    name: { type: "string" },
    at: {
      type: "object",
      properties: { x: { type: "number" } },
      required: ["x"],
    },
    level: { enum: ["low", "high"] },
    other: { $ref: "#/$defs/o" },
  },
  required: ["name"],
  $defs: { o: { type: "number" } },
};

/** What is said of arguments for a function with that schema. */
function said(args: Json, schema: JsonObject = SCHEMA): readonly string[] {
  const use = {
    functions: {
      f: { set: { x: 1 }, input: { schema: { document: schema } } },
    },
  };
  return errorsOf(document([{ a: { call: "f", with: args } }], { use }))
    .map((it) => it.replace("This does not fit the schema of function ", ""));
}

Deno.test("checkLiteral() finds what cannot fit, where it stands", () => {
  const cases: readonly (readonly [Json, readonly string[]])[] = [
    [{ name: "x" }, []],
    [{ name: "x", more: 1 }, []],
    [{ name: 1 }, [
      '/do/0/a/with/name "f": it must be a string, and is a number',
    ]],
    [{ name: "x", at: { x: "1" } }, [
      '/do/0/a/with/at/x "f": it must be a number, and is a string',
    ]],
    [{ name: "x", level: "hihg" }, [
      '/do/0/a/with/level "f": it must be one of ["low","high"]',
    ]],
    [{}, [
      '/do/0/a/with "f": it needs "name"',
    ]],
    [{ nam: "x" }, [
      '/do/0/a/with "f": it needs "name" ' +
      '(Did you mean "name" instead of "nam"?)',
    ]],
  ];
  for (const [args, expected] of cases) deepStrictEqual(said(args), expected);
});

Deno.test("checkLiteral() leaves out what an expression gives", () => {
  const cases: readonly (readonly [Json, readonly string[]])[] = [
    [{ name: "${ .n }" }, []],
    [{ name: "${ .n }", at: { x: "${ .x }" } }, []],
    [{ name: "${ .n }", at: { y: 1 } }, [
      '/do/0/a/with/at "f": it needs "x"',
    ]],
    [{ name: "${ .n }", at: { y: "${ .y }" } }, [
      '/do/0/a/with/at "f": it needs "x"',
    ]],
    [{ name: 1, level: "${ .l }" }, [
      '/do/0/a/with/name "f": it must be a string, and is a number',
    ]],
    // What refers to another part of the schema waits for the run.
    [{ name: "${ .n }", other: "x" }, []],
  ];
  for (const [args, expected] of cases) deepStrictEqual(said(args), expected);
});

Deno.test("checkLiteral() says nothing where the schema itself cannot be applied", () => {
  deepStrictEqual(said({ name: 1 }, { $ref: "#/nowhere" }), []);
});
