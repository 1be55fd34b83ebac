import { strictEqual } from "node:assert/strict";
import type { Json } from "../model/json.ts";
import { schemaProblem } from "./json_schema.ts";

Deno.test("a value that does not fit a schema is told of in words of people", () => {
  const cases: readonly (readonly [Json, Json, string])[] = [
    [{ required: ["name"] }, {}, 'it needs "name"'],
    [{ type: "string" }, 5, "it must be a string, and is a number"],
    [
      { type: ["integer", "null"] },
      [],
      "it must be an integer or null, and is an array",
    ],
    [{ enum: ["low", "high"] }, "x", 'it must be one of ["low","high"]'],
    [{ const: 1 }, 2, "it must be 1"],
    [
      { properties: { a: {} }, additionalProperties: false },
      { b: 1 },
      "at /b: there may be nothing of that name",
    ],
    [{ minLength: 3 }, "x", "it is too short (1 < 3)"],
    [{ minimum: 3 }, 1, "1 is less than 3"],
    [{ pattern: "^a" }, "x", "it does not match pattern"],
    [{ minItems: 1 }, [], "it has too few items (0 < 1)"],
    [
      { properties: { a: { items: { type: "string" } } } },
      { a: ["x", 1] },
      "at /a/1: it must be a string, and is a number",
    ],
  ];
  for (const [schema, value, expected] of cases) {
    strictEqual(schemaProblem(schema, value), expected, JSON.stringify(schema));
  }
});
