import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createPlace, pick } from "./program.ts";

const WARNED = `document: { dsl: 1.0.3, namespace: a, name: b, version: 1.0.0 }
do:
  - one: { set: { a: 1 }, then: end }
  - two: { set: { a: 2 } }
`;
const LATER = `apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: later }
spec:
  # Not kept.
  tasks:
    - { name: one, kind: SET, task_config: { variables: { a: "\${ .x }" } } }
`;

Deno.test("validate --strict takes warnings for errors", async () => {
  await using place = await createPlace();
  await place.write("w.yaml", WARNED);
  const mild = await place.run(["validate", "-f", "w.yaml"]);
  equal(mild.code, 0);
  match(mild.stderr, /w\.yaml:4:5: warning: Task "two" is never reached/);
  const strict = await place.run(["validate", "w.yaml", "--strict"]);
  equal(strict.code, 2);
  match(strict.stderr, /error: Task "two" is never reached/);
});

Deno.test("apply, diff and run say every warning once", async () => {
  await using place = await createPlace();
  await place.write("w.yaml", WARNED);
  for (const verb of ["apply -f", "diff -f", "run"]) {
    const { stderr } = await place.run([...verb.split(" "), "w.yaml"]);
    equal(stderr.split("warning:").length, 2, `${verb}: ${stderr}`);
  }
});

Deno.test("validate -o json says for editors where a problem begins and ends", async () => {
  await using place = await createPlace();
  await place.write("w.yaml", WARNED.replace("set: { a: 2", "sett: { a: 2"));
  const { code, stdout, stderr } = await place.run(
    ["workflow", "validate", "w.yaml", "-o", "json"],
  );
  equal(code, 2);
  equal(stderr, "");
  const said = JSON.parse(stdout);
  equal(pick(said, "valid"), false);
  deepEqual(pick(said, "diagnostics.0"), {
    severity: "error",
    file: "w.yaml",
    line: 4,
    column: 12,
    endLine: 4,
    endColumn: 16,
    message: 'Unknown field "sett" of a task',
    hint: 'Did you mean "set"?',
  });
});

Deno.test("convert prints documents, which run as the others do", async () => {
  await using place = await createPlace();
  await place.write("later.yaml", LATER);
  const { stdout, code } = await place.run(["convert", "-f", "later.yaml"]);
  equal(code, 0);
  match(stdout, /\n {2}do:\n {4}- one:\n {8}set:\n {10}a: \$\{ \.x \}\n$/);
  ok(!stdout.includes("Not kept"));
  await place.write("new.yaml", stdout);
  for (const file of ["later.yaml", "new.yaml"]) {
    const ran = await place.run(["run", file, "--input", "x=7", "-o", "json"]);
    equal(ran.code, 0, ran.stderr);
    equal(`${pick(JSON.parse(ran.stdout), "status.output.a")}`, "7");
  }
  const again = await place.run(["convert", "new.yaml"]);
  equal(again.stdout, stdout);
  const json = await place.json(["convert", "later.yaml", "-o", "json"]);
  deepEqual(pick(json, "spec.do"), [{ one: { set: { a: "${ .x }" } } }]);
});

Deno.test("an applied workflow of later releases is kept as it is written", async () => {
  await using place = await createPlace();
  await place.write("later.yaml", LATER);
  equal((await place.run(["apply", "-f", "later.yaml"])).code, 0);
  const kept = await place.json(["workflow", "get", "later", "-o", "json"]);
  equal(pick(kept, "spec.tasks.0.kind"), "SET");
  const again = await place.run(["apply", "-f", "later.yaml"]);
  match(again.stdout, /unchanged/);
  const graph = await place.run(["workflow", "graph", "later"]);
  match(graph.stdout, /"one<br\/>set"/);
});

Deno.test("convert prints what is a document as it stands, and refuses graphs", async () => {
  await using place = await createPlace();
  const text = `# kept\n${WARNED}`;
  await place.write("w.yaml", text);
  equal((await place.run(["convert", "-f", "w.yaml"])).stdout, text);
  const open = text.trimEnd().replace("name: b", "name: c");
  await place.write("open.yaml", open);
  equal((await place.run(["convert", "open.yaml"])).stdout, open);
  const both = await place.run(["convert", "open.yaml", "w.yaml"]);
  equal(both.stdout, `${open}\n---\n${text}`);
  await place.write(
    "graph.yaml",
    "apiVersion: agentic.stigmer.ai/v1\nkind: Workflow\nmetadata: {name: g}\n" +
      "spec: {tasks: [{name: a, agent: b}]}\n",
  );
  const graph = await place.run(["convert", "-f", "graph.yaml"]);
  equal(graph.code, 2);
  match(graph.stderr, /Cannot convert workflow "g" \(graph\.yaml:1\)/);
});

Deno.test("schema prints a JSON Schema for each kind, and for any manifest", async () => {
  await using place = await createPlace();
  for (const kind of ["workflow", "Agents", "env", "agent-instance"]) {
    const schema = await place.json(["schema", kind]);
    equal(pick(schema, "$schema"), "http://json-schema.org/draft-07/schema#");
  }
  const whole = await place.run(["schema", "-o", "yaml"]);
  match(whole.stdout, /^\$schema: .*\ntitle: Stigmer manifest\n/);
  equal((await place.run(["schema", "constructor"])).code, 2);
  const unknown = await place.run(["schema", "workflw"]);
  equal(unknown.code, 2);
  match(unknown.stderr, /no schema of "workflw"[\s\S]*"workflow"/);
});

Deno.test("explain prints a kind, a field, and what a shell may offer", async () => {
  await using place = await createPlace();
  const model = await place.run(["explain", "agent.model"]);
  equal(model.stderr, "");
  match(model.stdout, /^Kind: +Agent\nVersion: .*\nField: +spec\.model\n/);
  match(model.stdout, /\nFields:\n {2}name <string>\n {4}`anthropic\/NAME`/);
  ok(model.stdout.split("\n").every((line) => line.length <= 80));
  const tree = await place.run(["explain", "task.http", "-r"]);
  match(tree.stdout, /\n {2}with <object> required\n {4}method <string>/);
  const json = await place.json(["explain", "agent.spec", "-o", "json"]);
  equal(pick(json, "fields.0.name"), "description");
  const kinds = await place.run(["explain", "-o", "name"]);
  ok(kinds.stdout.split("\n").includes("mcp-server"));
  const offered = await place.run([
    "complete",
    "--",
    "explain",
    "agent.spec.mo",
  ]);
  equal(offered.stdout, "agent.spec.model\t\n:4\n");
  const unknown = await place.run(["explain", "agent.modle"]);
  equal(unknown.code, 2);
  match(unknown.stderr, /Agent has no such field\n.*Did you mean "model"/);
});
