import { deepStrictEqual, throws } from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import {
  type EnvDeclaration,
  EnvDeclarationSchema,
} from "../../gen/stigmer/backend/v1/metadata_pb.ts";
import { StigmerError } from "../model/error.ts";
import { mergeVariables } from "./variables.ts";

function declare(
  init: { required?: boolean; default?: string; description?: string },
): EnvDeclaration {
  return create(EnvDeclarationSchema, init);
}

Deno.test("mergeVariables() lets the later source win", () => {
  deepStrictEqual(
    mergeVariables({
      declared: {
        A: declare({ default: "declared" }),
        B: declare({ default: "declared" }),
        C: declare({ default: "declared" }),
        D: declare({}),
      },
      environments: [{ B: "first", C: "first" }, { C: "second", E: "second" }],
      run: { E: "run" },
    }, 'agent "a"'),
    { A: "declared", B: "first", C: "second", E: "run" },
  );
});

Deno.test("mergeVariables() takes an empty value for a value", () => {
  deepStrictEqual(
    mergeVariables({
      declared: { A: declare({ required: true }) },
      environments: [],
      run: { A: "" },
    }, 'agent "a"'),
    { A: "" },
  );
});

Deno.test("mergeVariables() names every required variable that is missing", () => {
  throws(
    () =>
      mergeVariables({
        declared: {
          TOKEN: declare({ required: true, description: "For the API" }),
          URL: declare({ required: true }),
          OTHER: declare({ required: true, default: "x" }),
        },
        environments: [],
        run: {},
      }, 'workflow "w"'),
    (error: unknown) =>
      error instanceof StigmerError && error.code === "INVALID_ARGUMENT" &&
      error.message ===
        'Cannot execute workflow "w": it needs "TOKEN", "URL" and nothing gives them' &&
      error.hints.includes("TOKEN: For the API"),
  );
});
