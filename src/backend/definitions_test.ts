import assert from "node:assert/strict";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { ResourceSchema } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { DefinitionSchema } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { JsonObject } from "../model/json.ts";
import { StigmerError } from "../model/error.ts";
import { checkDefinitions } from "./definitions.ts";
import { fakeDeps } from "./fake_deps.ts";
import { createResource } from "./resource_changes.ts";

type Definition = MessageInitShape<typeof DefinitionSchema>;

const SPEC = { instructions: "You answer briefly." };

function agent(name: string, spec: JsonObject = SPEC): Definition {
  return { resource: { case: "agent", value: { metadata: { name }, spec } } };
}

/** A workflow whose only task asks an agent. */
function flow(asked: string): Definition {
  const document = {
    dsl: "1.0.0",
    namespace: "t",
    name: "f",
    version: "1.0.0",
  };
  const call = { call: "agent", with: { agent: asked, message: "x" } };
  const spec = { document, do: [{ ask: call }] };
  return {
    resource: { case: "workflow", value: { metadata: { name: "f" }, spec } },
  };
}

/** Checks definitions where agent "stored" is applied; gives what is wrong. */
function refusal(definitions: readonly Definition[]): StigmerError | undefined {
  using deps = fakeDeps();
  const value = { metadata: { name: "stored" }, spec: SPEC };
  createResource(
    deps,
    "Agent",
    create(ResourceSchema, { resource: { case: "agent", value } }),
  );
  try {
    checkDefinitions(
      deps.store.database,
      definitions.map((it) => create(DefinitionSchema, it)),
    );
    return undefined;
  } catch (error) {
    assert.ok(error instanceof StigmerError);
    assert.equal(error.code, "INVALID_ARGUMENT");
    return error;
  }
}

Deno.test("checkDefinitions() takes agents that came along or are applied", () => {
  assert.equal(refusal([]), undefined);
  assert.equal(refusal([agent("a"), flow("a")]), undefined);
  assert.equal(refusal([flow("a"), agent("a")]), undefined);
  assert.equal(refusal([flow("stored")]), undefined);
});

Deno.test("checkDefinitions() names what is wrong, where, and a near name", () => {
  const unknown = refusal([flow("store")]);
  assert.equal(
    unknown?.message,
    'Cannot execute workflow "f": Unknown agent "store" ' +
      "at /spec/do/0/ask/with/agent",
  );
  assert.deepEqual(unknown?.hints, ['Did you mean "stored"?']);
  assert.equal(unknown?.diagnostics[0]?.pointer, "/spec/do/0/ask/with/agent");
  assert.deepEqual(refusal([flow("elsewhere")])?.hints, [
    "Apply it first, or put it into the same file",
  ]);
  assert.match(
    refusal([flow("helpr"), agent("helper")])?.hints[0] ?? "",
    /helper/,
  );
  const two = refusal([agent("", {})]);
  assert.match(
    two?.message ?? "",
    /^Cannot execute agent "": .*\(and 1 more\)$/,
  );
  assert.equal(two?.diagnostics.length, 2);
  assert.match(refusal([{}])?.message ?? "", /an empty definition/);
});
