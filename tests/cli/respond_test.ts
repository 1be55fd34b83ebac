import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { until } from "../until.ts";
import { createPlace, pick, type Place } from "./program.ts";

const ASKING =
  `document: { dsl: 1.0.3, namespace: t, name: deploy, version: 1.0.0 }
do:
  - sure:
      call: human
      with:
        prompt: Deploy \${ .what } to production?
        outcomes: [approve, "not yet"]
        schema:
          type: object
          properties: { window: { type: string } }
      output: { as: "{outcome, data, comment}" }
`;

const SIMPLE =
  `document: { dsl: 1.0.3, namespace: t, name: ask, version: 1.0.0 }
do:
  - word: { call: human, with: { prompt: "Say a word" }, output: { as: .outcome } }
`;

function idIn(text: string): string {
  const id = /wex-[0-9a-z]{26}/.exec(text)?.[0];
  ok(id !== undefined, text);
  return id;
}

/** Waits until an execution is in a phase. */
async function reaches(
  place: Place,
  id: string,
  phase: string,
): Promise<unknown> {
  return await until(async () => {
    const found = await place.json(["execution", "get", id, "-o", "json"]);
    return pick(found, "status.phase") === phase && found;
  });
}

Deno.test("who watches a run is told how to answer it, and it goes on when another process does", async () => {
  await using place = await createPlace();
  await place.write("deploy.yaml", ASKING);
  const words = ["run", "deploy.yaml", "--input", "what=v2"];
  const submitted = await place.run([...words, "--detach", "-q"]);
  const worker = place.start(["worker"]);
  const run = place.start(["execution", "watch", submitted.stdout.trim()]);
  await run.said(/stigmer execution respond wex-\S+ --outcome approve --data/);
  await run.said("Asks: Deploy v2 to production?");
  await run.said("one of approve, not yet");
  const listed = await place.run(["execution", "list", "-o", "wide"]);
  match(listed.stdout, /WAITING .*answer to "Deploy v2 to production\?"/);
  const id = idIn(listed.stdout);
  const shown = await place.run(["execution", "get", id]);
  match(shown.stdout, /Waits for: +answer to "Deploy v2 to production\?"/);
  match(shown.stdout, /Asks: Deploy v2 to production\?\n {2}one of approve/);
  match(
    shown.stdout,
    new RegExp(
      `stigmer execution respond ${id} --outcome approve --data '{"window":""}'`,
    ),
  );
  await place.write("data.json", '{"window": "${ .night }"}');
  const answered = await place.run([
    "execution",
    "respond",
    id,
    "--outcome",
    "not yet",
    "--data",
    "@data.json",
    "--comment",
    "Sunday",
  ]);
  deepStrictEqual(
    [answered.code, answered.stdout],
    [0, `${id} got "not yet" for /do/0/sure\n`],
    answered.stderr,
  );
  const ended = await run.ended;
  deepStrictEqual([ended.code, JSON.parse(ended.stdout)], [0, {
    outcome: "not yet",
    data: { window: "${ .night }" },
    comment: "Sunday",
  }], ended.stderr);
  worker.kill("SIGTERM");
  await worker.ended;
});

Deno.test("a wrong answer is refused with what would be right, and its exit code says so", async () => {
  await using place = await createPlace();
  await place.write("deploy.yaml", ASKING);
  const run = await place.run(["run", "deploy.yaml", "--detach"]);
  const id = idIn(run.stdout);
  const early = await place.run(["execution", "respond", id]);
  strictEqual(early.code, 5, early.stderr);
  match(early.stderr, /it asks nothing, it is PENDING/);
  const worked = await place.run(["worker", "--until-idle"]);
  match(
    worked.stderr,
    new RegExp(`1 waits for an answer: stigmer execution respond ${id}\n$`),
  );
  await reaches(place, id, "WAITING");
  const wrong = await place.run([
    "execution",
    "respond",
    id,
    "--outcome",
    "aprove",
  ]);
  strictEqual(wrong.code, 2);
  match(wrong.stderr, /"aprove" is not an outcome of it/);
  match(wrong.stderr, /Did you mean "approve"\?/);
  const missing = await place.run(["execution", "respond", id]);
  strictEqual(missing.code, 2);
  match(missing.stderr, /needs an outcome, one of "approve", "not yet"/);
  const kept = await place.run([
    "execution",
    "respond",
    id,
    "--outcome",
    "approve",
    "--data",
    "-",
  ], { stdin: '{"window": "now"}' });
  strictEqual(kept.code, 0, kept.stderr);
  match(kept.stderr, /No worker has taken it yet, it is kept/);
  const again = await place.run([
    "execution",
    "respond",
    id,
    "--outcome",
    "approve",
  ]);
  strictEqual(again.code, 5);
  match(again.stderr, /"approve" by local-user at \d{4}-/);
  const resumed = await place.run(["execution", "resume", id]);
  deepStrictEqual(JSON.parse(resumed.stdout), {
    outcome: "approve",
    data: { window: "now" },
    comment: null,
  });
});

Deno.test("an answer survives kill -9 of whoever ran what asks, and any worker takes it", async () => {
  await using place = await createPlace();
  await place.write("ask.yaml", SIMPLE);
  const submitted = await place.run(["run", "ask.yaml", "--detach"]);
  const id = idIn(submitted.stdout);
  const first = place.start(["worker"]);
  await reaches(place, id, "WAITING");
  first.kill("SIGKILL");
  await first.ended;
  const answered = await place.run([
    "execution",
    "respond",
    id,
    "word",
    "--outcome",
    "hello",
    "-o",
    "name",
  ]);
  deepStrictEqual([answered.code, answered.stdout], [0, `${id}\n`]);
  const worker = await place.run(["worker", "--until-idle"]);
  strictEqual(worker.code, 0, worker.stderr);
  const found = await place.json(["execution", "get", id, "-o", "json"]);
  strictEqual(pick(found, "status.phase"), "COMPLETED");
  strictEqual(pick(found, "status.output"), "hello");
});

const BUSY = `document: { dsl: 1.0.3, namespace: t, name: busy, version: 1.0.0 }
do:
  - both:
      fork:
        branches:
          - word: { call: human, with: { prompt: "Say a word" } }
          - work: { run: { shell: { command: "sleep 3" } } }
      output: { as: ".[0].outcome" }
`;

/** How many requests are left for owners of runs. */
function openRequests(place: Place): number {
  const database = new DatabaseSync(`${place.home}/stigmer.db`, {
    readOnly: true,
  });
  try {
    const row = database.prepare(
      "SELECT count(*) AS count FROM run_requests WHERE sequence IS NULL",
    ).get();
    return Number(row?.count);
  } finally {
    database.close();
  }
}

Deno.test("an answer that an owner could not take before it was killed is taken by the next", async () => {
  await using place = await createPlace();
  await place.write("busy.yaml", BUSY);
  const run = place.start(["run", "busy.yaml"]);
  // A branch is at work: the run asks all the same.
  await run.said("Asks: Say a word");
  const id = idIn((await place.run(["execution", "list", "-q"])).stdout);
  run.kill("SIGSTOP");
  const answer = place.start([
    "execution",
    "respond",
    id,
    "--outcome",
    "hello",
  ]);
  await until(() => openRequests(place) > 0);
  run.kill("SIGKILL");
  await run.ended;
  const worker = await place.run(["worker", "--until-idle"]);
  strictEqual(worker.code, 0, worker.stderr);
  const answered = await answer.ended;
  deepStrictEqual([answered.code, answered.stdout], [
    0,
    `${id} got "hello" for /do/0/both/fork/branches/0/word\n`,
  ], answered.stderr);
  const found = await place.json(["execution", "get", id, "-o", "json"]);
  deepStrictEqual(
    [pick(found, "status.phase"), pick(found, "status.output")],
    ["COMPLETED", "hello"],
  );
});
