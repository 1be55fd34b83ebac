import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Json, JsonObject } from "../model/json.ts";
import { checkWorkflow } from "./check.ts";
import { shapeHint } from "./shapes.ts";

const DOCUMENT = {
  dsl: "1.0.3",
  namespace: "a",
  name: "b",
  version: "1.0.0",
} as const;

/** What is said of a workflow of one task, place and hint included. */
function said(task: Json, more: JsonObject = {}): readonly string[] {
  const spec = { document: DOCUMENT, do: [{ a: task }], ...more };
  return checkWorkflow(spec).diagnostics
    .map(({ pointer, message, hint }) => `${pointer} ${message} (${hint})`);
}

const SET = { set: { x: 1 } };

Deno.test("a value of the wrong shape is told once, with how it is written", () => {
  const cases: readonly (readonly [Json, string])[] = [
    [
      { run: "echo hi" },
      '/do/0/a/run This must be an object, not a string (Write { shell: { command: "echo hi" } })',
    ],
    [
      { run: { shell: "echo hi" } },
      '/do/0/a/run/shell This must be an object, not a string (Write { command: "echo hi" })',
    ],
    [
      { raise: "oops" },
      '/do/0/a/raise This must be an object, not a string (Write { error: { type: …, status: 500, title: "oops" } })',
    ],
    [
      { emit: "order.created" },
      '/do/0/a/emit This must be an object, not a string (Write { event: { with: { type: "order.created", source: … } } })',
    ],
    [
      { listen: "order.created" },
      '/do/0/a/listen This must be an object, not a string (Write { to: { one: { with: { type: "order.created" } } } })',
    ],
    [
      { fork: [{ b: SET }] },
      "/do/0/a/fork This must be an object, not an array (Write { branches: […] })",
    ],
    [
      { fork: { branches: { b: SET, c: SET } } },
      '/do/0/a/fork/branches This must be an array, not an object (Write a list, "- " before each name: "- b:", then "- c:")',
    ],
    [
      { for: [1], do: [{ b: SET }] },
      '/do/0/a/for This must be an object, not an array (Write { each: NAME, in: ".LIST" })',
    ],
    [
      { try: { b: SET }, catch: {} },
      '/do/0/a/try This must be an array, not an object (Write a list, "- " before each name: "- b:")',
    ],
    [
      { try: [{ b: SET }], catch: { retry: 3 } },
      "/do/0/a/catch/retry This must be an object, not a number (Write { limit: { attempt: { count: 3 } } })",
    ],
    [
      { switch: { x: { when: ".a", then: "end" } } },
      '/do/0/a/switch This must be an array, not an object (Write a list, "- " before each name: "- x:")',
    ],
    [
      { switch: [{ when: ".a", then: "end" }] },
      '/do/0/a/switch/0 A case is an object of one key, its name (Write "- name: {…}" around it)',
    ],
    [
      { call: { http: { method: "get" } } },
      '/do/0/a/call This must be a string, not an object (Write "call: http", and beside it "with:" and what it takes)',
    ],
    [
      { wait: 5 },
      "/do/0/a/wait 5 is not a duration (Write it with its unit, as {seconds: 5})",
    ],
    [
      { wait: "5s" },
      '/do/0/a/wait "5s" is not a duration (Write it as {seconds: 5})',
    ],
    [
      { ...SET, timeout: 5 },
      "/do/0/a/timeout This must be an object, not a number (Write { after: { seconds: 5 } })",
    ],
    [
      { ...SET, timeout: "5s" },
      '/do/0/a/timeout "5s" would be the name of a timeout (Write { after: {seconds: 5} })',
    ],
    [
      { ...SET, export: ".x" },
      '/do/0/a/export This must be an object, not a string (Write { as: ".x" })',
    ],
    [
      { ...SET, input: ".x" },
      '/do/0/a/input This must be an object, not a string (Write { from: ".x" })',
    ],
    [
      { ...SET, input: { schema: { type: "object" } } },
      '/do/0/a/input/schema A schema stands under "document" (Write { document: {…} } around it)',
    ],
    [
      { ...SET, wait: { seconds: 1 } },
      '/do/0/a/wait Unknown field "wait" of a "set" task (A task does one thing: make a task of its own for "wait")',
    ],
    [
      "hello",
      '/do/0/a This must be an object, not a string (Below "a:" goes one of call, emit, for, fork, listen, raise, run, set, switch, try, wait, do)',
    ],
  ];
  for (const [task, expected] of cases) {
    deepStrictEqual(said(task), [expected], JSON.stringify(task));
  }
});

Deno.test("an item that is no task says how it becomes one", () => {
  const cases: readonly (readonly [Json, string])[] = [
    [
      { name: "read", ...SET },
      'A task stands under one key, its name (Write "- read:", and "set" below it, indented further)',
    ],
    [
      { read: null, ...SET },
      'A task stands under one key, its name (Indent "set" further, it is of "read")',
    ],
    [
      { read: SET, write: SET },
      'A task stands under one key, its name (Make each an item of its own: "- read:", then "- write:")',
    ],
    [
      { ...SET, then: "end" },
      'A task stands under one key, its name (Write "- name: {…}" around it)',
    ],
    [
      "read",
      'This must be an object of one key, the name of a task, not a string (Write "- read:", and below it what it does)',
    ],
    [{}, "A task stands under one key, its name (undefined)"],
  ];
  for (const [item, expected] of cases) {
    deepStrictEqual(said(SET, { do: [item] }), [`/do/0 ${expected}`]);
  }
});

Deno.test("a graph beside a document is told what it is", () => {
  const { diagnostics } = checkWorkflow({ document: DOCUMENT, tasks: [] });
  deepStrictEqual(diagnostics.map(({ message }) => message), [
    'A workflow with a "document" has "do", and no "tasks"',
  ]);
});

Deno.test("shapeHint() repeats no long text, and says nothing of what is handed to a function", () => {
  strictEqual(
    shapeHint("/do/0/a/run", "x\ny"),
    "Write { shell: { command: … } }",
  );
  strictEqual(shapeHint("/do/0/a/with/input", "x"), undefined);
  strictEqual(shapeHint("/do/0/a/constructor", "x"), undefined);
  strictEqual(
    shapeHint("/tasks", { fetch: {} }),
    'Write a list of tasks, each with its name: "- name: fetch"',
  );
});
