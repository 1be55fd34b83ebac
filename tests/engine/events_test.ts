/**
 * Events between executions, on a store and workers as in a process.
 *
 * @module
 */

import assert from "node:assert/strict";
import { completeEvent } from "../../src/model/cloud_event.ts";
import type { CloudEvent } from "../../src/model/durable.ts";
import type { ExecutionId } from "../../src/model/id.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { insertEvent, listEvents } from "../../src/store/events.ts";
import { getExecution } from "../../src/store/executions.ts";
import { requestCancel } from "../../src/store/requests.ts";
import { requestPause, requestResume } from "../../src/store/requests.ts";
import { checkWorkflow } from "../../src/workflow/check.ts";
import type { Plan } from "../../src/workflow/tree.ts";
import {
  type Home,
  openHome,
  reaches,
  story,
  submit,
  until,
  workOn,
} from "./fixture.ts";

let published = 0;

/** Reads a definition. */
function planOf(tasks: Json, more: JsonObject = {}): Plan {
  const { plan, diagnostics } = checkWorkflow({
    document: { dsl: "1.0.3", namespace: "t", name: "t", version: "1.0.0" },
    do: tasks,
    ...more,
  });
  assert.deepEqual(diagnostics.filter((it) => it.severity === "error"), []);
  assert.ok(plan !== undefined);
  return plan;
}

/** Keeps an event from outside. */
function publish(home: Home, type: string, more: CloudEvent = {}): void {
  const event = completeEvent({ type, ...more }, {
    id: `e${++published}`,
    source: "/test",
    nowMs: home.host.clock.now(),
  });
  insertEvent(home.database, event, { nowMs: home.host.clock.now() });
}

interface Scene {
  readonly home: Home;
  /** Starts an execution. */
  readonly start: (name: string, input?: Json) => ExecutionId;
  /** The output of one that completes. */
  readonly output: (id: ExecutionId) => Promise<Json>;
  /** Waits until one has left memory to wait for events. */
  readonly parked: (id: ExecutionId) => Promise<void>;
}

/** Plays a scene with a worker at work. */
async function play(
  plans: Readonly<Record<string, Plan>>,
  work: (scene: Scene) => Promise<void>,
): Promise<void> {
  const path = Deno.makeTempDirSync({ prefix: "stigmer-events-" });
  try {
    using home = openHome(path);
    const ended = new AbortController();
    await using worker = workOn(home, { plans });
    const serving = worker.serve({ signal: ended.signal });
    await work({
      home,
      start: (name, input = {}) => submit(home, name, input),
      async output(id) {
        const record = await reaches(home, id);
        assert.equal(record.phase, "COMPLETED", record.failure?.detail);
        return record.output ?? null;
      },
      parked: (id) =>
        until(home, `${id} leaves memory`, () => isParked(home, id)),
    });
    ended.abort();
    await serving;
  } finally {
    Deno.removeSync(path, { recursive: true });
  }
}

function isParked(home: Home, id: ExecutionId): boolean {
  const row = home.database.prepare(
    "SELECT owner FROM runs WHERE execution_id = ?",
  ).get(id);
  return row?.owner === null &&
    getExecution(home.database, id)?.phase === "WAITING";
}

const one = (type: string, more: JsonObject = {}): JsonObject => ({
  listen: { to: { one: { with: { type } } }, ...more },
});

Deno.test("an execution parks until its event comes, and says what it waits for", async () => {
  await play({ a: planOf([{ wait: one("test.go") }]) }, async (scene) => {
    const { home } = scene;
    const id = scene.start("a");
    await scene.parked(id);
    assert.equal(
      getExecution(home.database, id)?.waitingFor,
      "event test.go",
    );
    publish(home, "test.other");
    publish(home, "test.go", { data: { n: 1 } });
    assert.deepEqual(await scene.output(id), [{ n: 1 }]);
    assert.deepEqual(
      story(home, id).filter((it) => !it.startsWith("EXECUTION_")),
      ["EVENT_RECEIVED /do/0/wait/event/0"],
    );
  });
});

Deno.test("a list names the events of all who listen, some of them", async () => {
  const listen = (to: Json): JsonObject => ({ listen: { to } });
  const any = (...types: string[]): Json => ({
    any: types.map((type) => ({ with: { type } })),
  });
  const fork = (...tasks: JsonObject[]): Plan =>
    planOf([{
      f: { fork: { branches: tasks.map((it, i) => ({ [`b${i}`]: it })) } },
    }]);
  const plans = {
    two: planOf([{ w: listen(any("a", "b")) }]),
    many: planOf([{ w: listen(any("a", "b", "c", "d")) }]),
    all: fork(listen(any("a")), listen(any("b")), listen(any("a"))),
    some: fork(listen(any("a")), listen(any())),
  };
  await play(plans, async ({ home, start, parked }) => {
    const said: string[] = [];
    for (const name of Object.keys(plans)) {
      const id = start(name);
      await parked(id);
      said.push(getExecution(home.database, id)?.waitingFor ?? "");
    }
    assert.deepEqual(said, [
      "event a, b",
      "event a, b, c, …",
      "event a, b",
      "event a, of any type",
    ]);
  });
});

Deno.test("only executions that may want an event are called back", async () => {
  const plans = {
    a: planOf([{ wait: one("test.a") }]),
    b: planOf([{ wait: one("test.b") }]),
  };
  await play(plans, async (scene) => {
    const [a, b] = [scene.start("a"), scene.start("b")];
    await scene.parked(a);
    await scene.parked(b);
    publish(scene.home, "test.a");
    await scene.output(a);
    const starts = (id: ExecutionId) =>
      story(scene.home, id).filter((it) => it === "EXECUTION_STARTED").length;
    assert.deepEqual([starts(a), starts(b)], [2, 1]);
  });
});

Deno.test("an event that came after the start and before the listener is taken", async () => {
  const plan = planOf([
    { before: { wait: { milliseconds: 300 } } },
    { wait: one("test.go") },
  ]);
  await play({ a: plan }, async (scene) => {
    publish(scene.home, "test.go", { data: "before the start" });
    const id = scene.start("a");
    publish(scene.home, "test.go", { data: "before the listener" });
    assert.deepEqual(await scene.output(id), ["before the listener"]);
  });
});

Deno.test("an event that a listener took is not seen by those after it", async () => {
  const plan = planOf([{
    all: {
      for: { in: ".pets", each: "pet" },
      do: [{
        checkup: {
          ...one("test.checkup"),
          export: { as: "$context + ." },
        },
      }],
    },
  }], { output: { as: "$context" } });
  await play({ a: plan }, async (scene) => {
    const id = scene.start("a", { pets: [1, 2, 3] });
    for (const n of [1, 2, 3]) publish(scene.home, "test.checkup", { data: n });
    assert.deepEqual(await scene.output(id), [1, 2, 3]);
  });
});

Deno.test("what a listener took whose output failed can be taken again", async () => {
  const unfit: Readonly<Record<string, JsonObject>> = {
    as: { output: { as: '${ error("unfit") }' } },
    schema: { output: { schema: { document: { type: "object" } } } },
    export: { export: { as: '${ error("unfit") }' } },
  };
  for (const [what, more] of Object.entries(unfit)) {
    const plan = planOf([{
      it: {
        try: [{ first: { ...one("test.go"), ...more } }],
        catch: { do: [{ again: one("test.go") }] },
      },
    }]);
    await play({ [what]: plan }, async (scene) => {
      const id = scene.start(what);
      publish(scene.home, "test.go", { data: what });
      assert.deepEqual(await scene.output(id), [what]);
    });
  }
});

Deno.test("listeners that are open at once each see an event", async () => {
  const plan = planOf([{
    both: {
      fork: {
        branches: [
          { a: { do: [{ one: one("test.go") }, { two: one("test.go") }] } },
          { b: one("test.go") },
        ],
      },
    },
  }]);
  await play({ a: plan }, async (scene) => {
    const id = scene.start("a");
    await scene.parked(id);
    publish(scene.home, "test.go", { data: 1 });
    await until(
      scene.home,
      "both took it",
      () => story(scene.home, id).filter((it) => /^EVENT/.test(it)).length > 1,
    );
    await scene.parked(id);
    publish(scene.home, "test.go", { data: 2 });
    assert.deepEqual(await scene.output(id), [[2], [1]]);
  });
});

Deno.test("an emitted event reaches other executions and its own", async () => {
  const plans = {
    speaker: planOf([
      {
        say: {
          emit: {
            event: {
              with: { type: "test.said", data: { word: "${ .word }" } },
            },
          },
        },
      },
      { hear: one("test.said") },
    ]),
    listener: planOf([{ hear: one("test.said", { read: "envelope" }) }]),
  };
  await play(plans, async (scene) => {
    const listener = scene.start("listener");
    await scene.parked(listener);
    const speaker = scene.start("speaker", { word: "${ .a }" });
    assert.deepEqual(await scene.output(speaker), [{ word: "${ .a }" }]);
    const heard = await scene.output(listener);
    const { items } = listEvents(scene.home.database, {}, {
      size: 0,
      token: "",
    });
    assert.equal(items.length, 1);
    assert.deepEqual(heard, [items[0]?.event]);
    assert.equal(items[0]?.executionId, speaker);
    assert.equal(
      items[0]?.event.source,
      `/stigmer/workflows/t/executions/${speaker}`,
    );
  });
});

Deno.test("a listener keeps listening while another branch is at work", async () => {
  const branches = [
    { hear: one("test.go") },
    { tick: { wait: { milliseconds: 200 } } },
  ];
  const plan = planOf([{ both: { fork: { branches } } }], {
    output: { as: ".[0]" },
  });
  await play({ a: plan }, async (scene) => {
    const id = scene.start("a");
    await until(
      scene.home,
      "its timer is set",
      () => story(scene.home, id).some((it) => it.startsWith("TIMER_SET")),
    );
    publish(scene.home, "test.go", { data: 7 });
    assert.deepEqual(await scene.output(id), [7]);
  });
});

Deno.test("a paused execution takes events once it goes on", async () => {
  await play({ a: planOf([{ wait: one("test.go") }]) }, async (scene) => {
    const { home } = scene;
    const id = scene.start("a");
    await scene.parked(id);
    const asked = { nowMs: home.host.clock.now() };
    requestPause(home.database, id, asked);
    publish(home, "test.go", { data: 1 });
    const due = home.database.prepare("SELECT due_at_ms FROM runs").get();
    assert.equal(due?.due_at_ms, null);
    assert.equal(getExecution(home.database, id)?.phase, "PAUSED");
    requestResume(home.database, id, asked);
    assert.deepEqual(await scene.output(id), [1]);
  });
});

Deno.test("a cancelled listener is forgotten", async () => {
  await play({ a: planOf([{ wait: one("test.go") }]) }, async (scene) => {
    const { home } = scene;
    const id = scene.start("a");
    await scene.parked(id);
    const kept = () =>
      home.database.prepare("SELECT count(*) AS n FROM listeners").get()?.n;
    assert.equal(kept(), 1);
    requestCancel(home.database, id, {
      nowMs: home.host.clock.now(),
      reason: "",
    });
    assert.equal(kept(), 0);
    publish(home, "test.go");
    assert.equal((await reaches(home, id)).phase, "CANCELLED");
  });
});

Deno.test("a timeout ends a listener, and can be caught", async () => {
  const plan = planOf([{
    attempt: {
      try: [{
        wait: { ...one("test.never"), timeout: { after: { seconds: 1 } } },
      }],
      catch: { do: [{ say: { set: "${ $error.status }" } }] },
    },
  }]);
  await play({ a: plan }, async (scene) => {
    const id = scene.start("a");
    await scene.parked(id);
    assert.equal(await scene.output(id), 408);
    const { n } = scene.home.database.prepare(
      "SELECT count(*) AS n FROM listeners",
    ).get() ?? {};
    assert.equal(n, 0);
  });
});

Deno.test("a listener that woke in vain looks on from where it was", async () => {
  const filter = { with: { type: "test.n", data: "${ . > 2 }" } };
  const plan = planOf([{ wait: { listen: { to: { one: filter } } } }]);
  await play({ a: plan }, async (scene) => {
    const id = scene.start("a");
    for (const n of [1, 2, 3]) {
      await scene.parked(id);
      const seen = () =>
        Number(
          scene.home.database.prepare("SELECT seen FROM listeners").get()?.seen,
        );
      publish(scene.home, "test.n", { data: n });
      if (n < 3) await until(scene.home, `${n} was seen`, () => seen() === n);
    }
    assert.deepEqual(await scene.output(id), [3]);
  });
});
