import assert from "node:assert/strict";
import { createPlace, pick, type Place } from "./program.ts";

const DEMO =
  `document: { dsl: '1.0.3', namespace: t, name: demo, version: '1.0.0' }
do:
  - count:
      run: { shell: { command: "echo one >> count; wc -l < count" } }
  - loop:
      for: { each: name, in: '["a", "b"]' }
      do:
        - greet: { set: { text: "\${ \\"hello \\" + $name }" } }
  - needs:
      run: { shell: { command: "cat flag" } }
`;

async function failedOnce(place: Place): Promise<string> {
  await place.write("demo.yaml", DEMO);
  const { code, stderr } = await place.run(["run", "demo.yaml"]);
  assert.equal(code, 1, stderr);
  const listed = await place.run(["execution", "list", "-o", "name"]);
  return listed.stdout.trim();
}

Deno.test("execution retry goes on where the run failed, and follows it", async () => {
  await using place = await createPlace();
  const id = await failedOnce(place);
  await place.write("flag", "here\n");
  const again = await place.run(["execution", "retry", id]);
  assert.equal(again.code, 0, again.stderr);
  assert.equal(again.stdout, "here\n");
  assert.match(again.stderr, /Execution wex-\S+, 1 recorded result\n/);
  assert.equal(await Deno.readTextFile(`${place.folder}/count`), "one\n");
  const from = await place.run(["execution", "retry", id, "--from", "count"]);
  assert.equal(from.code, 0, from.stderr);
  assert.equal(await Deno.readTextFile(`${place.folder}/count`), "one\none\n");
});

Deno.test("execution retry --detach leaves it to a worker", async () => {
  await using place = await createPlace();
  const id = await failedOnce(place);
  await place.write("flag", "here\n");
  const made = await place.run(["execution", "retry", id, "-d"]);
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /^wex-\S+\n$/);
  assert.match(made.stderr, /begins with 1 recorded result\n/);
  await place.run(["worker", "--until-idle"]);
  const got = await place.json([
    "execution",
    "get",
    made.stdout.trim(),
    "-o",
    "json",
  ]);
  assert.equal(pick(got, "status.phase"), "COMPLETED");
  assert.equal(pick(got, "spec.retryOf"), id);
});

Deno.test("execution retry says what it cannot begin with", async () => {
  await using place = await createPlace();
  const id = await failedOnce(place);
  const unknown = await place.run([
    "execution",
    "retry",
    id,
    "--from",
    "coutn",
  ]);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /Did you mean "count"\?/);
  const latest = await place.run(["execution", "retry", id, "--latest"]);
  assert.match(latest.stderr, /it ran from a file/);
});

Deno.test("execution trace prints tasks as a tree, and whole as JSON", async () => {
  await using place = await createPlace();
  const id = await failedOnce(place);
  const { stdout, code } = await place.run(["execution", "trace", id]);
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^demo FAILED wex-\S+\n {2}count {2}run shell {2}COMPLETED/,
  );
  assert.match(
    stdout,
    /\n {4}\[1\] greet {2}set .*\n {6}input: \{"text":"hello a"\}\n/,
  );
  assert.match(
    stdout,
    /\n {2}needs {2}run shell {2}FAILED .*\n.*\n {4}error: /,
  );
  const json = await place.json(["execution", "trace", id, "-o", "json"]);
  assert.equal(pick(json, "tasks.0.status.name"), "count");
  assert.equal(pick(json, "tasks.2.output.text"), "hello a");
  const full = await place.run(["execution", "trace", id, "--full"]);
  assert.match(full.stdout, /output: \{\n +"text": "hello b"\n +\}/);
});
