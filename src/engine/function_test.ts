import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import {
  document,
  echo,
  errorsOf,
  failureOf,
  outputOf,
  runDocument,
} from "../../tests/engine/documents.ts";
import { type Effect, seeded } from "../../tests/engine/simulation.ts";
import type { ActivityOutcome } from "../model/durable.ts";
import { failureOf as failure } from "../model/failure.ts";
import type { Json } from "../model/json.ts";

const GREET: Json = {
  input: {
    schema: {
      document: {
        type: "object",
        properties: { name: { type: "string" }, times: { type: "integer" } },
        required: ["name"],
      },
    },
  },
  set: { text: '${ "Hello " + .name }', task: "${ $task.name }" },
};
const ADDRESS = "https://functions.test/greet/function.yaml";

/** Gives documents by address, and counts how often each was asked for. */
function library(documents: Readonly<Record<string, Json>>) {
  const asked: string[] = [];
  const answer = (effect: Effect): ActivityOutcome => {
    const request = "activity" in effect.request ? effect.request : undefined;
    if (request?.activity !== "resource") return echo(effect);
    const { endpoint } = request.input as { endpoint: { uri: string } };
    asked.push(endpoint.uri);
    const content = documents[endpoint.uri];
    return content === undefined
      ? {
        kind: "failed",
        failure: failure("communication", `Nothing at ${endpoint.uri}`),
      }
      : { kind: "completed", output: { uri: endpoint.uri, content } };
  };
  return { asked, answer };
}

Deno.test("a function gets its arguments and sees nothing else of its caller", () => {
  const spec = document([
    {
      loop: {
        for: { in: '["Ada", "Bob"]' },
        do: [{
          call: { call: "greet", with: { name: "${ $item }" } },
        }, { keep: { set: { all: "${ [$item, .text] }" } } }],
      },
    },
  ], { use: { functions: { greet: GREET } } });
  const run = runDocument(spec);
  deepStrictEqual(outputOf(run), { all: ["Bob", "Hello Bob"] });
  const paths = run.machine.tasks().map(({ path, kind }) => `${kind} ${path}`);
  ok(paths.includes("set /do/0/loop/for/1/do/0/call/call/greet"));
  ok(paths.includes("call greet /do/0/loop/for/1/do/0/call"));
});

Deno.test("a function cannot use the variables of a loop around its call", () => {
  deepStrictEqual(
    errorsOf(document([{ a: { call: "f" } }], {
      use: { functions: { f: { set: { x: "${ $item }" } } } },
    })),
    ['/use/functions/f/set/x@3 Unknown variable "$item"'],
  );
});

Deno.test("a call without arguments gives a function the input of its task", () => {
  const spec = document([{ a: { call: "greet" } }], {
    use: { functions: { greet: GREET } },
  });
  const run = runDocument(spec, { input: { name: "Ada" } });
  deepStrictEqual(outputOf(run), { text: "Hello Ada", task: "greet" });
});

Deno.test("a function fails as the task that calls it, and can be caught there", () => {
  const use = { functions: { greet: GREET } };
  const call = { call: "greet", with: { name: "${ 1 }" } };
  const failed = failureOf(runDocument(document([{ a: call }], { use })));
  strictEqual(failed.instance, "/do/0/a");
  match(failed.detail, /Task "greet" does not fit its "input.schema"/);
  const caught = runDocument(document([{
    t: {
      try: [{ a: call }],
      catch: {
        errors: { with: { instance: "/do/0/t/try/0/a" } },
        do: [{ b: { set: { caught: "${ $error.status }" } } }],
      },
    },
  }], { use }));
  deepStrictEqual(outputOf(caught), { caught: 400 });
});

Deno.test("functions call functions, and `end` in one ends the workflow", () => {
  const run = runDocument(document([
    { a: { call: "outer", with: { n: 1 } } },
    { never: { set: { reached: true } } },
  ], {
    use: {
      functions: {
        outer: {
          do: [{ b: { call: "inner", with: { n: "${ .n + 1 }" } } }, {
            c: { set: { n: "${ .n * 10 }" }, then: "end" },
          }],
        },
        inner: { set: { n: "${ .n + 1 }" } },
      },
    },
  }));
  deepStrictEqual(outputOf(run), { n: 30 });
});

Deno.test("a function from elsewhere is fetched once in a run, and kept to", () => {
  const { asked, answer } = library({ [ADDRESS]: GREET });
  const spec = document([
    {
      loop: {
        for: { in: "[1, 2, 3]" },
        do: [{
          greet: {
            call: "https://functions.test/greet",
            with: { name: "Ada" },
          },
        }],
      },
    },
  ]);
  const run = runDocument(spec, { answer });
  deepStrictEqual(outputOf(run), {
    text: "Hello Ada",
    task: "https://functions.test/greet",
  });
  deepStrictEqual(asked.slice(0, 1), [ADDRESS]);
  const fetched = run.journal.filter((it) => it.type === "TASK_COMPLETED");
  deepStrictEqual(fetched.map(({ path }) => path), [
    "/do/0/loop/for/0/do/0/greet/function",
  ]);
  const crashed = runDocument(spec, {
    answer,
    crash: 0.5,
    random: seeded(7),
  });
  deepStrictEqual(outputOf(crashed), outputOf(run));
});

Deno.test("a function of a catalog is found by its layout", () => {
  const address = "https://catalog.test/functions/greet/1.0.0/function.yaml";
  const { asked, answer } = library({ [address]: GREET });
  const spec = document([
    { a: { call: "greet:1.0.0@mine", with: { name: "Ada" } } },
  ], {
    use: { catalogs: { mine: { endpoint: { uri: "https://catalog.test/" } } } },
  });
  deepStrictEqual(outputOf(runDocument(spec, { answer })), {
    text: "Hello Ada",
    task: "greet:1.0.0@mine",
  });
  strictEqual(asked.at(-1), address);
});

Deno.test("a function that was fetched and cannot be read fails its call in words", () => {
  const cases: readonly (readonly [Json, RegExp])[] = [
    ["text", /"https:.*" as it was fetched: it must be an object, a task$/],
    [{ sett: { a: 1 } }, /at \/sett: Unknown field "sett" of a task$/],
    [{ set: { a: "${ .b + }", c: "${ $d }" } }, /ends too early, and 1 more$/],
  ];
  for (const [definition, message] of cases) {
    const { answer } = library({ [ADDRESS]: definition });
    const failed = failureOf(
      runDocument(document([{ a: { call: ADDRESS } }]), { answer }),
    );
    match(failed.type, /configuration$/);
    match(failed.detail, message);
    strictEqual(failed.instance, "/do/0/a");
  }
  const { answer } = library({});
  const missing = failureOf(
    runDocument(document([{ a: { call: ADDRESS } }]), { answer }),
  );
  match(missing.type, /communication$/);
  strictEqual(missing.instance, "/do/0/a");
});

Deno.test("functions from elsewhere that call each other come to an end", () => {
  const { answer } = library({ [ADDRESS]: { call: ADDRESS } });
  const failed = failureOf(
    runDocument(document([{ a: { call: ADDRESS } }]), { answer }),
  );
  match(failed.detail, /more than 32 calls stand in each other/);
});

Deno.test("the task of a function from elsewhere sees its own definition", () => {
  const definition = {
    set: { is: "${ $task.definition.metadata.by }" },
    metadata: { by: "me" },
  };
  const { answer } = library({ [ADDRESS]: definition });
  const run = runDocument(document([{ a: { call: ADDRESS } }]), { answer });
  deepStrictEqual(outputOf(run), { is: "me" });
});

Deno.test("calls of functions are checked before anything runs", () => {
  const use = {
    functions: {
      greet: GREET,
      loop: { do: [{ x: { call: "back" } }] },
      back: { call: "loop" },
    },
    catalogs: { main: { endpoint: "https://a.test" } },
  };
  const cases: readonly (readonly [Json, readonly string[]])[] = [
    [{ call: "gret" }, [
      '/do/0/a/call Unknown function "gret" (Did you mean "greet"?)',
    ]],
    [{ call: "zzz" }, [
      '/do/0/a/call Unknown function "zzz" (Define it under "use.functions", ' +
      'or name it by its address or as "name:version@catalog")',
    ]],
    [{ call: "x:1@man" }, [
      '/do/0/a/call Unknown catalog "man" (Did you mean "main"?)',
    ]],
    [{ call: "ftp://a.test/f" }, [
      '/do/0/a/call Endpoint "ftp://a.test/f" must begin with "http://" or ' +
      '"https://" or "file://"',
    ]],
    [{ call: "greet", with: { name: 1 } }, [
      "/do/0/a/with/name This does not fit the schema of function " +
      '"greet": it must be a string, and is a number',
    ]],
    [{ call: "greet", with: { nam: "x", times: "${ 1 }" } }, [
      '/do/0/a/with This does not fit the schema of function "greet": it ' +
      'needs "name" (Did you mean "name" instead of "nam"?)',
    ]],
    [{ call: "greet", with: { name: "${ .x }", times: "3" } }, [
      "/do/0/a/with/times This does not fit the schema of function " +
      '"greet": it must be an integer, and is a string',
    ]],
    [{ call: "greet", with: [] }, [
      "/do/0/a/with This must be an object, not an array",
    ]],
  ];
  const circle = '/use/functions/back/call Function "loop" calls itself: ' +
    "loop → back → loop (A function cannot be called from inside itself, " +
    "use a loop)";
  for (const [task, expected] of cases) {
    deepStrictEqual(errorsOf(document([{ a: task }], { use })), [
      circle,
      ...expected,
    ]);
  }
});
