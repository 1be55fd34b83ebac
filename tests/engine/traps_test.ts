/**
 * The language's known traps, each as a definition that is checked and run.
 *
 * Each was wrong in a system that came before. Traps of expressions, requests
 * and diagnostics are tested where those live.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createWorkflowMachine } from "../../src/engine/decide.ts";
import type { ActivityOutcome, CloudEvent } from "../../src/model/durable.ts";
import { type Failure, failureOf } from "../../src/model/failure.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../../src/model/json.ts";
import { checkWorkflow } from "../../src/workflow/check.ts";
import {
  type Effect,
  seeded,
  simulate,
  type SimulationOptions,
  type SimulationResult,
} from "./simulation.ts";

type Options = Partial<SimulationOptions> & {
  /** Keys of the document besides `do`. */
  readonly more?: JsonObject;
};

const DOCUMENT: JsonObject = {
  dsl: "1.0.3",
  namespace: "test",
  name: "trap",
  version: "1.0.0",
};

/** Checks a definition and runs it; calls answer with their body. */
function run(tasks: Json, options: Options = {}): SimulationResult {
  const { more = {}, ...rest } = options;
  const { plan, diagnostics } = checkWorkflow({
    document: DOCUMENT,
    do: tasks,
    ...more,
  });
  assert.deepEqual(diagnostics.filter((it) => it.severity === "error"), []);
  assert.ok(plan !== undefined);
  return simulate(
    () => createWorkflowMachine(plan, { executionId: "wex-t", variables: {} }),
    { input: {}, answer: echo, ...rest },
  );
}

function echo(effect: Effect): ActivityOutcome {
  return { kind: "completed", output: bodyOf(effect) };
}

function bodyOf(effect: Effect): Json {
  const input = effect.request.input;
  return (isJsonObject(input) ? member(input, "body") : undefined) ?? null;
}

/** `call: http`, answered by tests with what it sends. */
function call(body: Json = "${ . }", more: JsonObject = {}): JsonObject {
  return {
    call: "http",
    with: { method: "post", endpoint: "http://test/", body },
    ...more,
  };
}

const refused: ActivityOutcome = {
  kind: "failed",
  failure: failureOf("communication", "answered 503", { status: 503 }),
};

function outputOf({ decision }: SimulationResult): Json {
  assert.equal(decision.kind, "done", JSON.stringify(decision));
  return decision.kind === "done" ? decision.output : null;
}

function failureIn({ decision }: SimulationResult): Failure {
  assert.equal(decision.kind, "failed", JSON.stringify(decision));
  return decision.kind === "failed"
    ? decision.failure
    : failureOf("runtime", "");
}

function elapsedMs({ journal }: SimulationResult): number {
  return (journal.at(-1)?.timeMs ?? 0) - (journal[0]?.timeMs ?? 0);
}

/** A `retry` with a constant delay. */
function retry(ms: number, limit: JsonObject): JsonObject {
  return { delay: { milliseconds: ms }, limit };
}

function ms(milliseconds: number): JsonObject {
  return { milliseconds };
}

Deno.test("trap 1: then jumps backwards, bounded by a limit on visits", () => {
  const loop = (enough: string): Json => [
    { draft: call({ rounds: "${ .rounds + 1 }" }) },
    {
      review: {
        switch: [
          { again: { when: enough, then: "draft" } },
          { default: { then: "end" } },
        ],
      },
    },
  ];
  const input = { rounds: 0 };
  assert.deepEqual(outputOf(run(loop(".rounds < 4"), { input })), {
    rounds: 4,
  });
  const endless = [{ a: { set: { x: 1 }, then: "a" } }];
  assert.match(failureIn(run(endless)).detail, /"a" more than 10000 times/);
});

Deno.test("trap 2: end inside a nested do ends the workflow, exit only the list", () => {
  const tasks = (then: string): Json => [
    {
      outer: {
        do: [
          { inner: { do: [{ a: { set: "a", then } }, { b: { set: "b" } }] } },
          { c: { set: '${ . + "c" }' } },
        ],
      },
    },
    { last: { set: '${ . + "!" }' } },
  ];
  assert.equal(outputOf(run(tasks("exit"))), "ac!");
  assert.equal(outputOf(run(tasks("end"))), "a");
});

Deno.test("trap 3: catch.as binds the error under its name, default error", () => {
  const tasks = (as: JsonObject, name: string): Json => [{
    t: {
      try: [{ bad: call() }],
      catch: { ...as, do: [{ h: { set: `\${ $${name}.status }` } }] },
    },
  }];
  const answer = () => refused;
  assert.equal(outputOf(run(tasks({}, "error"), { answer })), 503);
  assert.equal(outputOf(run(tasks({ as: "oops" }, "oops"), { answer })), 503);
});

Deno.test("trap 4: errors.with filters on every field, and what it lets through propagates", () => {
  const tasks = (clause: JsonObject): Json => [{
    t: {
      try: [{ bad: call() }],
      catch: { ...clause, do: [{ h: { set: "caught" } }] },
    },
  }];
  const type = "https://serverlessworkflow.io/spec/1.0.0/errors/communication";
  const cases: readonly [JsonObject, boolean][] = [
    [{ errors: { with: { type, status: 503 } } }, true],
    [{ errors: { with: { type, status: 500 } } }, false],
    [{ errors: { with: { type: `${type}x`, status: 503 } } }, false],
    [{ errors: { with: { type } }, when: "$error.status == 503" }, true],
    [{ errors: { with: { type } }, when: "$error.status == 500" }, false],
    [{ errors: { with: { type } }, exceptWhen: "$error.status > 1" }, false],
    // What the fields let through is not asked for the conditions.
    [
      { errors: { with: { status: 500 } }, when: '"x" | error("asked")' },
      false,
    ],
  ];
  for (const [clause, caught] of cases) {
    const result = run(tasks(clause), { answer: () => refused });
    const what = JSON.stringify(clause);
    if (caught) assert.equal(outputOf(result), "caught", what);
    else assert.equal(failureIn(result).status, 503, what);
  }
});

Deno.test("trap 5: a retry's duration counts work too, and one attempt is bounded", () => {
  const slow = [{ w: { wait: ms(350) } }, { c: call() }];
  const tasks = (policy: JsonObject, body: Json = slow): Json => [
    { t: { try: body, catch: { retry: policy } } },
  ];
  const answer = () => refused;
  const byDuration = run(tasks(retry(100, { duration: ms(1000) })), { answer });
  assert.equal(byDuration.effects.length, 3);
  const bounded = retry(10, { attempt: { count: 2, duration: ms(200) } });
  const byAttempt = run(tasks(bounded), { answer });
  assert.equal(byAttempt.effects.length, 0);
  assert.match(failureIn(byAttempt).type, /timeout$/);
  assert.ok(elapsedMs(byAttempt) >= 620 && elapsedMs(byAttempt) < 660);
});

Deno.test("trap 5: backoff is constant, linear or exponential, for every error that is caught", () => {
  const delays = (backoff: JsonObject): number[] =>
    run([{
      t: {
        try: [{ bad: { set: "${ 1 + {} }" } }],
        catch: { retry: { ...retry(100, { attempt: { count: 3 } }), backoff } },
      },
    }]).journal.filter((it) => it.type === "TASK_RETRYING").map((it) => {
      const data = isJsonObject(it.data) ? it.data : {};
      return Number(member(data, "nextAttemptAtMs")) - it.timeMs;
    });
  assert.deepEqual(delays({ constant: {} }), [100, 100, 100]);
  assert.deepEqual(delays({ linear: {} }), [100, 200, 300]);
  assert.deepEqual(delays({ exponential: {} }), [100, 200, 400]);
});

Deno.test("trap 6: the first branch to finish wins a race; else outputs come in branch order", () => {
  const branches: Json = [
    { slow: { wait: ms(500), output: { as: '"slow"' } } },
    { quick: { wait: ms(5), output: { as: '"quick"' } } },
  ];
  const tasks = (
    compete: boolean,
  ): Json => [{ f: { fork: { compete, branches } } }];
  assert.deepEqual(outputOf(run(tasks(false))), ["slow", "quick"]);
  const race = run(tasks(true));
  assert.equal(outputOf(race), "quick");
  assert.ok(elapsedMs(race) < 50);
  assert.equal(race.machine.tasks()[1]?.phase, "CANCELLED");
});

Deno.test("trap 6: a failing branch fails the fork and cancels the rest, race or not", () => {
  for (const compete of [false, true]) {
    const branches: Json = [{ hang: call("hang") }, { bad: call("bad") }];
    const result = run([{ f: { fork: { compete, branches } } }], {
      answer: (it) => bodyOf(it) === "bad" ? refused : undefined,
    });
    assert.equal(failureIn(result).status, 503);
    assert.equal(result.machine.tasks()[1]?.phase, "CANCELLED");
  }
});

Deno.test("trap 5: a long run may retry more often than it may wait at once", () => {
  let calls = 0;
  const result = run([{
    loop: {
      for: { in: "[range(10100)]" },
      do: [{
        t: {
          try: [{ c: call() }],
          catch: { retry: retry(0, { attempt: { count: 1 } }) },
        },
      }],
    },
  }], { answer: (it) => ++calls % 2 === 1 ? refused : echo(it) });
  assert.deepEqual(outputOf(result), {});
  assert.equal(calls, 2 * 10_100);
});

Deno.test("trap 8: keys with dots, slashes, tildes and unicode survive in paths and data", () => {
  const names = ["a.b", "c/d", "e~f", "g~1h", "ü 漢", "#2"];
  const body = Object.fromEntries(names.map((name) => [name, name]));
  const result = run(names.map((name) => ({ [name]: call(body) })));
  assert.deepEqual(outputOf(result), body);
  assert.deepEqual(result.effects.map((it) => it.path), [
    "/do/0/a.b",
    "/do/1/c~1d",
    "/do/2/e~0f",
    "/do/3/g~01h",
    "/do/4/ü 漢",
    "/do/5/#2",
  ]);
});

Deno.test("trap 9: a crash resumes loops and retries where they were, with whole outputs", () => {
  const tasks: Json = [{
    loop: {
      for: { in: "[1, 2, 3]" },
      do: [{
        t: {
          try: [{ c: call("${ . + [{n: $item}] }") }],
          catch: { retry: retry(50, { attempt: { count: 5 } }) },
        },
      }],
    },
  }];
  const failOften = (random: () => number) => (it: Effect) =>
    random() < 0.3 ? refused : echo(it);
  for (let seed = 1; seed <= 40; seed++) {
    const wild = run(tasks, {
      input: [],
      random: seeded(seed),
      crash: 0.3,
      answer: failOften(seeded(seed + 1000)),
    });
    if (wild.decision.kind === "failed") continue;
    assert.deepEqual(outputOf(wild), [{ n: 1 }, { n: 2 }, { n: 3 }]);
    const results = wild.journal.filter((it) => it.type === "TASK_COMPLETED");
    assert.equal(results.length, 3, `seed ${seed}`);
  }
});

Deno.test("trap 10: switch takes the first match, else goes on; it never edits its definition", () => {
  const tasks: Json = [
    {
      s: {
        switch: [
          { one: { when: ".n == 1", then: "one" } },
          { also: { when: ".n == 1", then: "two" } },
        ],
      },
    },
    { next: { set: "next", then: "end" } },
    { one: { set: "one", then: "end" } },
    { two: { set: "two", then: "end" } },
  ];
  const before = JSON.stringify(tasks);
  assert.equal(outputOf(run(tasks, { input: { n: 1 } })), "one");
  assert.equal(outputOf(run(tasks, { input: { n: 2 } })), "next");
  assert.equal(JSON.stringify(tasks), before);
});

Deno.test("trap 11: for with while, over a literal, over null, nested, with a changing collection", () => {
  const loop = (more: JsonObject, set: Json): Json => [
    { f: { ...more, do: [{ s: { set } }] } },
  ];
  const cases: readonly [Json, Json, Json][] = [
    [
      loop({ for: { in: "[1, 2, 3]" }, while: "$item < 3" }, "${ . + $item }"),
      0,
      3,
    ],
    [loop({ for: { in: "[1, 2]" }, while: ". < 9" }, "${ . + 9 }"), 0, 9],
    [loop({ for: { in: [1, 2] } }, "${ . + $item }"), 0, 3],
    [loop({ for: { in: ".none" } }, "x"), { a: 1 }, { a: 1 }],
    [
      loop({ for: { in: ".xs", each: "x", at: "i" } }, {
        xs: "${ .xs + [$x + $i] }",
      }),
      { xs: [1, 2] },
      { xs: [1, 2, 1, 3] },
    ],
    [
      [{
        outer: {
          for: { in: "[1, 2]", each: "a" },
          do: [{
            inner: {
              for: { in: "[10, 20]", each: "b" },
              do: [{ s: { set: "${ . + [$a * $b] }" } }],
            },
          }],
        },
      }],
      [],
      [10, 20, 20, 40],
    ],
  ];
  for (const [tasks, input, expected] of cases) {
    assert.deepEqual(
      outputOf(run(tasks, { input })),
      expected,
      JSON.stringify(tasks),
    );
  }
});

const heard = (type: string, more: JsonObject = {}): JsonObject => ({
  listen: { to: { one: { with: { type } } }, ...more },
});

Deno.test("trap 14: emit gives the event it sent, the same after a crash", () => {
  const tasks: Json = [{
    say: {
      emit: {
        event: {
          with: { type: "test.said", roomid: "${ .room }", data: "${ . }" },
        },
      },
    },
  }];
  const input = { room: "7", word: "${ .room }" };
  const { decision, events, journal } = run(tasks, { input });
  assert.ok(decision.kind === "done" && isJsonObject(decision.output));
  const { id, time, ...rest } = decision.output;
  assert.deepEqual(rest, {
    specversion: "1.0",
    source: "/stigmer/workflows/trap/executions/wex-t",
    type: "test.said",
    datacontenttype: "application/json",
    roomid: "7",
    data: input,
  });
  assert.match(String(id), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.equal(time, new Date(journal[1]?.timeMs ?? 0).toISOString());
  assert.deepEqual(events, [decision.output]);
  const random = seeded(14);
  const crashed = run(tasks, { input, random, crash: 0.5 });
  assert.deepEqual(crashed.events.map((it) => it.id), [id]);
});

Deno.test("trap 14: an event that is none is refused with its attribute", () => {
  const emit = (event: JsonObject) =>
    run([{ say: { emit: { event: { with: event } } } }]).decision;
  const cases: readonly [JsonObject, RegExp][] = [
    [{ type: "${ null }" }, /its "type" is missing/],
    [{ type: "a", time: '${ "soon" }' }, /its "time" must be a time/],
    [{ type: "a", source: '${ "a b" }' }, /its "source" must be a URI/],
    [{ type: "a", room: "${ [] }" }, /its "room" must be .* not an array/],
  ];
  for (const [event, detail] of cases) {
    const decision = emit(event);
    assert.ok(decision.kind === "failed");
    assert.match(decision.failure.detail, detail);
    assert.match(decision.failure.type, /validation$/);
    assert.equal(decision.failure.instance, "/do/0/say");
  }
});

Deno.test("trap 14: an emitted event reaches who listens, each repetition anew", () => {
  const tasks: Json = [{
    both: {
      fork: {
        branches: [
          {
            speak: {
              for: { in: "[1, 2]", each: "n" },
              do: [{
                say: {
                  emit: { event: { with: { type: "n", data: "${ $n }" } } },
                },
              }],
            },
          },
          { hear: { do: [{ a: heard("n") }, { b: heard("n") }] } },
        ],
      },
    },
  }, { last: heard("n") }];
  const { decision, events } = run(tasks);
  assert.deepEqual(events.map((it) => it.data), [1, 2]);
  // Both are taken, so that what listens last waits for a third.
  assert.equal(decision.kind, "blocked");
});

const readings: readonly CloudEvent[] = [
  ["humidity", "1", 40],
  ["temperature", "2", 19],
  ["temperature", "1", 21],
  ["humidity", "2", 45],
  ["stop", "1", 0],
].map(([type, roomid, data], i) => ({
  specversion: "1.0",
  id: `${i}`,
  source: "/home",
  type: type ?? "",
  roomid: roomid ?? "",
  data: data ?? null,
}));

Deno.test("trap 15: listen all, any and one, with correlation, filters and until", () => {
  const correlate = { room: { from: ".roomid" } };
  const of = (type: string, more: JsonObject = {}): JsonObject => ({
    with: { type, ...more },
  });
  const cases: readonly [Json, Json][] = [
    [{ one: of("temperature") }, [19]],
    [{ one: of("temperature", { roomid: "1" }) }, [21]],
    [{ one: of("temperature", { data: "${ . > 20 }" }) }, [21]],
    [{ all: [of("temperature"), of("humidity")] }, [40, 19]],
    [{
      all: [
        { ...of("temperature"), correlate },
        { ...of("humidity"), correlate },
      ],
    }, [40, 21]],
    [{ any: [of("temperature"), of("humidity")] }, [40]],
    [{ any: [] }, [40]],
    [{ any: [], until: "length == 3" }, [40, 19, 21]],
    [{ any: [of("(temperature|humidity)")], until: { one: of("stop") } }, [
      40,
      19,
      21,
      45,
    ]],
  ];
  for (const [to, output] of cases) {
    const tasks: Json = [{ hear: { listen: { to } } }];
    for (const random of [undefined, seeded(15)]) {
      const { decision } = run(tasks, {
        events: readings,
        ...(random === undefined ? {} : { random, crash: 0.4 }),
      });
      assert.deepEqual(
        decision,
        { kind: "done", output },
        JSON.stringify(to),
      );
    }
  }
});

Deno.test("trap 15: foreach takes events in turn, and keeps those that come meanwhile", () => {
  const tasks: Json = [{
    hear: {
      listen: {
        to: { any: [{ with: { roomid: "[12]" } }], until: "length == 4" },
        read: "envelope",
      },
      foreach: {
        item: "event",
        at: "i",
        do: [{ ask: call({ i: "${ $i }", type: "${ $event.type }" }) }],
        output: { as: '"\\(.i): \\(.type)"' },
        export: { as: "$context + [.]" },
      },
    },
  }, { end: { set: "${ { outputs: ., context: $context } }" } }];
  const outputs = [
    "0: humidity",
    "1: temperature",
    "2: temperature",
    "3: humidity",
  ];
  for (const seed of [0, 1, 2, 3, 4]) {
    const { decision, journal } = run(tasks, {
      events: readings,
      ...(seed === 0 ? {} : { random: seeded(seed), crash: 0.3 }),
    });
    assert.deepEqual(decision, {
      kind: "done",
      output: { outputs, context: outputs },
    });
    const paths = journal.filter((it) => it.type === "TASK_COMPLETED")
      .map((it) => it.path);
    assert.deepEqual(
      paths,
      [0, 1, 2, 3].map((i) => `/do/0/hear/foreach/${i}/do/0/ask`),
    );
  }
});

Deno.test("trap 15: an event that comes before its listener is not lost", () => {
  const tasks: Json = [
    { work: call("first") },
    { hear: heard("temperature") },
    { again: heard("temperature") },
    { both: { set: "${ . }" } },
  ];
  const { decision } = run(tasks, { events: readings });
  assert.deepEqual(decision, { kind: "done", output: [21] });
});

Deno.test("trap 15: what a listener took that failed is there for the next try", () => {
  const listen = { to: { any: [], until: "length == 3" } };
  const policy: JsonObject = {
    retry: { delay: "PT1S", limit: { attempt: { count: 3 } } },
  };
  const attempt = (task: JsonObject): Json => [
    { all: { try: [{ hear: task }], catch: policy } },
    { left: heard("stop") },
  ];
  // The second round of the first try fails; the next one begins with all.
  let calls = 0;
  const { decision } = run(
    attempt({
      listen,
      foreach: { do: [{ ask: call("${ $item }") }] },
      export: { as: "." },
    }),
    {
      events: readings,
      answer: (it) => ++calls === 2 ? refused : echo(it),
      more: { output: { as: "${ { heard: $context, left: . } }" } },
    },
  );
  assert.deepEqual(decision, {
    kind: "done",
    output: { heard: [40, 19, 21], left: [0] },
  });
  assert.equal(calls, 5);
});

Deno.test("trap 15: an error in foreach or until fails the task, an odd event does not", () => {
  const failing = (task: JsonObject) =>
    run([{ hear: task }], { events: readings }).decision;
  const inRound = failing({
    listen: { to: { any: [] } },
    foreach: { do: [{ no: { raise: { error: { type: "x", status: 500 } } } }] },
  });
  assert.ok(inRound.kind === "failed");
  assert.equal(inRound.failure.type, "x");
  const inUntil = failing({
    listen: { to: { any: [], until: ".x" } },
  });
  assert.ok(inUntil.kind === "failed");
  assert.match(inUntil.failure.type, /expression$/);
  assert.match(inUntil.failure.detail, /listen\.to\.any\.until/);
  const odd = failing({
    listen: { to: { one: { with: { data: "${ .a.b > 1 }" } } } },
  });
  assert.equal(odd.kind, "blocked");
});

Deno.test("trap 16: workflow, task and attempt have timeouts that a try can catch", () => {
  const timeout = { after: ms(100) };
  const caught = (task: JsonObject): void => {
    const clause = { do: [{ h: { set: "${ $error.status }" } }] };
    const result = run([{ t: { try: [{ it: task }], catch: clause } }], {
      answer: () => undefined,
    });
    assert.equal(outputOf(result), 408, JSON.stringify(task));
    assert.equal(elapsedMs(result), 100);
  };
  caught({ wait: ms(5000), timeout });
  caught({ do: [{ c: call() }], timeout });
  caught({
    fork: { branches: [{ c: call() }, { w: { wait: ms(900) } }] },
    timeout,
  });
  caught({ for: { in: "[1, 2]" }, do: [{ w: { wait: ms(70) } }], timeout });
  const whole = run([{ w: { wait: ms(5000) } }], { more: { timeout } });
  assert.match(failureIn(whole).type, /timeout$/);
  assert.equal(elapsedMs(whole), 100);
});

Deno.test("trap 16: the timeout of a try goes on counting through its retries", () => {
  const result = run([{
    t: {
      try: [{ c: call() }],
      catch: { retry: retry(100, { attempt: { count: 50 } }) },
      timeout: { after: ms(350) },
    },
  }], { answer: () => refused });
  assert.match(failureIn(result).type, /timeout$/);
  assert.equal(elapsedMs(result), 350);
});

Deno.test("trap 16: the timeout of a try covers its handler", () => {
  const result = run([{
    t: {
      try: [{ c: call() }],
      catch: { do: [{ h: { wait: ms(5000) } }] },
      timeout: { after: ms(200) },
    },
  }], { answer: () => refused });
  assert.match(failureIn(result).type, /timeout$/);
  assert.equal(elapsedMs(result), 200);
});

Deno.test("trap 17: a failure says where in its expression it is", () => {
  const result = run([{
    bad: { set: { x: "${ {a: 1} |\n  .a + ({} | length | implode) }" } },
  }]);
  const { detail } = failureIn(result);
  assert.match(detail, /\)" at line 2, column 23: implode input must be /);
});

Deno.test("trap 17: a failure names its task's place, what was tried and the cause", () => {
  const result = run([{ outer: { do: [{ bad: { set: "${ 1 + {} }" } }] } }]);
  const failure = failureIn(result);
  assert.equal(failure.instance, "/do/0/outer/do/0/bad");
  assert.match(failure.detail, /^Cannot evaluate "set" of task "bad", /);
  assert.doesNotMatch(failure.detail, /\n|\.ts:/);
});
