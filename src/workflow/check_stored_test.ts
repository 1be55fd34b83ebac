import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Json, JsonObject } from "../model/json.ts";
import { checkWorkflow } from "./check.ts";

const DOCUMENT = {
  dsl: "1.0.3",
  namespace: "test",
  name: "sample",
  version: "1.0.0",
};

function workflow(tasks: Json): JsonObject {
  return { document: DOCUMENT, do: tasks };
}

/** What 0.1.0 took and a later release refuses, by the place of the error. */
const TAKEN_BEFORE: Readonly<Record<string, JsonObject>> = {
  "/do/0/a/input/from": { set: { x: 1 }, input: { from: 42 } },
  "/do/0/a/output/as": { set: { x: 1 }, output: { as: [1] } },
  "/do/0/a/set/x": {
    set: { x: "text" },
    output: {
      schema: { document: { properties: { x: { type: "number" } } } },
    },
  },
  "/do/0/a/set": {
    set: { x: "${ .y }" },
    output: { schema: { document: { required: ["y"] } } },
  },
  "/do/0/a/set/y": { set: { y: "${ $authorization }" } },
  "/do/0/a/for/in": { for: { in: {} }, do: [{ b: { set: { x: 1 } } }] },
  "/do/0/a/catch/errors/with": {
    try: [{ b: { set: { x: 1 } } }],
    catch: { errors: { with: {} } },
  },
  "/do/0/a/fork/branches/0/b/switch/0/d/then": {
    fork: {
      branches: [
        { b: { switch: [{ d: { when: ".x", then: "c" } }] } },
        { c: { set: { x: 1 } } },
      ],
    },
  },
  "/do/0/a/raise/error/type": {
    raise: { error: { type: "out of stock", status: 409 } },
  },
  "/do/0/a/with/headers/accept": {
    call: "http",
    with: {
      method: "get",
      endpoint: "https://a.test",
      headers: { accept: [] },
    },
  },
  "/do/0/a/with/body": {
    call: "http",
    with: {
      method: "post",
      endpoint: "https://a.test",
      body: "${ $authorization }",
    },
  },
  "/do/0/a/run/shell/stdin": { run: { shell: { command: "cat", stdin: 42 } } },
  "/do/0/a/run/shell/arguments": {
    run: { shell: { command: "echo", arguments: "a" } },
  },
  "/do/0/a/run/shell/arguments/0": {
    run: { shell: { command: "echo", arguments: [{}] } },
  },
};

Deno.test("checkWorkflow() reads on what an earlier release took, and refuses it anew", () => {
  for (const [pointer, task] of Object.entries(TAKEN_BEFORE)) {
    const spec = workflow([{ a: task }]);
    const anew = checkWorkflow(spec);
    strictEqual(anew.plan, undefined, pointer);
    deepStrictEqual(anew.diagnostics.map((it) => it.pointer), [pointer]);
    const stored = checkWorkflow(spec, { isStored: true });
    ok(stored.plan !== undefined, JSON.stringify(stored.diagnostics));
    deepStrictEqual(
      stored.diagnostics,
      anew.diagnostics.map((it) => ({ ...it, severity: "warning" })),
    );
    const { body } = stored.plan;
    ok(body.kind === "sequence");
    strictEqual(body.tasks[0]?.reveals, undefined, pointer);
  }
});

Deno.test("checkWorkflow() makes no plan of a stored workflow that says nothing clear", () => {
  const spec = workflow([{ a: { set: { x: "${ .a + }" } } }]);
  strictEqual(checkWorkflow(spec, { isStored: true }).plan, undefined);
});

Deno.test("checkWorkflow() tells a length of time from the name of a timeout", () => {
  const { diagnostics } = checkWorkflow(
    workflow([{ a: { set: { x: 1 }, timeout: "PT15S" } }]),
  );
  deepStrictEqual(diagnostics.map(({ pointer, hint }) => [pointer, hint]), [
    ["/do/0/a/timeout", "Write { after: PT15S }"],
  ]);
});
