import { deepStrictEqual } from "node:assert/strict";
import type { JsonObject } from "../model/json.ts";
import { workflowInput } from "./workflow_input.ts";

Deno.test("workflowInput() writes the inputs of tasks as a schema", () => {
  deepStrictEqual(
    workflowInput({
      input: undefined,
      inputs: {
        topic: "string",
        anything: "any",
        depth: { type: "integer", description: "How deep", default: 2 },
        strict: { type: "boolean", required: true },
        late: { type: "string" },
      },
    }),
    {
      schema: {
        type: "object",
        properties: {
          topic: { type: "string" },
          anything: {},
          depth: { type: "integer", description: "How deep", default: 2 },
          strict: { type: "boolean" },
          late: { type: "string" },
        },
        required: ["topic", "anything", "strict"],
      },
    },
  );
});

Deno.test("workflowInput() takes a schema as it is, and wraps one that is of no object", () => {
  const check = (document: JsonObject | undefined, expected: unknown): void => {
    const input = document === undefined ? {} : { schema: { document } };
    deepStrictEqual(workflowInput({ inputs: undefined, input }), expected);
  };
  check(undefined, { schema: { type: "object" } });
  const kept = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $defs: { a: { type: "string" } },
    type: "object",
    additionalProperties: false,
  };
  check(kept, { schema: kept });
  check({ required: ["a"] }, { schema: { required: ["a"], type: "object" } });
  check({ type: "array" }, {
    schema: {
      type: "object",
      properties: { input: { type: "array" } },
      required: ["input"],
      additionalProperties: false,
    },
    inputIn: "input",
  });
});
