import assert from "node:assert/strict";
import {
  Phase,
  type TaskTrace,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { BackendClient } from "../../src/backend/open.ts";
import { jsonOfValue } from "../../src/backend/proto_json.ts";
import { TRACE_VALUES_MAX } from "../../src/backend/trace.ts";
import type { Json } from "../../src/model/json.ts";
import { counter, get, idOf, ran, ranBot } from "./retry_scene.ts";
import { runningSuite } from "./suite.ts";

/** Traces by the names of the tasks. */
async function traced(
  client: BackendClient,
  id: string,
): Promise<Readonly<Record<string, TaskTrace>>> {
  const { tasks } = await client.traceExecution({ id });
  return Object.fromEntries(tasks.map((it) => [it.status?.name ?? "", it]));
}

function json(trace: TaskTrace | undefined, key: "input" | "output"): Json {
  return jsonOfValue(trace?.[key], { absent: "absent", what: "it" });
}

runningSuite(
  "a trace has what each task was given and gave, and its tries",
  async (backend) => {
    await using server = counter();
    const { client } = backend;
    server.broken.add("bad");
    const failed = await ran(backend, {
      do: [
        { make: { set: { n: 1 }, output: { as: "{ m: (.n + 1) }" } } },
        { look: { input: { from: ".m" }, ...get(server.url, "look") } },
        {
          guarded: {
            try: [{ bad: get(server.url, "bad") }],
            catch: {
              retry: {
                delay: { milliseconds: 1 },
                limit: { attempt: { count: 1 } },
              },
            },
          },
        },
      ],
    });
    const tasks = await traced(client, idOf(failed));
    assert.deepEqual(json(tasks["make"], "input"), {});
    assert.deepEqual(json(tasks["make"], "output"), { m: 2 });
    assert.equal(json(tasks["look"], "input"), 2);
    assert.deepEqual(json(tasks["look"], "output"), { name: "look", count: 1 });
    assert.deepEqual(tasks["look"]?.tries.map((it) => it.attempt), [1]);
    assert.deepEqual(tasks["make"]?.tries, []);
    assert.equal(json(tasks["bad"], "output"), "absent");
    assert.match(tasks["bad"]?.tries[0]?.error?.detail ?? "", /500/);
    assert.deepEqual(tasks["guarded"]?.tries.map((it) => it.attempt), [1, 2]);
    assert.match(tasks["guarded"]?.tries[0]?.error?.detail ?? "", /500/);
  },
);

runningSuite(
  "a trace that would be too large keeps what passed last",
  async (backend) => {
    const { client } = backend;
    const done = await ran(backend, {
      do: [
        { first: { set: { text: '${ "x" * 200000 }' } } },
        {
          loop: {
            for: { each: "i", in: "${ [range(0; 100)] }" },
            do: [{ step: { set: { text: "${ .text }", i: "${ $i }" } } }],
          },
        },
        { last: { set: { n: 1 } } },
      ],
    });
    assert.equal(done.status?.phase, Phase.COMPLETED);
    const { tasks } = await client.traceExecution({ id: idOf(done) });
    assert.equal(tasks.length, 103);
    const left = tasks.map((it) => it.valuesLeftOut);
    assert.deepEqual(left, left.toSorted((a, b) => Number(b) - Number(a)));
    const [first, last] = [tasks[0], tasks.at(-1)];
    assert.equal(first?.valuesLeftOut, true);
    assert.equal(json(first, "output"), "absent");
    assert.equal(first?.status?.phase, Phase.COMPLETED);
    assert.deepEqual(json(last, "output"), { n: 1 });
    const sizes = tasks.map((it) =>
      JSON.stringify([json(it, "input"), json(it, "output")]).length
    );
    const size = sizes.reduce((sum, it) => sum + it, 0);
    assert.ok(size > TRACE_VALUES_MAX / 2 && size < TRACE_VALUES_MAX * 1.1);
  },
);

runningSuite(
  "a trace of an agent has its turns with what they were given",
  async (backend, home) => {
    const { client } = backend;
    const { execution: done } = await ranBot(client, {
      home: home.path,
      turn: "say: well",
    });
    const { tasks } = await client.traceExecution({ id: idOf(done) });
    const [turn] = tasks;
    assert.match(JSON.stringify(json(turn, "input")), /hello/);
    assert.match(JSON.stringify(json(turn, "output")), /well/);
    assert.equal(turn?.tries.length, 1);
  },
);
