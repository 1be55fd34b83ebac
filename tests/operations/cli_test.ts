import assert from "node:assert/strict";
import { createPlace } from "../cli/program.ts";

Deno.test("retention is set by names and times, and shown as it can be set", async () => {
  await using place = await createPlace();
  const none = await place.run(["retention", "get"]);
  assert.match(none.stdout, /Executions: +for good\n/);
  assert.match(none.stdout, /Last collection: +never/);
  const set = await place.run([
    "retention",
    "set",
    "executions=30d",
    "journals=1w",
    "versions=20",
    "events=36h",
  ]);
  assert.equal(set.code, 0, set.stderr);
  await place.run(["retention", "set", "events=none", "audit=2y"]);
  const { stdout } = await place.run(["retention", "get", "-o", "name"]);
  assert.deepEqual(stdout.trim().split("\n"), [
    "executions=30d",
    "journals=7d",
    "artifacts=none",
    "events=none",
    "audit=730d",
    "versions=20",
  ]);
  const cases: readonly (readonly [string, RegExp])[] = [
    ["executions", /it says no time/],
    ["executions=soon", /give a time as 12h, 30d, 8w or 2y, or none/],
    ["execution=3d", /nothing is named "execution"[^]*executions/],
    ["versions=0", /give a number from 1/],
    ["audit=900y", /give a time/],
  ];
  for (const [word, words] of cases) {
    const { code, stderr } = await place.run(["retention", "set", word]);
    assert.equal(code, 2, word);
    assert.match(stderr, words);
  }
});

Deno.test("gc counts what would go, and then it goes", async () => {
  await using place = await createPlace();
  await place.write(
    "flow.yaml",
    `document: { dsl: 1.0.0, namespace: t, name: flow, version: 1.0.0 }
do: [{ a: { wait: { milliseconds: 1 } } }, { b: { set: { x: 1 } } }]
`,
  );
  const ran = await place.run(["run", "flow.yaml"]);
  assert.equal(ran.code, 0, ran.stderr);
  const id = (await place.run(["execution", "list", "-o", "name"])).stdout
    .trim();
  const nothing = await place.run(["gc"]);
  assert.match(nothing.stderr, /Nothing is past its time/);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const journal = await place.run(["gc", "--journals", "1s"]);
  assert.match(journal.stdout, /WENT +COUNT\njournals +1/);
  const logs = await place.run(["execution", "logs", id]);
  assert.match(logs.stderr, /Entries 2 to \d+ of the journal were removed/);
  const got = await place.run(["execution", "get", id]);
  assert.match(got.stdout, /Journal: +removed /);
  const trace = await place.run(["execution", "trace", id]);
  assert.equal(trace.code, 5);
  assert.match(trace.stderr, /its journal was removed on/);
  const dry = await place.run(["gc", "--executions", "1s", "--dry-run"]);
  assert.match(dry.stdout, /WOULD GO +COUNT\nexecutions +1/);
  assert.match(dry.stderr, /nothing was removed/);
  const json = await place.json(["gc", "--executions", "1s", "-o", "json"]);
  assert.equal(JSON.parse(JSON.stringify(json)).executionCount, 1);
  assert.equal((await place.run(["execution", "list", "-q"])).stdout, "");
});
