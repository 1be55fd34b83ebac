import assert from "node:assert/strict";
import { type Fits, t } from "./schema.ts";

Deno.test("t makes the schema of its type", () => {
  const order = t.object({
    id: t.string({ minLength: 1 }),
    kind: t.literal("a", "b"),
    rows: t.array(t.union(t.integer(), t.null()), { minItems: 1 }),
    tags: t.optional(t.record(t.boolean())),
    more: t.json({ description: "Anything" }),
  });
  const fits: Fits<typeof order> = { id: "x", kind: "a", rows: [1], more: {} };
  assert.ok(fits);
  assert.deepEqual(order.json, {
    type: "object",
    properties: {
      id: { type: "string", minLength: 1 },
      kind: { enum: ["a", "b"] },
      rows: {
        type: "array",
        items: { anyOf: [{ type: "integer" }, { type: "null" }] },
        minItems: 1,
      },
      tags: { type: "object", additionalProperties: { type: "boolean" } },
      more: { description: "Anything" },
    },
    required: ["id", "kind", "rows", "more"],
  });
});

Deno.test("t.optional() leaves the schema that it is given as it is", () => {
  const name = t.string();
  const both = t.object({ one: name, other: t.optional(name) });
  assert.deepEqual(both.json["required"], ["one"]);
});
