import { deepStrictEqual, throws } from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import {
  type EnvDeclaration,
  EnvDeclarationSchema,
} from "../../gen/stigmer/backend/v1/metadata_pb.ts";
import { StigmerError } from "../model/error.ts";
import { type GivenSecret, type Layer, mergeVariables } from "./variables.ts";

const SEALED: GivenSecret = { kind: "sealed", ownerId: "env-1" };
const GIVEN: GivenSecret = { kind: "plain", text: "s3cret" };

function plain(variables: Layer["variables"]): Layer {
  return { variables, secrets: {} };
}

function declare(
  init: {
    required?: boolean;
    default?: string;
    description?: string;
    secret?: boolean;
  },
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
      environments: [
        plain({ B: "first", C: "first" }),
        plain({ C: "second", E: "second" }),
      ],
      run: plain({ E: "run" }),
    }, 'agent "a"'),
    plain({ A: "declared", B: "first", C: "second", E: "run" }),
  );
});

Deno.test("mergeVariables() takes an empty value for a value", () => {
  deepStrictEqual(
    mergeVariables({
      declared: { A: declare({ required: true }) },
      environments: [],
      run: plain({ A: "" }),
    }, 'agent "a"'),
    plain({ A: "" }),
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
        run: plain({}),
      }, 'workflow "w"'),
    (error: unknown) =>
      error instanceof StigmerError && error.code === "INVALID_ARGUMENT" &&
      error.message ===
        'Cannot execute workflow "w": it needs "TOKEN", "URL" and nothing gives them' &&
      error.hints.includes("TOKEN: For the API"),
  );
});

Deno.test("mergeVariables() lets a later variable hide a secret, and the reverse", () => {
  deepStrictEqual(
    mergeVariables({
      declared: {
        A: declare({ default: "declared" }),
        B: declare({ required: true, secret: true }),
      },
      environments: [
        { variables: { C: "1" }, secrets: { A: SEALED, B: SEALED, D: SEALED } },
        { variables: { D: "2" }, secrets: { C: SEALED } },
      ],
      run: { variables: { A: "run" }, secrets: { B: GIVEN } },
    }, 'agent "a"'),
    {
      variables: { A: "run", D: "2" },
      secrets: { B: GIVEN, C: SEALED },
    },
  );
});

Deno.test("mergeVariables() refuses a name that the run gives twice", () => {
  throws(
    () =>
      mergeVariables({
        declared: {},
        environments: [],
        run: { variables: { A: "1" }, secrets: { A: GIVEN } },
      }, 'agent "a"'),
    /^StigmerError: Cannot execute agent "a": "A" is given as a variable and/,
  );
});

Deno.test("mergeVariables() says how a secret is given", () => {
  throws(
    () =>
      mergeVariables({
        declared: { TOKEN: declare({ required: true, secret: true }) },
        environments: [],
        run: plain({}),
      }, 'agent "a"'),
    (error: unknown) =>
      error instanceof StigmerError &&
      error.hints[0]?.startsWith("Give a value with --secret TOKEN, or") ===
        true,
  );
});
