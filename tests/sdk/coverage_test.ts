import assert from "node:assert/strict";
import { readManifests } from "../../src/manifest/read.ts";
import { type Json, jsonEquals } from "../../src/model/json.ts";
import {
  call,
  choose,
  type Defined,
  emit,
  expr,
  listen,
  raise,
  run,
  set,
  type TaskBody,
  toYaml,
  wait,
  workflow,
  type WorkflowBuilder,
} from "../../src/sdk/mod.ts";
import { checkWorkflow } from "../../src/workflow/check.ts";
import type { ExtendedKind, Task } from "../../src/workflow/tree.ts";

type Build = (flow: WorkflowBuilder<unknown>) => unknown;

const one = (body: TaskBody<unknown>): Build => (flow) =>
  flow.task("one", body);
const document = { endpoint: "https://x.example/api.json" };
const to = { one: { with: { type: "a" } } };

/** What builds each kind of task; the compiler counts the kinds. */
const BUILDERS: Readonly<Record<Exclude<Task["kind"], "typescript">, Build>> = {
  set: one(set({ n: 1 })),
  wait: one(wait("1s")),
  raise: one(raise({ type: "https://x.example/e", status: 400 })),
  emit: one(emit({ type: "a", source: "https://x.example" })),
  listen: one(listen(to)),
  switch: one(choose({ all: { then: "end" } })),
  http: one(call.http({ method: "get", endpoint: "https://x.example" })),
  openapi: one(call.openapi({ document, operationId: "get" })),
  grpc: one(call.grpc({
    proto: { endpoint: "file://x.proto" },
    service: { name: "S", host: "localhost" },
    method: "M",
  })),
  asyncapi: one(call.asyncapi({ document, operation: "o", message: {} })),
  a2a: one(
    call.a2a({
      server: "https://x.example",
      method: "tasks/list",
    }),
  ),
  agent: one(call.agent({ agent: "a", message: "Hi" })),
  llm: one(call.llm({ prompt: "Hi" })),
  human: one(call.human({ prompt: "Sure?" })),
  mcp: one(call.mcp({ server: "files" })),
  shell: one(run.shell({ command: "true" })),
  script: one(run.script({ language: "js", code: "1" })),
  container: one(run.container({ image: "alpine:3" })),
  workflow: one(run.workflow({ name: "w" }, {})),
  function: (flow) =>
    flow.task(
      "one",
      call.function(flow.function("f", set({ n: 1 })), {}),
    ),
  do: (flow) => flow.steps.do("one", (list) => list.task("a", set({ n: 1 }))),
  for: (flow) =>
    flow.steps.for("one", { in: [1] }, (list, n) => list.task("a", set({ n }))),
  fork: (flow) =>
    flow.steps.fork("one", { a: set({ n: 1 }), b: set({ n: 2 }) }),
  try: (flow) =>
    flow.steps.try("one", (list) => list.task("a", set({ n: 1 })), {}),
};

/** What builds each kind of extension; the compiler counts them. */
const EXTENDED: Readonly<Record<ExtendedKind, true>> = {
  call: true,
  composite: true,
  emit: true,
  for: true,
  listen: true,
  raise: true,
  run: true,
  set: true,
  switch: true,
  try: true,
  wait: true,
  all: true,
};

/** The plan of what was built, which must be right. */
async function planOf(built: Defined) {
  const { documents, diagnostics } = await readManifests([
    { name: "x", text: toYaml(built) },
  ]);
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === "error"),
    [],
  );
  assert.equal(documents.length, 1);
  // The manifest is JSON, and so is what stands in it.
  const spec = JSON.parse(JSON.stringify(built.toManifest().spec));
  const { plan } = checkWorkflow(spec, { name: built.name });
  assert.ok(plan !== undefined);
  return plan;
}

for (const [kind, build] of Object.entries(BUILDERS)) {
  Deno.test(`there is a builder of "${kind}"`, async () => {
    const flow = workflow("f");
    build(flow);
    const { body } = await planOf(flow);
    assert.ok(body.kind === "sequence");
    assert.deepEqual(body.tasks.map((it) => it.kind), [kind]);
  });
}

Deno.test("functions are the tasks of call: typescript", async () => {
  const { body, isServed } = await planOf(
    workflow("f").task("one", () => 1),
  );
  assert.ok(body.kind === "sequence");
  assert.deepEqual(body.tasks.map((it) => it.kind), ["typescript"]);
  assert.equal(isServed, true);
});

Deno.test("every kind of task can be extended", async () => {
  const flow = workflow("f");
  flow.task("one", set({ n: 1 }));
  const kinds = Object.keys(EXTENDED) as ExtendedKind[];
  for (const extend of kinds) {
    flow.extension(extend, {
      extend,
      before: (list) => list.task(`before ${extend}`, set({ n: expr(".") })),
    });
  }
  const { extensions } = await planOf(flow);
  assert.deepEqual(extensions.map((it) => it.extend), kinds);
});

Deno.test("what every task may have is written", () => {
  const flow = workflow("f");
  flow.task("one", set({ n: 1 }), {
    if: "true",
    input: expr("."),
    as: expr("."),
    timeout: "1s",
    then: "end",
    metadata: { a: 1 },
  });
  const wanted: Json = {
    if: "true",
    input: { from: "${ . }" },
    set: { n: 1 },
    output: { as: "${ . }" },
    timeout: { after: { seconds: 1 } },
    then: "end",
    metadata: { a: 1 },
  };
  const made = flow.toManifest().spec["do"] ?? null;
  assert.ok(jsonEquals(made, [{ one: wanted }]), JSON.stringify(made));
});
