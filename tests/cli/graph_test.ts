import { deepEqual, equal, match, ok } from "node:assert/strict";
import { isJsonArray, type Json } from "../../src/model/json.ts";
import { createPlace, pick } from "./program.ts";

const WORKFLOW = `
apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: Count Up }
spec:
  document: { dsl: 1.0.3, namespace: a, name: count, version: 1.0.0 }
  do:
    - each:
        for: { in: "\${ [1, 2, 3] }" }
        do:
          - print: { run: { shell: { command: "echo hi" } } }
    - choose:
        switch:
          - never: { when: "false", then: lost }
          - always: { then: end }
    - lost: { set: { lost: true } }
`;

/** The state of each task of a drawn run, as `name PHASE×runs`. */
function states(graph: Json): readonly string[] {
  const nodes = pick(graph, "nodes");
  if (!isJsonArray(nodes ?? null)) throw new Error("no nodes");
  return (isJsonArray(nodes) ? nodes : []).map((node) =>
    `${pick(node, "name")} ${pick(node, "state.phase")}×${
      pick(node, "state.runs")
    }`
  );
}

Deno.test("workflow graph draws a file without a home folder", async () => {
  await using place = await createPlace();
  await place.write("w.yaml", WORKFLOW);
  const mermaid = await place.run(["workflow", "graph", "w.yaml"]);
  equal(mermaid.stderr, "");
  match(mermaid.stdout, /^flowchart TD\n {2}n0\(\["start"\]\)\n/);
  const dot = await place.run(["workflow", "graph", "w.yaml", "-o", "dot"]);
  match(dot.stdout, /^digraph "count" \{\n/);
  const wrong = await place.run(["workflow", "graph", "w.yaml", "-o", "table"]);
  equal(wrong.code, 2);
  match(wrong.stderr, /mermaid, dot, json/);
  ok(!await exists(place.home), "a home folder was made");
});

Deno.test("workflow graph draws an applied workflow, and how a run of it stands", async () => {
  await using place = await createPlace();
  await place.write("w.yaml", WORKFLOW);
  await place.run(["apply", "-f", "w.yaml"]);
  const ran = await place.run([
    "workflow",
    "execute",
    "count-up",
    "-o",
    "json",
  ]);
  equal(ran.code, 0, ran.stderr);
  const listed = await place.json(["execution", "list", "-o", "json"]);
  const id = `${pick(listed, "items.0.metadata.id")}`;
  // The run keeps to the version that it began with.
  await place.write(
    "w.yaml",
    WORKFLOW.replace("lost:", "found:")
      .replace("then: lost", "then: found"),
  );
  equal((await place.run(["apply", "-f", "w.yaml"])).code, 0);
  const now = await place.json(["workflow", "graph", "count-up", "-o", "json"]);
  deepEqual(states(now).at(4), "found undefined×undefined");
  const then = await place.json(
    ["workflow", "graph", "--execution", id, "-o", "json"],
  );
  deepEqual(states(then), [
    "start COMPLETED×1",
    "each COMPLETED×1",
    "print COMPLETED×3",
    "choose COMPLETED×1",
    "lost undefined×undefined",
    "end COMPLETED×1",
  ]);
  const other = await place.run(
    ["workflow", "graph", "other", "--execution", id],
  );
  equal(other.code, 2);
  match(other.stderr, /runs workflow "count-up", not "other"/);
});

Deno.test("workflow graph draws a run of a file that was not applied", async () => {
  await using place = await createPlace();
  await place.write("w.yaml", WORKFLOW);
  equal((await place.run(["run", "w.yaml"])).code, 0);
  const listed = await place.json(["execution", "list", "-o", "json"]);
  const id = `${pick(listed, "items.0.metadata.id")}`;
  const drawn = await place.run(["workflow", "graph", "--execution", id]);
  equal(drawn.code, 0, drawn.stderr);
  match(drawn.stdout, /print<br\/>run shell<br\/>COMPLETED ×3/);
});

Deno.test("workflow graph --execution shows what functions and extensions did", async () => {
  await using place = await createPlace();
  await place.write(
    "f.yaml",
    `
document: { dsl: 1.0.3, namespace: a, name: f, version: 1.0.0 }
use:
  functions:
    greet: { run: { shell: { command: "echo hi" } } }
  extensions:
    - note: { extend: call, before: [ { log: { set: { x: 1 } } } ] }
do:
  - each:
      for: { in: "\${ [1, 2, 3] }" }
      do: [ { hello: { call: greet } } ]
`,
  );
  equal((await place.run(["run", "f.yaml"])).code, 0);
  const listed = await place.json(["execution", "list", "-o", "json"]);
  const id = `${pick(listed, "items.0.metadata.id")}`;
  const drawn = await place.json(
    ["workflow", "graph", "--execution", id, "-o", "json"],
  );
  deepEqual(states(drawn), [
    "start COMPLETED×1",
    "each COMPLETED×1",
    "hello COMPLETED×3",
    "greet COMPLETED×3",
    "log COMPLETED×3",
    "end COMPLETED×1",
  ]);
});

Deno.test("workflow graph of a file with several asks which one to draw", async () => {
  await using place = await createPlace();
  const other = WORKFLOW.replace("Count Up", "Other");
  await place.write("two.yaml", `${WORKFLOW}---${other}`);
  const { code, stderr } = await place.run(["workflow", "graph", "two.yaml"]);
  equal(code, 2);
  match(stderr, /Cannot choose what to draw in "two.yaml": it holds Count Up/);
  match(stderr, /Choose one with --name NAME/);
  const one = ["workflow", "graph", "two.yaml", "--name", "Other"];
  equal((await place.run(one)).code, 0);
});

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}
