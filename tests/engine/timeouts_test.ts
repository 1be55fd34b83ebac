/** Every task has a timeout that ends it and that `try` can catch. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { document, failureOf, outputOf, runDocument } from "./documents.ts";

const NEVER: JsonObject = { wait: "PT1H" };
const CALL: JsonObject = {
  call: "http",
  with: { method: "get", endpoint: "https://a.test" },
};
const START_MS = Date.UTC(2026, 0, 1);

/** Tasks that take longer than any timeout here. */
const SLOW: Readonly<Record<string, JsonObject>> = {
  do: { do: [{ x: NEVER }] },
  "do, deep": { do: [{ x: { do: [{ y: { do: [{ z: NEVER }] } }] } }] },
  for: { for: { in: "[1, 2]" }, do: [{ x: NEVER }] },
  fork: { fork: { branches: [{ x: NEVER }, { y: { set: { z: 1 } } }] } },
  "a race": { fork: { compete: true, branches: [{ x: NEVER }, { y: CALL }] } },
  try: { try: [{ x: NEVER }], catch: {} },
  "try that retries": {
    try: [{ x: { raise: { error: { type: "https://x.test", status: 500 } } } }],
    catch: { retry: { delay: "PT1S", limit: { attempt: { count: 1000 } } } },
  },
  "the handler of a try": {
    try: [{ x: { raise: { error: { type: "https://x.test", status: 500 } } } }],
    catch: { do: [{ y: NEVER }] },
  },
  wait: NEVER,
  listen: { listen: { to: { one: { with: { type: "never.comes" } } } } },
  "call agent": { call: "agent", with: { agent: "slow", message: "x" } },
  "call human": { call: "human", with: { prompt: "?" } },
  "a function": { call: "slow" },
  "a task under an extension": { do: [{ x: NEVER }], metadata: { slow: true } },
};
const USE: JsonObject = { functions: { slow: { do: [{ x: NEVER }] } } };

for (const [name, slow] of Object.entries(SLOW)) {
  Deno.test(`the timeout of ${name} ends it, and can be caught`, () => {
    const limited: Json = { ...slow, timeout: { after: { seconds: 5 } } };
    const answer = () => undefined;
    const failed = runDocument(document([{ a: limited }], { use: USE }), {
      answer,
    });
    const failure = failureOf(failed);
    match(failure.type, /timeout$/);
    strictEqual(failure.status, 408);
    strictEqual(failure.instance, "/do/0/a");
    strictEqual(failure.detail, 'Task "a" took longer than 5 s');
    ok(failed.nowMs - START_MS < 10_000, `${failed.nowMs - START_MS} ms`);
    const caught = runDocument(
      document([{
        t: {
          try: [{ a: limited }],
          catch: {
            errors: { with: { status: 408 } },
            do: [{ b: { set: { caught: "${ $error.instance }" } } }],
          },
        },
      }, { after: { set: "${ . + {after: true} }" } }], { use: USE }),
      { answer },
    );
    deepStrictEqual(outputOf(caught), {
      caught: "/do/0/t/try/0/a",
      after: true,
    });
    const open = caught.machine.tasks().filter((it) => it.phase === "RUNNING");
    deepStrictEqual(open, []);
  });
}

Deno.test("an effect is told its timeout, and a named one counts as one in place", () => {
  const use = { timeouts: { short: { after: "PT5S" } } };
  for (
    const timeout of [{ after: "${ .limit }" }, { after: "PT5S" }, "short"]
  ) {
    const run = runDocument(document([{ a: { ...CALL, timeout } }], { use }), {
      input: { limit: "PT5S" },
    });
    deepStrictEqual(
      run.effects.map(({ request }) => request.timeoutMs),
      [5000],
    );
  }
});

Deno.test("a timeout of the workflow ends it, whatever is under way", () => {
  for (const [name, slow] of Object.entries(SLOW)) {
    const run = runDocument(
      document([{ t: { try: [{ a: slow }], catch: {} } }], {
        use: USE,
        timeout: { after: "PT5S" },
      }),
      { answer: () => undefined },
    );
    const failure = failureOf(run);
    strictEqual(failure.detail, "The workflow took longer than 5 s", name);
    match(failure.type, /timeout$/);
  }
});

Deno.test("a timeout that is no duration is an error of its task", () => {
  const run = runDocument(
    document([{
      a: { do: [{ x: NEVER }], timeout: { after: "${ .limit }" } },
    }]),
    { input: { limit: "soon" } },
  );
  const failure = failureOf(run);
  match(failure.type, /validation$/);
  strictEqual(
    failure.detail,
    'Task "a" needs a duration for "timeout", not "soon"',
  );
});

Deno.test("an attempt that takes too long is retried; the last one fails", () => {
  const run = runDocument(document([{
    t: {
      try: [{ a: NEVER }],
      catch: {
        retry: {
          delay: "PT1S",
          limit: { attempt: { count: 2, duration: "PT10S" } },
        },
      },
    },
  }]));
  const failure = failureOf(run);
  match(failure.type, /timeout$/);
  strictEqual(failure.instance, "/do/0/t");
  const passedMs = run.nowMs - START_MS;
  ok(passedMs >= 32_000 && passedMs < 33_000, `${passedMs} ms`);
});
