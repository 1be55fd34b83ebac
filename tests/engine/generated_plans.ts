/**
 * Random workflows that are valid and end the same whatever happens to who
 * runs them: every task takes an object with a number and gives one.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { checkWorkflow } from "../../src/workflow/check.ts";
import type { Plan } from "../../src/workflow/tree.ts";
import { seeded } from "./simulation.ts";

/** How deep lists stand inside lists. */
const DEPTH_MAX = 3;
/** Tasks of one list at the most. */
const LIST_MAX = 3;
/** How deep workflows run workflows. */
const FAMILY_DEPTH_MAX = 1;
const HOUR = { hours: 1 };
/** Waits before calls and says something after them. */
const EXTENSION = {
  around: {
    extend: "call",
    before: [{ pause: { wait: { milliseconds: 2 } } }],
    after: [{ tell: { set: { n: "${ .n }", told: true } } }],
  },
};

/** A workflow, those that it runs, and what they are made of. */
export interface Generated {
  readonly name: string;
  readonly input: Json;
  /** By name: its own, and those of its children. */
  readonly definitions: Readonly<Record<string, JsonObject>>;
  readonly plans: Readonly<Record<string, Plan>>;
}

/** A workflow that is being made. */
interface Making {
  readonly random: () => number;
  readonly definitions: Record<string, JsonObject>;
  readonly name: string;
  /** How many workflows stand above it. */
  readonly level: number;
  tasks: number;
}

type Make = (making: Making, name: string, depth: number) => JsonObject;

/** Makes the workflow of a seed. */
export function generate(seed: number): Generated {
  const definitions: Record<string, JsonObject> = {};
  const name = `generated-${seed}`;
  define({ random: seeded(seed), definitions, name, level: 0, tasks: 0 });
  const plans = Object.fromEntries(
    Object.entries(definitions).map(([key, definition]) => {
      const { plan, diagnostics } = checkWorkflow(definition, { name: key });
      const errors = diagnostics.filter((it) => it.severity === "error");
      assert.deepEqual(errors, [], `seed ${seed}: ${text(definition)}`);
      assert.ok(plan);
      return [key, plan];
    }),
  );
  return { name, input: { n: 1 }, definitions, plans };
}

function text(value: Json): string {
  return JSON.stringify(value, null, 1);
}

function define(making: Making): void {
  const { name } = making;
  making.definitions[name] = pick(making, 6) === 0 ? graph(making) : {
    document: { dsl: "1.0.3", namespace: "test", name, version: "1.0.0" },
    use: {
      functions: {
        counted: { set: { n: "${ .n }", counted: true } },
      },
      ...(pick(making, 5) === 0 ? { extensions: [EXTENSION] } : {}),
    },
    input: { from: { n: "${ .n }" } },
    do: list(making, DEPTH_MAX),
    output: { as: { n: "${ .n }", all: "${ . }", context: "${ $context }" } },
  };
}

function pick(making: Making, count: number): number {
  return Math.floor(making.random() * count);
}

function list(making: Making, depth: number): Json[] {
  return Array.from(
    { length: 1 + pick(making, LIST_MAX) },
    () => item(making, depth),
  ).flat();
}

/** A task under its name; a loop by a jump is several. */
function item(making: Making, depth: number): Json[] {
  const name = `t${making.tasks++}`;
  if (depth > 0 && pick(making, 24) === 0) return rounds(name);
  const makes = depth > 0 ? [...LEAVES, ...NESTS] : LEAVES;
  const make = makes[pick(making, makes.length)];
  assert.ok(make);
  return [{ [name]: dressed(making, make(making, name, depth), depth) }];
}

/** Some tasks have conditions, limits and exports besides. */
function dressed(making: Making, task: JsonObject, depth: number): JsonObject {
  switch (pick(making, 12)) {
    case 0:
      return { ...task, if: "${ .never }" };
    case 1:
      return task.timeout === undefined
        ? { ...task, timeout: { after: HOUR } }
        : task;
    // What branches export at once would depend on who is faster.
    case 2:
      return depth === DEPTH_MAX
        ? { ...task, export: { as: { last: "${ .n }" } } }
        : task;
    default:
      return task;
  }
}

/** What stands in graphs, too. */
const SIMPLE: readonly Make[] = [
  ({ tasks }) => ({ set: { n: tasks, was: "${ .n }" } }),
  // Most expressions need no jq, which would take most of the time.
  (making) => ({
    set: {
      n: pick(making, 4) === 0
        ? "${ ([.. | numbers] | add // 0) % 997 }"
        : "${ .n }",
      set: true,
    },
  }),
  (_, name) => ({
    call: "http",
    with: {
      method: "post",
      endpoint: `http://test/${name}`,
      body: "${ . }",
    },
  }),
  (making) => ({ wait: { milliseconds: 1 + pick(making, 20) } }),
  (making) => ({ wait: { milliseconds: 260 + pick(making, 60) } }),
  (making) => ({
    call: "human",
    with: {
      prompt: "How many after ${ .n }?",
      ...(pick(making, 2) === 0 ? { outcomes: ["more", "less"] } : {}),
    },
    output: { as: { n: "${ .data.n }", outcome: "${ .outcome }" } },
  }),
  () => ({
    call: "human",
    with: {
      prompt: "Nobody answers this: unanswered",
      outcomes: ["yes", "late"],
      timeout: { milliseconds: 20 },
      onTimeout: "late",
    },
    output: { as: { n: 7, late: "${ .timedOut }" } },
  }),
  (making, name) => ({
    emit: { event: { with: { type: typeOf(making, name), data: { n: 5 } } } },
    output: { as: "${ .data }" },
  }),
  (making, name) => runChild(making, name),
  (_, name) => ({
    run: { shell: { command: `echo ${name}` } },
    output: { as: { n: "${ .n }" } },
  }),
  (_, name) => ({
    run: { script: { language: "js", code: `console.log("${name}")` } },
    output: {
      as: { n: "${ .n }" },
      schema: { document: { properties: { n: { type: "integer" } } } },
    },
  }),
];

const LEAVES: readonly Make[] = [
  ...SIMPLE,
  () => ({ call: "counted", with: { n: "${ .n }" } }),
];

const NESTS: readonly Make[] = [
  (making, _, depth) => ({ do: list(making, depth - 1) }),
  (making, _, depth) => ({
    for: { each: "it", at: "at", in: "[1, 2, 3]" },
    ...(pick(making, 4) === 0 ? { while: "$at < 2" } : {}),
    do: [
      { add: { set: { n: "${ $it }", before: "${ .n }" } } },
      ...list(making, depth - 2),
    ],
  }),
  (making, _, depth) => ({
    fork: { branches: branches(making, depth) },
    output: { as: { n: "${ .[0].n }", other: "${ .[1].n }" } },
  }),
  // Only one of them can finish.
  (making, name, depth) => ({
    fork: {
      compete: true,
      branches: [
        { [`${name}-slow`]: { wait: HOUR } },
        { [`${name}-asks`]: { call: "human", with: { prompt: "unanswered" } } },
        { [`${name}-hears`]: { listen: { to: { one: heard("test.never") } } } },
        { [`${name}-wins`]: { do: list(making, depth - 1) } },
      ],
    },
  }),
  (making, name) => talk(making, name, ([type]) => ({ one: heard(type) })),
  (making, name) => talk(making, name, (types) => ({ all: types.map(heard) })),
  (making, name) =>
    talk(making, name, (types) => ({
      any: types.map(heard),
      until: "length == 2",
    })),
  (making, _, depth) => ({
    try: [...list(making, depth - 1), flaky(making)],
    catch: {
      errors: { with: { status: 503 } },
      retry: {
        delay: { milliseconds: 5 },
        backoff: { exponential: {} },
        limit: { attempt: { count: 3 } },
      },
    },
  }),
  (making, _, depth) => ({
    try: [...list(making, depth - 1), raised()],
    catch: {
      as: "problem",
      do: [
        {
          tell: {
            set: { n: "${ $problem.status }", why: "${ $problem.title }" },
          },
        },
        ...list(making, depth - 1),
      ],
    },
  }),
  () => ({
    try: [{
      late: {
        do: [{ nap: { wait: HOUR } }],
        timeout: { after: { milliseconds: 15 } },
      },
    }],
    catch: {
      errors: { with: { status: 408 } },
      do: [{ tell: { set: { n: 408 } } }],
    },
  }),
];

function branches(making: Making, depth: number): Json[] {
  return Array.from({ length: 2 + pick(making, 2) }, () => {
    const name = `t${making.tasks++}`;
    return { [name]: { do: list(making, depth - 1) } };
  });
}

function heard(type: string | undefined): JsonObject {
  return { with: { type: type ?? "" } };
}

/** All executions of a home see all events: the type says whose it is. */
function typeOf(making: Making, name: string): string {
  return `${making.name}.${name}`;
}

/** One branch listens for what the other one emits. */
function talk(
  making: Making,
  name: string,
  to: (types: readonly string[]) => JsonObject,
): JsonObject {
  const types = ["first", "second"].map((it) =>
    typeOf(making, `${name}-${it}`)
  );
  const emits = types.map((type, n) => ({
    [`${name}-say-${n}`]: { emit: { event: { with: { type, data: { n } } } } },
  }));
  const pause = { wait: { milliseconds: pick(making, 2) === 0 ? 5 : 300 } };
  return {
    fork: {
      branches: [
        { [`${name}-hear`]: { listen: { to: to(types) } } },
        { [`${name}-say`]: { do: [{ pause }, ...emits] } },
      ],
    },
    output: { as: { n: "${ .[0][0].n }", heard: "${ .[0] }" } },
  };
}

/** Fails until its third round: the path says which one it is. */
function flaky(making: Making): JsonObject {
  const name = `flaky${making.tasks++}`;
  return {
    [name]: {
      call: "http",
      with: { method: "get", endpoint: `http://test/${name}` },
    },
  };
}

function raised(): JsonObject {
  return {
    fail: {
      raise: {
        error: {
          type: "https://test.example/errors/made",
          status: 418,
          title: "Made to fail",
        },
      },
    },
  };
}

/** Three rounds by a `switch` that leads back. */
function rounds(name: string): Json[] {
  return [
    { [`${name}-start`]: { set: { n: "${ .n }", round: 0 } } },
    {
      [`${name}-next`]: {
        set: { n: "${ .n }", round: "${ .round + 1 }" },
      },
    },
    { [`${name}-rest`]: { wait: { milliseconds: 2 } } },
    {
      [`${name}-back`]: {
        switch: [
          { more: { when: ".round < 3", then: `${name}-next` } },
          { done: { then: "continue" } },
        ],
      },
    },
  ];
}

function runChild(making: Making, task: string): JsonObject {
  if (making.level >= FAMILY_DEPTH_MAX) return { set: { n: making.tasks } };
  const name = `${making.name}-${task}`;
  define({ ...making, name, level: making.level + 1, tasks: 0 });
  return {
    run: {
      workflow: {
        namespace: "test",
        name,
        version: "1.0.0",
        input: { n: "${ .n }" },
      },
    },
    output: { as: { n: "${ .n }" } },
  };
}

/** A graph of tasks that depend on earlier ones. */
function graph(making: Making): JsonObject {
  const count = 2 + pick(making, 4);
  const names = Array.from({ length: count }, (_, i) => `g${i}`);
  return {
    inputs: { n: { type: "integer", default: 1 } },
    tasks: names.map((name, i): JsonObject => {
      const make = SIMPLE[pick(making, SIMPLE.length)];
      assert.ok(make);
      making.tasks++;
      const earlier = names.slice(0, i).filter(() => pick(making, 2) === 0);
      const inputs: JsonObject = {
        n: i === 0
          ? "${workflow.inputs.n}"
          : `\${tasks.${names[i - 1]}.output.n}`,
      };
      return {
        name,
        ...make(making, name, 0),
        inputs,
        dependsOn: earlier,
      };
    }),
  };
}
