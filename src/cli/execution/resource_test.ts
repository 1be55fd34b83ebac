import { create } from "@bufbuild/protobuf";
import { deepStrictEqual } from "node:assert/strict";
import {
  ExecutionSchema,
  Phase,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { EXECUTION_VIEW } from "./resource.ts";

/** What is shown of an error, and of what was used. */
function shown(error: object, usage: object): readonly string[] {
  const execution = create(ExecutionSchema, {
    status: { phase: Phase.CANCELLED, error, usage },
  });
  const facts = EXECUTION_VIEW.describe(execution, 0);
  return ["Error", "Usage"].map((label) =>
    facts.find(([it]) => it === label)?.[1] ?? ""
  );
}

Deno.test("an execution is shown in words that people would use", () => {
  deepStrictEqual(
    shown({ title: "Cancelled", detail: "Cancelled" }, {
      turns: 1,
      toolCalls: 1,
      inputTokens: 0n,
    }),
    ["Cancelled", "1 turn, 1 tool call, 0 tokens in, 0 tokens out"],
  );
  deepStrictEqual(
    shown({ title: "Cancelled", detail: "Cancelled: Enough" }, { turns: 2 }),
    [
      "Cancelled: Enough",
      "2 turns, 0 tool calls, 0 tokens in, 0 tokens out",
    ],
  );
  deepStrictEqual(
    shown({ title: "Runtime error", detail: "Boom", instance: "/do/0/a" }, {}),
    [
      "Boom\nRuntime error at /do/0/a",
      "0 turns, 0 tool calls, 0 tokens in, 0 tokens out",
    ],
  );
});
