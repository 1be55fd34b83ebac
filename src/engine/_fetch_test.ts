import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import {
  document,
  echo,
  failureOf,
  outputOf,
  runDocument,
} from "../../tests/engine/documents.ts";
import { type Effect, seeded } from "../../tests/engine/simulation.ts";
import type { ActivityOutcome } from "../model/durable.ts";
import { failureOf as failure } from "../model/failure.ts";
import type { Json, JsonObject } from "../model/json.ts";

const NAMED: Json = { type: "object", required: ["name"] };

/** Answers for documents: the last part of the address says what is there. */
function answer(effect: Effect): ActivityOutcome {
  const input = effect.request.input;
  if (
    !("activity" in effect.request) || effect.request.activity !== "resource"
  ) {
    return echo(effect);
  }
  const uri = JSON.stringify(input);
  if (uri.includes("/named")) {
    return { kind: "completed", output: { uri: "", content: NAMED } };
  }
  if (uri.includes("/broken")) {
    const content = { properties: { name: { $ref: "#/nowhere" } } };
    return { kind: "completed", output: { uri: "", content } };
  }
  if (uri.includes("/text")) {
    return { kind: "completed", output: { uri: "", content: "text" } };
  }
  return { kind: "failed", failure: failure("communication", "not found") };
}

function schema(name: string): JsonObject {
  return { schema: { resource: { endpoint: `https://a.test/${name}` } } };
}

Deno.test("schemas of tasks and workflows may be kept elsewhere, and are fetched once", () => {
  const set: JsonObject = { set: { name: "x" } };
  const spec = document([
    { a: { ...set, input: schema("named"), output: schema("named") } },
    { b: { ...set, export: { as: ".", ...schema("named2") } } },
  ], { input: schema("named"), output: schema("named3") });
  const run = runDocument(spec, { input: { name: "Ada" }, answer });
  deepStrictEqual(outputOf(run), { name: "x" });
  deepStrictEqual(
    run.journal.filter((it) => it.type === "TASK_COMPLETED").map((it) =>
      it.path
    ),
    ["/input/schema", "/do/1/b/export/schema", "/output/schema"],
  );
  for (let seed = 1; seed <= 10; seed++) {
    const again = runDocument(spec, {
      input: { name: "Ada" },
      answer,
      crash: 0.5,
      random: seeded(seed),
    });
    deepStrictEqual(outputOf(again), outputOf(run), `seed ${seed}`);
  }
});

Deno.test("what does not fit a schema from elsewhere is a validation error", () => {
  const set: JsonObject = { set: { nam: "x" } };
  const cases: readonly (readonly [JsonObject, string, RegExp])[] = [
    [
      document([{ a: set }], { input: schema("named") }),
      "",
      /^The input of the workflow does not fit its "input.schema": .*"name"/,
    ],
    [
      document([{ a: set }], { output: schema("named") }),
      "",
      /^The output of the workflow does not fit its "output.schema": .*"name"/,
    ],
    [
      document([{ a: { ...set, input: schema("named") } }]),
      "/do/0/a",
      /^Task "a" does not fit its "input.schema": .*"name"/,
    ],
    [
      document([{ a: { ...set, output: schema("named") } }]),
      "/do/0/a",
      /^Task "a" does not fit its "output.schema": .*"name"/,
    ],
    [
      document([{ a: { ...set, export: { as: ".", ...schema("named") } } }]),
      "/do/0/a",
      /^Task "a" does not fit its "export.schema": .*"name"/,
    ],
  ];
  for (const [spec, instance, message] of cases) {
    const failed = failureOf(runDocument(spec, { answer }));
    match(failed.type, /validation$/);
    match(failed.detail, message);
    strictEqual(failed.instance, instance);
  }
});

Deno.test("a schema that cannot be fetched, or is none, fails what has it", () => {
  const fetched = (name: string) =>
    failureOf(
      runDocument(document([{ a: { set: { x: 1 }, input: schema(name) } }]), {
        answer,
      }),
    );
  const missing = fetched("missing");
  match(missing.type, /communication$/);
  strictEqual(missing.instance, "/do/0/a");
  const text = fetched("text");
  match(text.type, /configuration$/);
  strictEqual(
    text.detail,
    'The document of "input.schema" is no JSON Schema: it must be an object',
  );
  const caught = runDocument(
    document([{
      t: {
        try: [{ a: { set: { x: 1 }, output: schema("missing") } }],
        catch: { do: [{ b: { set: { caught: "${ $error.detail }" } } }] },
      },
    }]),
    { answer },
  );
  deepStrictEqual(outputOf(caught), { caught: "not found" });
});

Deno.test("a branch that ends the workflow ends the others before the output's schema is fetched", () => {
  const spec = document([{
    both: {
      fork: {
        branches: [
          { slow: { wait: "PT1H" } },
          { fast: { do: [{ stop: { set: { name: "x" }, then: "end" } }] } },
        ],
      },
    },
  }], { output: schema("named") });
  const run = runDocument(spec, { answer });
  deepStrictEqual(outputOf(run), { name: "x" });
  strictEqual(run.nowMs < Date.UTC(2026, 0, 1, 1), true);
});

Deno.test("a document that does not come is not waited for without end", () => {
  const spec = document([{ a: { set: { x: 1 } } }], { input: schema("hangs") });
  const { effects } = runDocument(spec, {
    answer: (effect) => {
      const timeoutMs = effect.request.timeoutMs ?? Infinity;
      const detail = `nothing for ${timeoutMs / 1000} s`;
      return timeoutMs === Infinity
        ? undefined
        : { kind: "failed", failure: failure("timeout", detail) };
    },
  });
  deepStrictEqual(effects.map((it) => it.request.timeoutMs), [60_000]);
});

Deno.test("a schema that cannot be applied is an error of its task, which can be caught", () => {
  const broken: readonly JsonObject[] = [
    schema("broken"),
    { schema: { document: { properties: { name: { pattern: "(" } } } } },
  ];
  for (const input of broken) {
    const a: JsonObject = { set: { x: 1 }, input };
    const run = runDocument(
      document([{
        t: {
          try: [{ a }],
          catch: { do: [{ b: { set: { caught: "${ $error.detail }" } } }] },
        },
      }]),
      { input: { name: "Ada" }, answer },
    );
    match(
      JSON.stringify(outputOf(run)),
      /Task \\"a\\" does not fit its \\"input.schema\\": the schema cannot be applied: /,
    );
  }
});
