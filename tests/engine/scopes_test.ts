/** Data is never evaluated: expressions in it come out as they went in. */

import { deepStrictEqual } from "node:assert/strict";
import type { ActivityOutcome } from "../../src/model/durable.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { document, outputOf, runDocument } from "./documents.ts";
import type { Effect } from "./simulation.ts";

/** What must come out of everything as it went in. */
const DATA: JsonObject = {
  secret: "${ $secrets.x }",
  jq: "${ .a }",
  bare: ".a | .b",
  text: "see ${ .a } and \\(.b)",
  uri: "{a}",
  "${ .key }": ["${ $env.HOME }", { deep: "${ error }" }],
};
const PASS = "${ .data }";
const SCHEMA: Json = {
  type: "object",
  properties: { data: { default: "${ .a }" } },
};

/** Gives the whole request: also what an effect gives back is data. */
function give(effect: Effect): ActivityOutcome {
  const request = effect.request;
  if ("activity" in request && request.activity === "resource") {
    const content: Json = { set: { data: "${ .data }" } };
    return { kind: "completed", output: { uri: "", content } };
  }
  return { kind: "completed", output: request.input };
}

/** Tasks that end with `{data}`, by what they go through. */
const THROUGH: Readonly<Record<string, Json>> = {
  "set of a whole": [{ a: { set: "${ . }" } }],
  "set of a part": [{ a: { set: { data: PASS } } }],
  "set twice": [{ a: { set: { x: PASS } } }, {
    b: { set: { data: "${ .x }" } },
  }],
  "input.from": [{
    a: { set: { data: "${ .x }" }, input: { from: { x: PASS } } },
  }],
  "output.as": [{
    a: { set: { x: PASS }, output: { as: { data: "${ .x }" } } },
  }],
  "export.as": [{
    a: { set: { x: 1 }, input: { from: ".data" }, export: { as: "$input" } },
  }, {
    b: { set: { data: "${ $context }" } },
  }],
  "a schema": [{
    a: {
      set: "${ . }",
      input: { schema: { document: SCHEMA } },
      output: { schema: { document: SCHEMA } },
    },
  }],
  "a condition": [{ a: { if: ".data.jq != null", set: "${ . }" } }],
  do: [{ a: { do: [{ b: { set: "${ . }" } }] } }],
  for: [{
    a: {
      for: { in: "[.data]", each: "it" },
      while: "$it.jq != null",
      do: [{ b: { set: { data: "${ $it }" } } }],
    },
  }],
  "for over texts": [{
    a: {
      for: { in: "[.data.jq, .data.secret]" },
      do: [{ b: { set: { data: "${ .data }", last: "${ $item }" } } }],
      output: {
        as:
          "${ if .last == $workflow.input.data.secret then {data} else null end }",
      },
    },
  }],
  fork: [{
    a: {
      fork: { branches: [{ b: { set: "${ . }" } }, { c: { set: { x: 1 } } }] },
      output: { as: ".[0]" },
    },
  }],
  "a race": [{
    a: { fork: { compete: true, branches: [{ b: { set: "${ . }" } }] } },
  }],
  switch: [
    {
      a: { switch: [{ x: { when: '.data.jq == "${ .a }"', then: "c" } }] },
    },
    { b: { set: { x: 1 } } },
    { c: { set: { data: PASS } } },
  ],
  try: [{ a: { try: [{ b: { set: "${ . }" } }], catch: {} } }],
  "an error": [{
    a: {
      try: [{
        b: {
          raise: {
            error: {
              type: "https://x.test/e",
              status: 400,
              detail: "${ .data | tojson }",
            },
          },
        },
      }],
      catch: {
        as: "e",
        do: [{ c: { set: { data: "${ $e.detail | fromjson }" } } }],
      },
    },
  }],
  "call http": [{
    a: {
      call: "http",
      with: { method: "post", endpoint: "https://a.test", body: PASS },
      output: { as: { data: "${ .body }" } },
    },
  }],
  "the address of a call": [{
    a: {
      call: "http",
      with: {
        method: "get",
        endpoint: "https://a.test/${ .data.uri }",
        body: PASS,
      },
      output: {
        as:
          '${ if .url == "https://a.test/{a}" then {data: .body} else . end }',
      },
    },
  }],
  "run shell": [{
    a: {
      run: {
        shell: {
          command: "./it",
          environment: { X: "${ .data.jq }" },
          arguments: ["${ .data.secret }"],
        },
      },
      output: {
        as: {
          data: "${ $input.data }",
          env: "${ .environment.X }",
          args: "${ .arguments }",
        },
      },
    },
  }, {
    b: {
      set:
        '${ if .env == "${ .a }" and .args == [.data.secret] then {data} else . end }',
    },
  }],
  emit: [{
    a: {
      emit: { event: { with: { type: "a.b", source: "/a", data: PASS } } },
      output: { as: { data: "${ .data }" } },
    },
  }],
  "call agent": [{
    a: {
      call: "agent",
      with: { agent: "x", input: { data: PASS } },
    },
  }],
  "a function": [{ a: { call: "pass", with: { data: PASS } } }],
  "a function from elsewhere": [{
    a: { call: "https://a.test/f", with: { data: PASS } },
  }],
  "a task that is extended": [{
    a: {
      call: "http",
      with: { method: "get", endpoint: "https://a.test" },
      metadata: { mock: true },
    },
  }],
};

const USE: JsonObject = {
  functions: { pass: { set: { data: PASS } } },
  secrets: ["x"],
  extensions: [{
    mock: {
      extend: "call",
      when: "$task.definition.metadata.mock",
      before: [{
        stand: { set: { data: "${ $task.input.data }" }, then: "exit" },
      }],
    },
  }],
};

for (const [name, tasks] of Object.entries(THROUGH)) {
  Deno.test(`expressions in data stay as they are through ${name}`, () => {
    for (const mode of ["strict", "loose"]) {
      const run = runDocument(
        document(tasks, { use: USE, evaluate: { mode } }),
        {
          input: { data: DATA },
          answer: give,
        },
      );
      deepStrictEqual(outputOf(run), { data: DATA }, mode);
    }
  });
}

Deno.test("expressions in data stay as they are through a graph and its outputs", () => {
  const run = runDocument({
    inputs: { data: "object" },
    tasks: [
      { name: "a", set: { data: "${ workflow.inputs.data }" } },
      {
        name: "b",
        inputs: { x: "${tasks.a.output.data}" },
        set: { data: "${ .x }" },
      },
    ],
    output: { as: "${ .b }" },
  }, { input: { data: DATA }, answer: give });
  deepStrictEqual(outputOf(run), { data: DATA });
});

Deno.test("what an effect gives back is not evaluated either", () => {
  const run = runDocument(
    document([
      {
        a: {
          call: "http",
          with: { method: "get", endpoint: "https://a.test" },
        },
      },
      { b: { set: { data: "${ . }" } } },
    ]),
    { answer: () => ({ kind: "completed", output: DATA }) },
  );
  deepStrictEqual(outputOf(run), { data: DATA });
});
