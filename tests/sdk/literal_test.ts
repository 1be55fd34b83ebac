import assert from "node:assert/strict";
import { openLocalBackend } from "../../src/backend/local.ts";
import { systemHost } from "../../src/host/system.ts";
import { readManifests } from "../../src/manifest/read.ts";
import type { Json } from "../../src/model/json.ts";
import {
  choose,
  type Defined,
  expr,
  graph,
  jsonOf,
  raise,
  run,
  set,
  t,
  text,
  toYaml,
  workflow,
} from "../../src/sdk/mod.ts";

/** Texts that a reader of manifests would evaluate, or trip over. */
const TEXTS: readonly string[] = [
  "${ .name }",
  "${",
  "a ${b} c ${ $env.HOME } d",
  "cost: $",
  '${ "}" }',
  '\\(.name) ${x} \\u0041 "q"',
  "line\n${ 1 + 1 }\n",
  "$${ 1 }",
];

/** Runs what was built, with an input that tells when data is evaluated. */
async function outputOf(built: Defined): Promise<Json | undefined> {
  const home = await Deno.makeTempDir({ prefix: "stigmer-sdk-" });
  await using backend = openLocalBackend({
    host: systemHost(),
    databasePath: `${home}/stigmer.db`,
    execute: "own",
  });
  const { client } = backend;
  try {
    const { documents, diagnostics } = await readManifests([
      { name: "x", text: toYaml(built) },
    ]);
    assert.deepEqual(diagnostics, []);
    const resources = documents.map(({ resource }) => resource);
    await client.applyResources({ resources });
    const { execution } = await client.createExecution({
      kind: "Workflow",
      name: built.name,
    });
    const id = execution?.metadata?.id ?? "";
    for await (const _ of client.watchExecution({ id }));
    const ended = await client.getExecution({ id });
    const { output, error } = ended.execution?.status ?? {};
    assert.equal(error, undefined);
    return jsonOf(output);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("a text is data, whatever it looks like", async () => {
  const flow = workflow("f");
  const kept = flow.task(
    "keep",
    set({ texts: [...TEXTS], deep: { x: "${y}" } }),
  );
  flow.task(
    "show",
    set({ kept: kept.output.texts, deep: kept.output.deep, own: "${ .z }" }),
  );
  assert.deepEqual(await outputOf(flow), {
    kept: TEXTS,
    deep: { x: "${y}" },
    own: "${ .z }",
  });
});

Deno.test("what is put into a text is data, and so are its pieces", async () => {
  const flow = workflow("f");
  const kept = flow.task("keep", set({ n: 1 }));
  const said = Object.fromEntries(
    TEXTS.map((it, i) => [`t${i}`, text`<${it}> ${kept.output.n} \${ .n }`]),
  );
  flow.task(
    "show",
    set({ ...said, split: text`$${"{ .n }"}$${kept.output.n}` }),
  );
  assert.deepEqual(await outputOf(flow), {
    ...Object.fromEntries(
      TEXTS.map((it, i) => [`t${i}`, `<${it}> 1 \${ .n }`]),
    ),
    split: "${ .n }$1",
  });
});

Deno.test("what is put into an expression is the value that it is", async () => {
  const flow = workflow("f");
  flow.task("show", set({ same: expr<boolean>`${TEXTS} == ${[...TEXTS]}` }));
  flow.output(expr`[.same, ${TEXTS[2]}]`);
  assert.deepEqual(await outputOf(flow), [true, TEXTS[2]]);
});

Deno.test("what is no word cannot be put into a text", () => {
  for (const value of [{}, undefined, null, () => 1]) {
    assert.throws(() => text`x ${value}`, /Cannot put \w+ into a text/);
  }
  assert.throws(() => expr`. == ${undefined}`, /Cannot put undefined into an/);
});

Deno.test("a command and a script have their own ${", async () => {
  const flow = workflow("f");
  const said = flow.task(
    "say",
    run.shell({ command: 'printf "${HOME:+home}"' }),
  );
  const told = flow.task(
    "tell",
    run.script({ language: "js", code: "console.log(`${1 + 1}`);" }),
  );
  flow.task("show", set({ said: said.output, told: told.output }));
  assert.deepEqual(await outputOf(flow), { said: "home", told: "2\n" });
});

Deno.test("conditions are jq with or without its ${ }", async () => {
  const flow = workflow("f");
  const one = flow.task("one", set({ n: 1 }), { if: "${ true }" });
  flow.task("skip", set({ n: 2 }), { if: "$context.one.n == 2" });
  flow.task(
    "go",
    choose({
      on: { when: "${ .n == 1 }", then: "show" },
      off: { then: "end" },
    }),
  );
  flow.task("show", set({ n: one.output.n }), {
    metadata: { note: "${ as it is }" },
  });
  assert.deepEqual(await outputOf(flow), { n: 1 });
});

Deno.test("a schema is written as it is", () => {
  const pattern = "^\\${";
  const flow = workflow("f", { input: t.object({ a: t.string({ pattern }) }) });
  flow.task("one", set({ n: 1 }), { inputSchema: t.string({ pattern }) });
  const written = JSON.stringify(flow.toManifest());
  assert.equal(written.split(JSON.stringify(pattern)).length, 3, written);
});

Deno.test("a text of a graph is data, too", async () => {
  const g = graph("g");
  const first = g.task("first", set({ x: "${tasks.other.outputs.y}" }));
  g.task("second", set({ x: first.output, y: text`${first.output.x}!` }));
  assert.deepEqual(await outputOf(g), {
    first: { x: "${tasks.other.outputs.y}" },
    second: {
      x: { x: "${tasks.other.outputs.y}" },
      y: "${tasks.other.outputs.y}!",
    },
  });
});

Deno.test("names that are digits are read as names", async () => {
  const flow = workflow("f");
  const kept = flow.task(
    "keep",
    set({ rows: { "4711": 1 }, deep: { "7": "b" } }),
  );
  const made = flow.task("make", set({ n: 1 }), { as: { "12": expr(".n") } });
  flow.task(
    "show",
    set({
      a: kept.output.rows["4711"],
      b: kept.output.deep["7"],
      c: made.output["12"],
    }),
  );
  assert.deepEqual(await outputOf(flow), { a: 1, b: "b", c: 1 });
});

Deno.test("names that are digits are read as names in graphs, too", async () => {
  const flow = graph("g", {
    inputs: { rows: { type: "object", default: { "4711": 5 } } },
  });
  const kept = flow.task("keep", set({ "12": 1 }));
  const last = flow.task(
    "show",
    set({ a: flow.inputs.rows["4711"], b: kept.output["12"] }),
  );
  flow.output(last.output);
  assert.deepEqual(await outputOf(flow), { a: 5, b: 1 });
});

Deno.test("what is skipped, or lost, is there as its type says", async () => {
  const flow = workflow("f");
  const never = { if: expr<boolean>`false` };
  const skipped = flow.task("skipped", set({ n: 1 }), never);
  const list = flow.steps.do("list", (list) => {
    list.task("first", set({ first: 1 }));
    return list.task("last", set({ last: 1 }), never);
  });
  const race = flow.steps.fork("race", {
    fast: set({ fast: 1 }),
    slow: set({ slow: 1 }),
  }, { compete: true });
  const silent = flow.steps.try(
    "silent",
    (list) => list.task("fail", raise({ type: "https://x/y", status: 404 })),
    { errors: { status: 404 } },
  );
  flow.task(
    "show",
    set({
      skipped: skipped.output,
      within: skipped.output.n,
      list: list.output,
      race: race.output,
      won: race.branches.fast.output,
      lost: race.branches.slow.output,
      silent: silent.output,
    }),
  );
  assert.deepEqual(await outputOf(flow), {
    skipped: null,
    within: null,
    list: { first: 1 },
    race: { fast: 1 },
    won: { fast: 1 },
    lost: null,
    silent: { fast: 1 },
  });
});
