import { deepEqual, equal, ok } from "node:assert/strict";
import { parse } from "yaml";
import { checkWorkflow } from "../workflow/check.ts";
import { toDot } from "./graph_dot.ts";
import { toMermaid } from "./graph_mermaid.ts";
import { drawWorkflow } from "./draw_workflow.ts";
import type { WorkflowGraph } from "./workflow_graph.ts";
import { withRun } from "./workflow_graph_state.ts";

const HEAD = "document: {dsl: 1.0.3, namespace: a, name: b, version: 1.0.0}\n";

/** Draws the tasks of a document, or a whole graph. */
function draw(yaml: string): WorkflowGraph {
  const text = yaml.trimStart().startsWith("- ") ? `${HEAD}do:\n${yaml}` : yaml;
  const { plan, diagnostics } = checkWorkflow(parse(text));
  if (plan === undefined) throw new Error(JSON.stringify(diagnostics));
  return drawWorkflow(plan);
}

/** The edges of a graph between names: `a -> b (case: .x)`. */
function edgesOf({ nodes, edges }: WorkflowGraph): readonly string[] {
  const name = (id: string): string =>
    nodes.find((it) => it.id === id)?.name ?? `?${id}`;
  return edges.map(({ from, to, kind, label }) => {
    const said = [kind === "next" ? "" : kind, label ?? ""]
      .filter((it) => it !== "").join(" ");
    return `${name(from)} -> ${name(to)}${said === "" ? "" : ` (${said})`}`;
  }).sort();
}

Deno.test("drawWorkflow() leads tasks in order, by then, forward and back", () => {
  const graph = draw(`
- one: { set: { a: 1 } }
- two: { set: { a: 2 }, then: four }
- three: { set: { a: 3 }, then: end }
- four: { set: { a: 4 }, if: .x, then: one }
`);
  deepEqual(edgesOf(graph), [
    "four -> end (skip if not)",
    "four -> one",
    "one -> two",
    "start -> one",
    "three -> end",
    "two -> four",
  ]);
  equal(graph.nodes.find(({ name }) => name === "four")?.condition, ".x");
});

Deno.test("drawWorkflow() labels the cases of a switch with their conditions", () => {
  deepEqual(
    edgesOf(draw(`
- pick:
    switch:
      - big: { when: .n > 9, then: b }
      - small: { when: .n < 2, then: exit }
- a: { set: { v: 1 }, then: end }
- b: { set: { v: 2 } }
`)),
    [
      "a -> end",
      "b -> end",
      "pick -> a (otherwise otherwise)",
      "pick -> b (case big: .n > 9)",
      "pick -> end (case small: .n < 2)",
      "start -> pick",
    ],
  );
});

Deno.test("drawWorkflow() shows branches and their join, loops and what errors do", () => {
  deepEqual(
    edgesOf(draw(`
- both: { fork: { branches: [ { left: { wait: PT1S } }, { right: { wait: PT1S } } ] } }
- each: { for: { in: .x }, do: [ { inner: { set: { a: 1 } } } ] }
- safe:
    try: [ { risky: { set: { a: 1 } } } ]
    catch:
      errors: { with: { type: https://example.org/errors/timeout } }
      retry: { limit: { attempt: { count: 2 } } }
      do: [ { mend: { set: { a: 2 } } } ]
      then: both
`)),
    [
      "all -> each",
      "both -> left (branch)",
      "both -> right (branch)",
      "each -> inner (enter for each item)",
      "each -> safe",
      "inner -> each (again)",
      "left -> all",
      "mend -> both",
      "right -> all",
      "risky -> end",
      "safe -> mend (error error type timeout)",
      "safe -> risky (enter)",
      "safe -> safe (retry retry)",
      "start -> both",
    ],
  );
});

Deno.test("drawWorkflow() ends nested lists where exit and end say", () => {
  deepEqual(
    edgesOf(draw(`
- outer:
    do:
      - leave: { set: { a: 1 }, if: .x, then: exit }
      - stop: { set: { a: 1 }, then: end }
- after: { set: { a: 2 } }
`)),
    [
      "after -> end",
      "leave -> after",
      "leave -> stop (skip if not)",
      "outer -> leave (enter)",
      "start -> outer",
      "stop -> end",
    ],
  );
});

Deno.test("drawWorkflow() shows what the tasks of a graph depend on", () => {
  deepEqual(
    edgesOf(draw(`
tasks:
  - { name: a, agent: x }
  - { name: b, agent: x, dependsOn: [a], retry: { limit: { attempt: { count: 2 } } } }
  - { name: c, agent: x, inputs: { v: "\${tasks.a.output}" } }
`)),
    [
      "a -> b (dependency)",
      "a -> c (dependency)",
      "b -> b (retry retry)",
      "b -> end",
      "c -> end",
      "start -> a",
    ],
  );
});

const NESTED = draw(`
- each:
    for: { in: .x }
    do:
      - "a/b": { set: { a: 1 } }
      - safe:
          try: [ { risky: { wait: PT1S } } ]
          catch: { retry: { limit: { attempt: { count: 2 } } } }
- last: { set: { a: 1 } }
`);

Deno.test("every task is drawn once, by every renderer", () => {
  const names = ["each", "a/b", "safe", "risky", "last"];
  const titles = NESTED.nodes.map(({ name }) => name);
  for (const name of names) {
    equal(titles.filter((it) => it === name).length, 1, name);
    equal(toMermaid(NESTED).split(`"${name}<br/>`).length, 2, name);
    equal(toDot(NESTED).split(`label="${name}\\n`).length, 2, name);
  }
});

Deno.test("withRun() gives each node what the run did there, rounds counted", () => {
  const graph = withRun(NESTED, {
    phase: "RUNNING",
    tasks: [
      { pointer: "/do/0/each", phase: "RUNNING" },
      { pointer: "/do/0/each/do/0/a~1b", phase: "COMPLETED" },
      { pointer: "/do/0/each/do/1/safe", phase: "COMPLETED" },
      { pointer: "/do/0/each/do/1/safe/try/0/risky", phase: "FAILED" },
      { pointer: "/do/0/each/do/1/safe/try/0/risky", phase: "COMPLETED" },
      { pointer: "/do/0/each/do/0/a~1b", phase: "COMPLETED" },
      { pointer: "/do/0/each/do/1/safe/try/0/risky", phase: "WAITING" },
      { pointer: "/nowhere/0/x", phase: "COMPLETED" },
    ],
  });
  const states = graph.nodes.map(({ name, state }) => [
    name,
    state?.phase,
    state?.runs,
  ]);
  deepEqual(states, [
    ["start", "COMPLETED", 1],
    ["each", "RUNNING", 1],
    ["a/b", "COMPLETED", 2],
    ["safe", "COMPLETED", 1],
    ["risky", "WAITING", 3],
    ["last", undefined, undefined],
    ["end", undefined, undefined],
  ]);
  const mermaid = toMermaid(graph);
  ok(mermaid.includes("1 FAILED, 1 COMPLETED, 1 WAITING"), mermaid);
  ok(/\n {2}class n4 waiting\n/.test(mermaid), mermaid);
  ok(toDot(graph).includes('fillcolor="#fff3bf"'));
});

Deno.test("names that are signs of Mermaid or Graphviz stay text", () => {
  const graph = draw(
    JSON.stringify([{ 'a"]; end %%{init}%% `b` \\ \n é': { wait: "PT1S" } }])
      .replace(/^\[(.*)\]$/s, "- $1"),
  );
  const line = toMermaid(graph).split("\n").find((it) => it.includes("n1"));
  equal(
    line,
    '  n1("a#34;#93;#59; end #37;#37;#123;init#125;#37;#37; #96;b#96; #92; é<br/>wait")',
  );
  const dot = toDot(graph);
  ok(dot.includes('label="a\\"]; end %%{init}%% `b` \\\\ \\n é\\nwait"'), dot);
  // Outside of quotes there is nothing but the language's own words.
  const bare = dot.replaceAll(/"(?:[^"\\]|\\.)*"/gs, "");
  ok(!/[`%]/.test(bare), bare);
});
