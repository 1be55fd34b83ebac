import { doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { until } from "../until.ts";
import { createPlace, pick } from "./program.ts";

const SLOW = `document: { dsl: 1.0.3, namespace: t, name: slow, version: 1.0.0 }
do:
  - nap: { run: { shell: { command: "test -e go || sleep 30" } } }
`;

const FAMILY =
  `document: { dsl: 1.0.3, namespace: t, name: top, version: 1.0.0 }
do:
  - middle: { run: { workflow: { namespace: t, name: middle, version: 1.0.0 } } }
---
document: { dsl: 1.0.3, namespace: t, name: middle, version: 1.0.0 }
do:
  - slow: { run: { workflow: { namespace: t, name: slow, version: 1.0.0 } } }
---
${SLOW}`;

function idIn(text: string): string {
  const id = /wex-[0-9a-z]{26}/.exec(text)?.[0];
  ok(id !== undefined, text);
  return id;
}

for (const signal of ["SIGKILL", "SIGTERM"] as const) {
  Deno.test(`a run that ${signal} left behind does not look alive, and says how to go on`, async () => {
    await using place = await createPlace();
    await place.write("slow.yaml", SLOW);
    const run = place.start(["run", "slow.yaml"]);
    await run.said(/nap/);
    const before = await place.run(["execution", "list", "-o", "wide"]);
    doesNotMatch(before.stdout, /a worker, to go on/);
    match(before.stdout, /RUNNING +\d/);
    run.kill(signal);
    await run.ended;
    const id = idIn(before.stdout);
    const listed = await place.run(["execution", "list", "-o", "wide"]);
    // It has no duration: its age stands there, and then what it waits for.
    match(listed.stdout, /RUNNING +\d+\w+ +a worker, to go on/);
    const shown = await place.run(["execution", "get", id]);
    match(
      shown.stdout,
      new RegExp(
        `Waits for: +a worker, to go on: stigmer execution resume ${id}`,
      ),
    );
    doesNotMatch(shown.stdout, /Duration:/);
    const found = await place.json(["execution", "get", id, "-o", "json"]);
    strictEqual(pick(found, "status.waitingFor"), "a worker, to go on");
    const watch = place.start(["execution", "watch", id]);
    await watch.said(/RUNNING, but no worker runs it.*execution resume wex-/);
    await place.write("go", "");
    const resumed = await place.run(["execution", "resume", id, "-q"]);
    strictEqual(resumed.code, 0, resumed.stderr);
    strictEqual((await watch.ended).code, 0);
    const ended = await place.run(["execution", "get", id]);
    doesNotMatch(ended.stdout, /a worker/);
    match(ended.stdout, /Duration:/);
  });
}

Deno.test("resume runs what a killed run left behind in all its depth", async () => {
  await using place = await createPlace();
  await place.write("family.yaml", FAMILY);
  const run = place.start(["run", "family.yaml", "--name", "top"]);
  const listing = ["execution", "list", "--workflow", "slow"];
  await until(async () => /RUNNING/.test((await place.run(listing)).stdout));
  run.kill("SIGKILL");
  await run.ended;
  await place.write("go", "");
  const top = idIn(
    (await place.run(["execution", "list", "--workflow", "top", "-q"])).stdout,
  );
  const resumed = await place.run(["execution", "resume", top, "-q"]);
  strictEqual(resumed.code, 0, resumed.stderr);
  const { stdout } = await place.run(["execution", "list"]);
  strictEqual(stdout.split("COMPLETED").length - 1, 3, stdout);
});

Deno.test("who watches a run whose timer is overdue is told that no worker runs it", async () => {
  await using place = await createPlace();
  await place.write(
    "nap.yaml",
    `document: { dsl: 1.0.3, namespace: t, name: nap, version: 1.0.0 }
do:
  - nap: { wait: { seconds: 2 } }
`,
  );
  const id = idIn((await place.run(["run", "nap.yaml", "-d"])).stdout);
  await place.run(["worker", "--until-idle", "-q"]);
  const watch = place.start(["execution", "watch", id]);
  await watch.said(
    new RegExp(
      `${id} waits for timer of "nap", which was due at \\S+Z, but no ` +
        `worker runs it.*stigmer execution resume ${id}`,
    ),
  );
  const resumed = await place.run(["execution", "resume", id]);
  strictEqual(resumed.code, 0, resumed.stderr);
  strictEqual((await watch.ended).code, 0);
});
