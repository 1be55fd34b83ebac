import assert from "node:assert/strict";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { ResourceSchema } from "../../gen/stigmer/backend/v1/backend_pb.ts";
import { DefinitionSchema } from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { ManifestKind } from "../model/kind.ts";
import { type FakeDeps, fakeDeps } from "./fake_deps.ts";
import {
  createResource,
  removeResource,
  updateResource,
} from "./resource_changes.ts";
import { findTarget, type Target, type TargetQuery } from "./target.ts";

type Init = MessageInitShape<typeof ResourceSchema>;

const SPEC = { instructions: "You answer briefly." };

function make(deps: FakeDeps, kind: ManifestKind, init: Init): string {
  return createResource(deps, kind, create(ResourceSchema, init)).id;
}

/** A store with agent "Bot", its instance "own", and agent "other". */
function furnished(): FakeDeps {
  const deps = fakeDeps();
  for (const name of ["Bot", "other"]) {
    const value = { metadata: { name }, spec: SPEC };
    make(deps, "Agent", { resource: { case: "agent", value } });
  }
  make(deps, "Environment", {
    resource: { case: "environment", value: { metadata: { name: "e" } } },
  });
  make(deps, "AgentInstance", {
    resource: {
      case: "agentInstance",
      value: {
        metadata: { name: "own" },
        spec: { agentId: "bot", environmentIds: ["e"] },
      },
    },
  });
  return deps;
}

function find(deps: FakeDeps, given: Partial<TargetQuery>): Target {
  return findTarget(deps.store.database, {
    kind: "Agent",
    name: "",
    instance: "",
    definitions: [],
    ...given,
  });
}

Deno.test("findTarget() finds the same by name, slug, id and instance", () => {
  using deps = furnished();
  const bySlug = find(deps, { name: "bot" });
  assert.match(bySlug.resourceId, /^agt-/);
  assert.match(bySlug.versionId, /^ver-/);
  assert.match(bySlug.instanceId, /^ain-/);
  assert.deepEqual(bySlug.environmentIds, []);
  for (const name of ["Bot", bySlug.resourceId]) {
    assert.deepEqual(find(deps, { name }), bySlug);
  }
  const own = find(deps, { instance: "own" });
  assert.equal(own.resourceId, bySlug.resourceId);
  assert.notEqual(own.instanceId, bySlug.instanceId);
  assert.equal(own.environmentIds.length, 1);
  assert.deepEqual(find(deps, { name: "bot", instance: "own" }), own);
});

Deno.test("findTarget() prefers what came along", () => {
  using deps = furnished();
  const value = { metadata: { name: "Mine", slug: "bot" }, spec: SPEC };
  const definitions = [
    create(DefinitionSchema, { resource: { case: "agent", value } }),
  ];
  for (const name of ["", "Mine", "bot"]) {
    const found = find(deps, { name, definitions });
    assert.equal(found.name, "bot");
    assert.equal(found.resourceId, "");
    assert.equal(found.versionId, "");
  }
  assert.match(find(deps, { name: "other", definitions }).resourceId, /^agt-/);
});

Deno.test("findTarget() says what it cannot find", () => {
  using deps = furnished();
  const cases: readonly (readonly [Partial<TargetQuery>, RegExp])[] = [
    [{ kind: "Skill" }, /kind "Skill", only "Agent" and "Workflow" run/],
    [{}, /names no agent/],
    [{ name: "bott" }, /Cannot find agent "bott"/],
    [{ name: "other", instance: "own" }, /instance of another one/],
    [{ kind: "Workflow", instance: "own" }, /workflow instance "own"/],
  ];
  for (const [query, text] of cases) {
    assert.throws(() => find(deps, query), text);
  }
});

Deno.test("findTarget() runs a template whose default instance is gone", () => {
  using deps = furnished();
  deps.store.database.prepare("DELETE FROM agent_instances").run();
  const found = find(deps, { name: "bot" });
  assert.equal(found.instanceId, "");
  removeResource(deps, "Agent", "other");
  assert.throws(() => find(deps, { name: "other" }), /Cannot find agent/);
});

Deno.test("findTarget() reads a version once, and a new one anew", () => {
  using deps = furnished();
  const first = find(deps, { name: "bot" });
  assert.equal(find(deps, { name: "bot" }).template, first.template);
  const value = {
    metadata: { name: "Bot" },
    spec: { instructions: "You answer at length." },
  };
  const init: Init = { resource: { case: "agent", value } };
  const resource = create(ResourceSchema, init);
  updateResource(deps, "Agent", { resource, why: "" });
  const second = find(deps, { name: "bot" });
  assert.notEqual(second.versionId, first.versionId);
  assert.notEqual(second.template, first.template);
  using others = furnished();
  assert.notEqual(find(others, { name: "bot" }).template, first.template);
});
