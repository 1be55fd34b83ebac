import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import {
  document,
  failureOf,
  outputOf,
  runDocument,
} from "../../tests/engine/documents.ts";
import { type Effect, seeded } from "../../tests/engine/simulation.ts";
import { failureOf as failure } from "../model/failure.ts";
import type { Json, JsonObject } from "../model/json.ts";

const CALL: JsonObject = {
  call: "http",
  with: { method: "get", endpoint: "https://a.test/x" },
};

/** Appends a text to the context, under `log`. */
function log(text: string): Json {
  return {
    note: {
      set: { said: text },
      export: { as: "${ {log: (($context.log // []) + [$output.said])} }" },
    },
  };
}

/** Runs tasks with extensions; the output has what they noted. */
function logOf(tasks: Json, extensions: Json): Json {
  const run = runDocument(document(tasks, {
    use: { extensions },
    output: { as: "${ {out: ., log: ($context.log // [])} }" },
  }));
  return outputOf(run);
}

Deno.test("extensions do things before and after tasks, the first around the others", () => {
  deepStrictEqual(
    logOf([{ a: { set: { x: 1 } } }], [
      { outer: { extend: "all", before: [log("o1")], after: [log("o2")] } },
      { inner: { extend: "set", before: [log("i1")], after: [log("i2")] } },
      { other: { extend: "call", before: [log("c1")] } },
    ]),
    { out: { x: 1 }, log: ["o1", "i1", "i2", "o2"] },
  );
});

Deno.test("the tasks of an extension see the task they extend, and leave its data alone", () => {
  const say = (text: string) => [log(text)];
  deepStrictEqual(
    logOf([{ first: { set: { n: 1 } } }, {
      second: { set: { n: "${ .n + 1 }" }, output: { as: "${ {m: .n} }" } },
    }], [{
      seen: {
        extend: "set",
        when: '$task.name == "second"',
        before: say(
          '${ "before \\($task.reference) with \\($task.input.n) and \\(.n)" }',
        ),
        after: say(
          '${ "after \\($task.name): \\($task.output.n), \\($output.m), \\(.m)" }',
        ),
      },
    }]),
    {
      out: { m: 2 },
      log: ["before /do/1/second with 1 and 1", "after second: 2, 2, 2"],
    },
  );
});

Deno.test("a before that ends with exit stands in for the task", () => {
  const run = runDocument(document([{
    get: { ...CALL, output: { as: ".content" } },
  }], {
    use: {
      extensions: [{
        mock: {
          extend: "call",
          when: '$task.with.endpoint | startswith("https://a.test")',
          before: [{
            answer: { set: { content: { mocked: true } }, then: "exit" },
          }],
          after: [{
            never: {
              raise: { error: { type: "https://x.test", status: 500 } },
            },
          }],
        },
      }],
    },
  }));
  deepStrictEqual(outputOf(run), { mocked: true });
  deepStrictEqual(run.effects, []);
  deepStrictEqual(run.machine.tasks().map(({ path }) => path), [
    "/do/0/get",
    "/do/0/get/before/mock/0/answer",
  ]);
});

Deno.test("an exit inside a list inside of a before stands in for nothing", () => {
  deepStrictEqual(
    logOf([{ a: { set: { x: 1 } } }], [{
      e: {
        extend: "all",
        before: [{
          inner: { do: [{ stop: { set: { y: 2 }, then: "exit" } }] },
        }],
      },
    }]),
    { out: { x: 1 }, log: [] },
  );
});

Deno.test("a when that cannot be evaluated for a task does not hold for it", () => {
  deepStrictEqual(
    logOf([{ a: { set: { x: 1 } } }], [{
      e: {
        extend: "all",
        when: '$task.with.endpoint | startswith("x")',
        before: [log("never")],
      },
    }]),
    { out: { x: 1 }, log: [] },
  );
});

Deno.test("a task that is skipped, or that belongs to an extension, is not extended", () => {
  deepStrictEqual(
    logOf([{ a: { if: "false", set: { x: 1 } } }, { b: { set: { x: 2 } } }], [
      { one: { extend: "all", before: [log("one")] } },
      { two: { extend: "all", before: [log("two")] } },
    ]),
    { out: { x: 2 }, log: ["one", "two"] },
  );
});

Deno.test("each kind of task is extended under its name", () => {
  const cases: readonly (readonly [string, JsonObject])[] = [
    ["call", CALL],
    ["composite", { do: [{ x: { wait: "PT1S" } }] }],
    ["emit", { emit: { event: { with: { type: "a.b", source: "/x" } } } }],
    ["for", { for: { in: "[1]" }, do: [{ x: { wait: "PT1S" } }] }],
    ["run", { run: { shell: { command: "true" } } }],
    ["set", { set: { x: 1 } }],
    ["switch", { switch: [{ x: { then: "continue" } }] }],
    ["try", { try: [{ x: { wait: "PT1S" } }], catch: {} }],
    ["wait", { wait: "PT1S" }],
  ];
  for (const [kind, task] of cases) {
    for (const [other] of cases) {
      const run = runDocument(
        document([{ a: task }], {
          use: {
            extensions: [{
              e: {
                extend: other,
                before: [{ b: { set: { mocked: kind }, then: "exit" } }],
              },
            }],
          },
        }),
        { answer: () => ({ kind: "completed", output: "done" }) },
      );
      const stoodIn = run.machine.tasks().some(({ path }) =>
        path === "/do/0/a/before/e/0/b"
      );
      strictEqual(stoodIn, kind === other, `${kind} extended by ${other}`);
    }
  }
});

Deno.test("a failure before or after a task is the task's, and can be caught", () => {
  for (const part of ["before", "after"]) {
    const extensions = [{
      e: {
        extend: "set",
        [part]: [{
          no: { raise: { error: { type: "https://x.test/no", status: 409 } } },
        }],
      },
    }];
    const failed = failureOf(
      runDocument(
        document([{ a: { set: { x: 1 } } }], { use: { extensions } }),
      ),
    );
    match(failed.type, /\/no$/);
    const caught = runDocument(
      document([{
        t: {
          try: [{ a: { set: { x: 1 } } }],
          catch: { errors: { with: { status: 409 } } },
        },
      }], { use: { extensions } }),
      { input: { in: 1 } },
    );
    deepStrictEqual(outputOf(caught), { in: 1 });
  }
});

Deno.test("a timeout of a task does not count what extensions do around it", () => {
  const slow = [{ w: { wait: "PT10S" } }];
  const run = runDocument(
    document([{
      a: { do: [{ x: { wait: "PT1S" } }], timeout: { after: "PT2S" } },
    }], {
      use: {
        extensions: [{ e: { extend: "composite", before: slow, after: slow } }],
      },
    }),
    { input: { in: 1 } },
  );
  deepStrictEqual(outputOf(run), { in: 1 });
});

Deno.test("effects of extensions are journalled once, whatever crashes", () => {
  const spec = document([{ a: CALL }, { b: CALL }], {
    use: {
      extensions: [{
        e: { extend: "call", before: [{ x: CALL }], after: [{ y: CALL }] },
      }],
    },
  });
  const answer = (effect: Effect) => ({
    kind: "completed" as const,
    output: effect.path,
  });
  const whole = runDocument(spec, { answer });
  deepStrictEqual(
    whole.journal.filter((it) => it.type === "TASK_COMPLETED").map((it) =>
      it.path
    ),
    [
      "/do/0/a/before/e/0/x",
      "/do/0/a",
      "/do/0/a/after/e/0/y",
      "/do/1/b/before/e/0/x",
      "/do/1/b",
      "/do/1/b/after/e/0/y",
    ],
  );
  for (let seed = 1; seed <= 20; seed++) {
    const run = runDocument(spec, {
      answer,
      crash: 0.5,
      random: seeded(seed),
    });
    deepStrictEqual(outputOf(run), outputOf(whole), `seed ${seed}`);
  }
});

Deno.test("a task that fails is not followed by what is done after it", () => {
  const run = runDocument(
    document([{ a: CALL }], {
      use: { extensions: [{ e: { extend: "call", after: [log("after")] } }] },
    }),
    {
      answer: () => ({
        kind: "failed",
        failure: failure("communication", "no"),
      }),
    },
  );
  strictEqual(failureOf(run).detail, "no");
  strictEqual(run.machine.tasks().length, 1);
});
