import { strictEqual } from "node:assert/strict";
import { isOf, kindsInWords } from "../jq/types.ts";
import type { Json } from "../model/json.ts";
import { findSchemaProblem } from "../workflow/json_schema.ts";
import { typeOfSchema } from "./schema_type.ts";

const SCHEMAS: readonly (readonly [Json, string])[] = [
  [true, "any value"],
  [false, "nothing"],
  [{}, "any value"],
  [{ type: "integer" }, "number"],
  [{ type: ["string", "null"] }, "null or string"],
  [{ type: "nonsense" }, "any value"],
  [{ enum: [1, "a", null] }, "null or number or string"],
  [{ const: { a: 1 } }, "object"],
  [{ type: "array", items: { type: "string" } }, "array"],
  [{ type: "array", prefixItems: [{ type: "string" }], items: false }, "array"],
  [{ properties: { a: { type: "string" } }, required: ["b"] }, "any value"],
  [
    {
      type: "object",
      properties: { a: { type: "string" }, b: { properties: { c: false } } },
      additionalProperties: false,
    },
    "object",
  ],
  [
    {
      type: "object",
      properties: { a: true },
      patternProperties: { "^x": { type: "number" } },
      additionalProperties: false,
    },
    "object",
  ],
  [{ anyOf: [{ type: "string" }, { type: "number" }] }, "any value"],
  [{ $ref: "#/$defs/x", $defs: { x: { type: "string" } } }, "any value"],
];
const VALUES: readonly Json[] = [
  null,
  true,
  0,
  1.5,
  "a",
  [],
  ["a"],
  ["a", 1],
  {},
  { a: "x" },
  { a: 1 },
  { b: { c: 1 } },
  { b: {}, a: "y" },
  { x1: 2, a: 3 },
];

Deno.test("typeOfSchema() names what a schema leaves", () => {
  for (const [schema, words] of SCHEMAS) {
    strictEqual(
      kindsInWords(typeOfSchema(schema)),
      words,
      JSON.stringify(schema),
    );
  }
});

Deno.test("what fits a schema is of its type", () => {
  for (const [schema] of SCHEMAS) {
    const type = typeOfSchema(schema);
    for (const value of VALUES) {
      if (findSchemaProblem(schema, value) !== undefined) continue;
      const said = `${JSON.stringify(value)} of ${JSON.stringify(schema)}`;
      strictEqual(isOf(value, type), true, said);
    }
  }
});
