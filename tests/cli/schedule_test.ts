import assert from "node:assert/strict";
import { until } from "../until.ts";
import { createPlace, pick, type Place } from "./program.ts";

function workflow(name: string, schedule: string): string {
  return `apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: ${name} }
spec:
  schedule: ${schedule}
  do:
    - a: { set: { x: 1 } }
`;
}

async function applied(
  place: Place,
  schedules: Readonly<Record<string, string>>,
): Promise<void> {
  const text = Object.entries(schedules)
    .map(([name, schedule]) => workflow(name, schedule)).join("---\n");
  await place.write("w.yaml", text);
  const { code, stderr } = await place.run(["apply", "-f", "w.yaml"]);
  assert.equal(code, 0, stderr);
}

Deno.test("schedules can be listed, shown, held and let go", async () => {
  await using place = await createPlace();
  await applied(place, {
    nightly: '{ cron: "CRON_TZ=Europe/Berlin 0 3 * * *" }',
    pulse: "{ every: PT1H }",
  });
  const listed = await place.run(["schedule", "list"]);
  assert.match(listed.stdout, /^WORKFLOW +SCHEDULE +NEXT +LAST .*MISSED\n/);
  assert.match(
    listed.stdout,
    /nightly +0 3 \* \* \* in Europe\/Berlin +in \d+/,
  );
  assert.match(listed.stdout, /pulse +every 1 hour +in \d+m/);
  assert.deepEqual(await place.run(["schedule", "pause", "pulse"]), {
    code: 0,
    stdout: "pulse paused\n",
    stderr: "",
  });
  const held = await place.json(["schedule", "get", "pulse", "-o", "json"]);
  assert.equal(pick(held, "paused"), true);
  assert.equal(pick(held, "nextAt"), undefined);
  const { stdout } = await place.run(["schedule", "resume", "pulse"]);
  assert.match(stdout, /^pulse in \d+m\n$/);
  const missing = await place.run(["schedule", "get", "nihgtly"]);
  assert.equal(missing.code, 3);
  assert.match(missing.stderr, /Did you mean "nightly"/);
});

Deno.test("a workflow without a schedule has none to show", async () => {
  await using place = await createPlace();
  await place.write(
    "w.yaml",
    workflow("plain", "X").replace("  schedule: X\n", ""),
  );
  await place.run(["apply", "-f", "w.yaml"]);
  const { code, stderr } = await place.run(["schedule", "get", "plain"]);
  assert.equal(code, 3);
  assert.match(stderr, /Cannot find a schedule of workflow "plain"/);
});

Deno.test("worker --until-idle takes what is due and does not wait for more", async () => {
  await using place = await createPlace();
  await applied(place, {
    later: "{ every: PT1H }",
    now: "{ after: PT1H }",
  });
  const ran = await place.run(["worker", "--until-idle"]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /watching 2 schedules/);
  assert.match(ran.stdout, /scheduled: "now" \(1 hour after the end\)/);
  assert.doesNotMatch(ran.stdout, /"later"/);
  const list = await place.json(["execution", "list", "-o", "json"]);
  assert.equal(pick(list, "items.0.status.phase"), "COMPLETED");
  assert.equal(typeof pick(list, "items.0.spec.scheduledAt"), "string");
  assert.equal(pick(list, "items.1"), undefined);
});

Deno.test("two workers run each tick once, and kill -9 of one stops nothing", async () => {
  await using place = await createPlace();
  await applied(place, { pulse: "{ every: PT1S }" });
  const workers = [place.start(["worker"]), place.start(["worker"])];
  const ticks = async (): Promise<readonly string[]> => {
    const page = await place.json([
      "execution",
      "list",
      "--all",
      "-o",
      "json",
    ]);
    const times: string[] = [];
    for (let i = 0;; i++) {
      const time = pick(page, `items.${i}.spec.scheduledAt`);
      if (typeof time !== "string") return times;
      times.push(time);
    }
  };
  await until(async () => (await ticks()).length >= 2);
  const [first, second] = workers;
  first?.kill("SIGKILL");
  await first?.ended;
  const before = (await ticks()).length;
  await until(async () => (await ticks()).length >= before + 3);
  second?.kill("SIGTERM");
  await second?.ended;
  const all = await ticks();
  assert.equal(new Set(all).size, all.length, "a tick was run twice");
  const started = pick(
    await place.json(["schedule", "get", "pulse", "-o", "json"]),
    "startedCount",
  );
  assert.equal(started, all.length);
});

Deno.test("events that came while no worker ran start what they should", async () => {
  await using place = await createPlace();
  await applied(place, {
    bill:
      "{ on: { all: [{ with: { type: paid } }, { with: { type: packed } }] } }",
  });
  const publish = async (type: string, data: string): Promise<void> => {
    const words = ["event", "publish", "--type", type, "--data", data];
    const { code, stderr } = await place.run(words);
    assert.equal(code, 0, stderr);
  };
  await publish("paid", '{"order": 7}');
  const early = await place.run(["worker", "--until-idle"]);
  assert.doesNotMatch(early.stdout, /scheduled/);
  await publish("packed", '{"parcel": 3}');
  const { stdout } = await place.run(["worker", "--until-idle"]);
  assert.match(stdout, /scheduled: "bill" \(on paid and packed\)/);
  const list = await place.json(["execution", "list", "-o", "json"]);
  assert.deepEqual(pick(list, "items.0.spec.input"), [
    { order: 7 },
    { parcel: 3 },
  ]);
  assert.equal(pick(list, "items.0.status.phase"), "COMPLETED");
  assert.equal(pick(list, "items.1"), undefined);
});

Deno.test("an event that a run emits starts another workflow within one worker", async () => {
  await using place = await createPlace();
  await place.write(
    "w.yaml",
    `${workflow("second", "{ on: { one: { with: { type: done } } } }")}---
apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: { name: first }
spec:
  schedule: { after: PT1H }
  do:
    - tell: { emit: { event: { with: { type: done, data: { n: 1 } } } } }
`,
  );
  const { code, stderr } = await place.run(["apply", "-f", "w.yaml"]);
  assert.equal(code, 0, stderr);
  const ran = await place.run(["worker", "--until-idle"]);
  assert.match(ran.stdout, /scheduled: "first"[^]*scheduled: "second"/);
  assert.match(ran.stderr, /Ended 2 executions/);
});

Deno.test("each event starts one execution, though a worker is killed meanwhile", async () => {
  await using place = await createPlace();
  await applied(place, { take: "{ on: { one: { with: { type: x } } } }" });
  const count = 60;
  const lines = Array.from(
    { length: count },
    (_, n) => JSON.stringify({ type: "x", source: "/t", id: `${n}`, data: n }),
  );
  await place.write("events.json", `[${lines.join(",")}]`);
  const workers = [place.start(["worker"]), place.start(["worker"])];
  const [first, second] = workers;
  await Promise.all(workers.map((it) => it.said(/Working on/)));
  const { code, stderr } = await place.run([
    "event",
    "publish",
    "-f",
    "events.json",
  ]);
  assert.equal(code, 0, stderr);
  const seen = async (): Promise<readonly string[]> => {
    const words = ["execution", "list", "--all", "--phase", "completed"];
    const page = await place.json([...words, "-o", "json"]);
    const inputs: string[] = [];
    for (let i = 0;; i++) {
      const input = pick(page, `items.${i}.spec.input`);
      if (input === undefined) return inputs;
      inputs.push(JSON.stringify(input));
    }
  };
  await until(async () => (await seen()).length > 0);
  first?.kill("SIGKILL");
  await first?.ended;
  await until(async () => (await seen()).length >= count);
  second?.kill("SIGTERM");
  await second?.ended;
  const inputs = await seen();
  assert.equal(inputs.length, count);
  assert.equal(new Set(inputs).size, count);
});
