/**
 * The language's known traps that show only in the whole program: manifest,
 * backend, worker, journal, a server. The others are tested where they live,
 * under names that begin alike.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  type Execution,
  ExecutionEvent_Type as EventType,
  Phase,
} from "../../gen/stigmer/backend/v1/execution_pb.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { createPlace } from "../cli/program.ts";
import { exampleHosts } from "../servers/example_hosts.ts";
import type { Answer } from "../servers/world.ts";
import { openNet } from "./net.ts";
import { isAsShown, workflowOf } from "./page.ts";
import {
  failureOfExecution,
  outputOf,
  type RunOptions,
  runWorkflow,
} from "./run_example.ts";

const TRAPS = 18;

/** Runs tasks the whole way. */
function run(tasks: Json, options: RunOptions = {}): Promise<Execution> {
  return runWorkflow(workflowOf(tasks), {
    hosts: exampleHosts(),
    ...options,
  });
}

function given(execution: Execution): Json {
  assert.equal(
    execution.status?.phase,
    Phase.COMPLETED,
    JSON.stringify(failureOfExecution(execution)),
  );
  return outputOf(execution);
}

function failed(execution: Execution): JsonObject {
  assert.equal(execution.status?.phase, Phase.FAILED);
  return failureOfExecution(execution);
}

function get(path: string, more: JsonObject = {}): JsonObject {
  const endpoint = `https://echo.example.com${path}`;
  return { call: "http", with: { method: "get", endpoint, ...more } };
}

Deno.test("every trap has a test that is named for it", async () => {
  const named = new Set<number>();
  const root = new URL("../../", import.meta.url);
  for (
    const file of [
      "src/workflow/traps_test.ts",
      "tests/engine/traps_test.ts",
      "tests/language/traps_test.ts",
    ]
  ) {
    const text = await Deno.readTextFile(new URL(file, root));
    for (const [, number] of text.matchAll(/^ {0,4}.*"trap (\d+): /gm)) {
      named.add(Number(number));
    }
  }
  const all = Array.from({ length: TRAPS }, (_, i) => i + 1);
  assert.deepEqual(all.filter((it) => !named.has(it)), []);
});

Deno.test("trap 7: a missing secret is a typed error that names it, never an empty text", async () => {
  const text = `
document: { dsl: 1.0.3, namespace: test, name: sealed, version: 1.0.0 }
use: { secrets: [apiKey] }
do:
  - ask:
      call: http
      with:
        method: get
        endpoint: https://echo.example.com/
        headers: { x-key: "key \${ $secrets.apiKey }" }
      output: { as: .headers }
`;
  const hosts = exampleHosts();
  const secrets = { apiKey: "open sesame" };
  assert.deepEqual(given(await runWorkflow(text, { hosts, secrets })), {
    "x-key": "key ***",
  });
  let asked = 0;
  const counting: Answer = () => {
    asked++;
    return new Response();
  };
  await assert.rejects(
    runWorkflow(text, { hosts: { "echo.example.com": counting } }),
    /Secret "apiKey" is used and nothing gives it at \/spec\/do\/0\/ask/,
  );
  assert.equal(asked, 0);
});

Deno.test("trap 12: null and an array add up, also where the input has nothing", async () => {
  const tasks = [{ red: { set: { colors: '${ .colors + ["red"] }' } } }];
  for (const input of [undefined, {}, { colors: null }]) {
    assert.deepEqual(given(await run(tasks, { input })), { colors: ["red"] });
  }
});

Deno.test("trap 13: the response of an HTTP call has request, status, headers and content", async () => {
  const seen = given(
    await run([{
      ask: get("/a?b=c", {
        headers: { "x-one": "1" },
        query: { d: "e f" },
        output: "response",
      }),
    }]),
  );
  assert.ok(
    isAsShown(seen, {
      request: {
        method: "GET",
        uri: "https://echo.example.com/a?b=c&d=e+f",
        headers: { "x-one": "1" },
      },
      statusCode: 200,
      headers: {
        "content-type": "application/json",
        "content-length": "…",
        date: "…",
      },
      content: {
        method: "GET",
        path: "/a",
        query: { b: "c", d: "e f" },
        headers: { "x-one": "1" },
        body: null,
      },
    }),
    JSON.stringify(seen),
  );
});

Deno.test("trap 13: content is parsed by its type", async () => {
  const answers: Readonly<Record<string, readonly [string, string, Json]>> = {
    "/json": ["application/json", '{"a":1}', { a: 1 }],
    "/problem": ["application/problem+json; charset=utf-8", "[1]", [1]],
    "/text": ["text/plain", '{"a":1}', '{"a":1}'],
    "/bytes": ["application/octet-stream", "abc", "YWJj"],
  };
  const hosts: RunOptions["hosts"] = {
    "echo.example.com": (_, { pathname }) => {
      const [type = "", body = ""] = answers[pathname] ?? [];
      return new Response(body, { headers: { "content-type": type } });
    },
  };
  for (const [path, [, , content]] of Object.entries(answers)) {
    const execution = await run([{ ask: get(path) }], { hosts });
    assert.deepEqual(given(execution), content, path);
  }
});

Deno.test("trap 13: a status outside 200 to 299 is an error, with redirect one outside 200 to 399", async () => {
  for (const status of [300, 304, 400, 404, 500]) {
    const error = failed(await run([{ ask: get(`/status/${status}`) }]));
    assert.match(`${error.type}`, /\/communication$/);
    assert.equal(error.status, status);
  }
  const moved = failed(await run([{ ask: get("/moved") }]));
  assert.equal(moved.status, 302);
  const followed = await run([{ ask: get("/moved", { redirect: true }) }]);
  assert.ok(isAsShown(given(followed), {
    method: "GET",
    path: "/here",
    query: {},
    headers: {},
    body: null,
  }));
  const other = await run([{
    ask: get("/status/300", { redirect: true, output: "response" }),
  }, { status: { set: "${ .statusCode }" } }]);
  assert.equal(given(other), 300);
  const beyond = failed(
    await run([{ ask: get("/status/400", { redirect: true }) }]),
  );
  assert.equal(beyond.status, 400);
});

Deno.test("trap 14: emit gives the event that it sent, which another running execution hears", async () => {
  await using it = await openNet();
  const hearing = await it.start([{
    hear: {
      listen: { to: { one: { with: { type: "pet.sold" } } }, read: "envelope" },
      output: { as: ".[0]" },
    },
  }]);
  await it.reaches(hearing, EventType.EXECUTION_WAITING);
  const telling = await it.start([{
    tell: {
      emit: {
        event: { with: { source: "/shop", type: "pet.sold", data: { id: 1 } } },
      },
    },
  }]);
  const sent = given(await it.end(telling));
  assert.ok(
    isAsShown(sent, {
      specversion: "1.0",
      id: "…",
      time: "…",
      source: "/shop",
      type: "pet.sold",
      datacontenttype: "application/json",
      data: { id: 1 },
    }),
    JSON.stringify(sent),
  );
  assert.deepEqual(given(await it.end(hearing)), sent);
});

Deno.test("trap 15: an event that comes before a started run listens is not lost", async () => {
  await using it = await openNet();
  await it.publish({ type: "go", source: "/before", data: "too early" });
  const id = await it.start([
    { rest: { wait: { milliseconds: 300 } } },
    { hear: { listen: { to: { one: { with: { type: "go" } } } } } },
  ]);
  await it.publish({ type: "stop", source: "/s", data: "not meant" });
  await it.publish({ type: "go", source: "/s", data: "in time" });
  assert.deepEqual(given(await it.end(id)), ["in time"]);
});

Deno.test("trap 15: listen takes all, any or one, by filters, correlation and until", async () => {
  const heat = { type: "heat", source: "/s" };
  const damp = { type: "damp", source: "/s" };
  const room = { correlate: { room: { from: ".room" } } };
  const cases: readonly (readonly [JsonObject, Json])[] = [
    [{ one: { with: { type: "damp" } } }, [{ ...damp, room: "b", data: 3 }]],
    [
      { all: [{ with: { type: "damp" } }, { with: { data: "${ . > 1 }" } }] },
      [{ ...heat, room: "b", data: 2 }, { ...damp, room: "b", data: 3 }],
    ],
    [
      {
        all: [{ with: { type: "heat" }, ...room }, {
          with: { type: "damp" },
          ...room,
        }],
      },
      [{ ...heat, room: "a", data: 1 }, { ...damp, room: "a", data: 4 }],
    ],
    [{ any: [] }, [{ ...heat, room: "a", data: 1 }]],
    [
      { any: [{ with: { type: "damp" } }], until: "length == 2" },
      [{ ...damp, room: "b", data: 3 }, { ...damp, room: "a", data: 4 }],
    ],
    [
      {
        any: [{ with: { type: "heat" } }],
        until: { one: { with: { type: "damp" } } },
      },
      [{ ...heat, room: "a", data: 1 }, { ...heat, room: "b", data: 2 }],
    ],
  ];
  await using it = await openNet();
  for (const [to, taken] of cases) {
    const id = await it.start([{
      hear: {
        listen: { to, read: "envelope" },
        output: { as: "map({type, source, room, data})" },
      },
    }]);
    await it.reaches(id, EventType.EXECUTION_WAITING);
    await it.publish({ ...heat, room: "a", data: 1 });
    await it.publish({ ...heat, room: "b", data: 2 });
    await it.publish({ ...damp, room: "b", data: 3 });
    await it.publish({ ...damp, room: "a", data: 4 });
    assert.deepEqual(given(await it.end(id)), taken, JSON.stringify(to));
  }
});

Deno.test("trap 16: the timeouts of workflow, task and attempt raise errors that try catches", async () => {
  const slow = get("/slow/9000");
  const brief = { after: { milliseconds: 40 } };
  const task = given(
    await run([{
      t: { try: [{ c: { ...slow, timeout: brief } }], catch: caught },
    }]),
  );
  assert.deepEqual(task, [408, "/do/0/t/try/0/c"]);
  const attempt = given(
    await run([{
      t: {
        try: [{ c: slow }],
        catch: {
          ...caught,
          retry: {
            limit: {
              attempt: { count: 1, duration: { milliseconds: 40 } },
            },
          },
        },
      },
    }]),
  );
  assert.deepEqual(attempt, [408, "/do/0/t"]);
  const whole = failed(
    await runWorkflow(
      `timeout: ${JSON.stringify(brief)}\n${workflowOf([{ c: slow }])}`,
      { hosts: exampleHosts() },
    ),
  );
  assert.equal(whole.status, 408);
});

const caught = {
  errors: {
    with: {
      type: "https://open-workflow-specification.org/dsl/errors/types/timeout",
    },
  },
  do: [{ seen: { set: "${ [$error.status, $error.instance] }" } }],
};

Deno.test("trap 17: the program names task, act and innermost cause, and shows no stack", async () => {
  await using place = await createPlace();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await place.write(
    "broken.yaml",
    workflowOf([{
      outer: {
        do: [{
          ask: {
            call: "http",
            with: {
              method: "get",
              endpoint: `http://127.0.0.1:${port}/nobody`,
            },
          },
        }],
      },
    }]),
  );
  const ran = await place.run(["run", "broken.yaml"]);
  assert.equal(ran.code, 1);
  assert.equal(ran.stdout, "");
  assert.match(ran.stderr, /\/do\/0\/outer\/do\/0\/ask/);
  assert.match(ran.stderr, /GET http:\/\/127\.0\.0\.1:\d+\/nobody failed/);
  assert.match(ran.stderr, /refused/i);
  assert.doesNotMatch(ran.stderr, /\.ts:\d|file:\/\//);
});

Deno.test("trap 18: a case that runs on into another is warned of, and the workflow runs", async () => {
  await using place = await createPlace();
  await place.write(
    "through.yaml",
    workflowOf([
      {
        choose: {
          switch: [
            { a: { when: "true", then: "one" } },
            { b: { when: "false", then: "two" } },
          ],
        },
      },
      { one: { set: { x: 1 } } },
      { two: { set: "${ . + {y: 2} }" } },
    ]),
  );
  const checked = await place.run(["validate", "through.yaml"]);
  assert.equal(checked.code, 0, checked.stderr);
  assert.match(
    checked.stderr + checked.stdout,
    /warning: Task "one" runs on into "two", another case of "choose"/,
  );
  const ran = await place.run(["run", "through.yaml", "-q"]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(JSON.parse(ran.stdout), { x: 1, y: 2 });
});
