import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

/**
 * What the compiler says of scripts: each snippet is checked by the real one,
 * all of them in one process. A line that ends with `// error` must not
 * compile, and no other line may fail.
 */
const SNIPPETS: Readonly<Record<string, string>> = {
  "a right reference compiles": `
const flow = workflow("f", { input: t.object({ id: t.string() }) });
const got = flow.task("get", call.http({
  method: "get",
  endpoint: text\`https://x/\${flow.input.id}\`,
  schema: t.object({ rows: t.array(t.object({ n: t.number() })) }),
}));
flow.task("show", set({ first: got.output.rows[0]!.n }));
`,
  "an output that there is not does not compile": `
const flow = workflow("f");
const got = flow.task("get", call.http({
  method: "get",
  endpoint: "https://x",
  schema: t.object({ rows: t.array(t.number()) }),
}));
flow.task("show", set({ first: got.output.lines })); // error
`,
  "an input that there is not does not compile": `
const flow = workflow("f", { input: t.object({ id: t.string() }) });
flow.task("show", set({ id: flow.input.name })); // error
`,
  "what is any JSON can be referred into": `
const flow = workflow("f", { input: t.object({ any: t.json() }) });
const got = flow.task("get", call.http({ method: "get", endpoint: "https://x" }));
flow.task("show", set({ a: got.output.rows, b: got.output[0], c: flow.input.any.deep }));
const g = graph("g", { inputs: { all: "any", few: "array" } });
const sort = g.agent("sort", { agent: "a", outputs: ["label"], inputs: { x: g.inputs.all.deep, y: g.inputs.few } });
g.agent("answer", { agent: "b", message: text\`\${sort.outputs.label.of}\` });
`,
  "what is any JSON can be referred into, however deep": `
const flow = workflow("f", { input: t.object({ any: t.json() }) });
const got = flow.task("get", call.http({ method: "get", endpoint: "https://x" }));
flow.task("show", set({ a: got.output.rows![0]!.sku!.of, b: flow.input.any.a!.b!.c!.d![1] }));
`,
  "what is in a value that may be absent may be absent": `
const flow = workflow("f", { input: t.object({
  a: t.optional(t.object({ n: t.number() })),
  b: t.union(t.object({ n: t.number() }), t.null()),
  c: t.optional(t.array(t.object({ n: t.number() }))),
}) });
const other = workflow("g", { input: t.object({ n: t.number() }) });
flow.task("show", set({ a: flow.input.a.n, b: flow.input.b.n, c: flow.input.c[0]!.n }));
flow.task("one", run.workflow(other, { n: flow.input.a.n })); // error
flow.task("two", run.workflow(other, { n: flow.input.b.n })); // error
flow.task("three", run.workflow(other, { n: flow.input.c[0]!.n })); // error
flow.task("none", set({ m: flow.input.b.m })); // error
`,
  "an expression of a wrong type does not compile": `
const flow = workflow("f", { input: t.object({ n: t.number() }) });
const other = workflow("g", { input: t.object({ text: t.string() }) });
flow.task("good", run.workflow(other, { text: "x" }));
flow.task("fine", run.workflow(other, { text: expr<string>\`\${flow.input.n} | tostring\` }));
flow.task("bad", run.workflow(other, { text: flow.input.n })); // error
flow.task("worse", run.workflow(other, { txt: "x" })); // error
`,
  "an agent's answer has the type of its schema": `
const judge = agent({
  name: "judge",
  instructions: "Judge what you are given.",
  output: t.object({ verdict: t.literal("yes", "no") }),
});
const flow = workflow("f");
const said = flow.task("ask", call.agent({ agent: judge, message: "Well?" }));
flow.task("show", set({ verdict: said.output.verdict }));
flow.task("typo", set({ verdict: said.output.verdikt })); // error
`,
  "a kind of call that there is not does not compile": `
const flow = workflow("f");
flow.task("x", call.smtp({ to: "x" })); // error
flow.task("y", call.http({ verb: "get", endpoint: "https://x" })); // error
`,
  "a task that is none does not compile": `
const flow = workflow("f");
flow.task("x", { set: { n: 1 } }); // error
flow.task("y", 42); // error
`,
  "a person's outcome is one of those that were asked for": `
const flow = workflow("f");
const said = flow.task("ask", call.human({
  prompt: "Sure?",
  outcomes: ["yes", "no"],
  timeout: "1h",
  onTimeout: "no",
}));
flow.task("show", set({ said: said.output.outcome }));
flow.task("bad", call.human({ prompt: "?", outcomes: ["yes"], onTimeout: "no" })); // error
`,
  "items of a loop have the type of the list": `
const flow = workflow("f", {
  input: t.object({ rows: t.array(t.object({ sku: t.string() })) }),
});
flow.steps.for("each", { in: flow.input.rows }, (list, row) =>
  list.task("one", set({ sku: row.sku })));
flow.steps.for("bad", { in: flow.input.rows }, (list, row) =>
  list.task("two", set({ sku: row.price }))); // error
`,
  "what is taken one by one has the type of its items": `
const flow = workflow("f");
const booked = flow.steps.foreach("paid", listen<{ amount: number }>({ any: [{ with: { type: "a" } }] }),
  (list, paid, at) => list.task("book", set({ of: paid.amount, at })));
flow.task("good", set({ first: booked.output[0]!.of }));
flow.task("bad", set({ first: booked.output[0]!.amount })); // error
flow.steps.foreach("worse", listen<{ amount: number }>({ any: [] }),
  (list, paid) => list.task("two", set({ of: paid.cents }))); // error
flow.steps.foreach("none", set({ n: 1 }), (list, n) => list.task("three", set({ n }))); // error
flow.steps.foreach("said", call.asyncapi({ document: { endpoint: "https://x" }, operation: "tell", message: {} }), (list, n) => list.task("four", set({ n }))); // error
`,
  "what a task makes of its output is what can be referred to": `
const flow = workflow("f");
const one = flow.task("one", set({ n: 1 }), { as: { m: expr<number>(".n") } });
flow.task("good", run.workflow(workflow("g", { input: t.object({ n: t.number() }) }), { n: one.output.m }));
flow.task("bad", set({ n: one.output.n })); // error
const all = flow.steps.do("all", (list) => list.task("in", set({ n: 1 })), { as: expr<{ k: string }>("{k: .n}") });
flow.task("fine", set({ k: all.output.k }));
flow.task("worse", set({ k: all.output.n })); // error
const loop = flow.steps.for("loop", { in: [1], as: { s: expr<string>(".") } }, (list, n) => list.task("of", set({ n })));
flow.task("right", set({ s: loop.output.s }));
flow.task("wrong", set({ s: loop.output.n })); // error
`,
  "what may be skipped may be null, and a list may then give anything": `
const flow = workflow("f");
const takes = workflow("g", { input: t.object({ n: t.number() }) });
const one = flow.task("one", set({ n: expr<number>("1") }), { if: "true" });
flow.task("shown", set({ n: one.output.n }));
flow.task("used", run.workflow(takes, { n: one.output.n })); // error
flow.task("sure", run.workflow(takes, { n: expr<number>\`\${one.output.n} // 0\` }));
const list = flow.steps.do("list", (l) => l.task("in", set({ n: expr<number>("1") }), { if: "true" }));
flow.task("any", run.workflow(takes, { n: list.output.n! })); // error
const loop = flow.steps.for("loop", { in: [1], if: "true" }, (l, n) => l.task("of", set({ n })));
flow.task("looped", run.workflow(takes, { n: loop.output.n })); // error
const tried = flow.steps.try("tried", (l) => l.task("t", set({ n: expr<number>("1") })), { do: (l) => l.task("u", set({ n: expr<number>("2") })) });
flow.task("fine", run.workflow(takes, { n: tried.output.n }));
const again = flow.steps.try("again", (l) => l.task("v", set({ n: expr<number>("1") })), { retry: { count: 2 } });
flow.task("well", run.workflow(takes, { n: again.output.n }));
const silent = flow.steps.try("silent", (l) => l.task("w", set({ n: expr<number>("1") })), { errors: { status: 404 } });
flow.task("ill", run.workflow(takes, { n: silent.output.n! })); // error
const g = graph("g");
const maybe = g.task("maybe", set({ n: expr<number>("1") }), { if: "true" });
g.task("bad", run.workflow(takes, { n: maybe.output.n })); // error
`,
  "how much of an answer is given has its type": `
const flow = workflow("f");
const whole = flow.task("whole", call.http<{ a: number }>({ method: "get", endpoint: "https://x", output: "response" }));
flow.task("good", set({ code: whole.output.statusCode, a: whole.output.content.a, type: whole.output.headers["content-type"]! }));
flow.task("bad", set({ a: whole.output.a })); // error
const bytes = flow.task("bytes", call.openapi({ document: { endpoint: "https://x" }, operationId: "get", output: "raw" }));
flow.task("text", call.llm({ prompt: bytes.output }));
flow.task("none", set({ a: bytes.output.a })); // error
const checked = flow.task("checked", call.http({ method: "get", endpoint: "https://x", output: "response", schema: t.object({ statusCode: t.integer() }) }));
flow.task("fine", set({ code: checked.output.statusCode }));
flow.task("wrong", set({ a: checked.output.content })); // error
const quick = flow.task("quick", run.shell({ command: "true", await: false }));
flow.task("said", call.llm({ prompt: quick.output })); // error
const slow = flow.task("slow", run.shell({ command: "true" }));
flow.task("heard", call.llm({ prompt: slow.output }));
`,
  "a fork gives a list, or what the first of its branches gives": `
const flow = workflow("f");
const takes = workflow("g", { input: t.object({ n: t.number() }) });
const n = set({ n: expr<number>("1") });
const all = flow.steps.fork("all", { left: n, right: n });
flow.task("first", run.workflow(takes, { n: all.output[0]!.n }));
flow.task("left", run.workflow(takes, { n: all.branches.left.output.n }));
const race = flow.steps.fork("race", { slow: n, fast: n }, { compete: true });
flow.task("winner", run.workflow(takes, { n: race.output.n }));
flow.task("list", run.workflow(takes, { n: race.output[0] })); // error
flow.task("loser", run.workflow(takes, { n: race.branches.slow.output.n })); // error
`,
  "a person may answer without what was not asked for": `
const flow = workflow("f");
const data = t.object({ n: t.number() });
const takes = workflow("g", { input: data });
const sure = flow.task("sure", call.human({ prompt: "?", schema: data }));
flow.task("good", run.workflow(takes, { n: sure.output.data.n }));
flow.task("outcome", call.llm({ prompt: sure.output.outcome })); // error
const late = flow.task("late", call.human({ prompt: "?", outcomes: ["a", "b"], schema: data, timeout: "1h", onTimeout: "a" }));
flow.task("said", call.llm({ prompt: late.output.outcome }));
flow.task("bad", run.workflow(takes, { n: late.output.data.n })); // error
`,
  "what is set is an object, or an expression": `
const flow = workflow("f");
flow.task("good", set(expr<number>(".n")));
flow.task("fine", set({ n: [1] }));
flow.task("number", set(1)); // error
flow.task("text", set("x")); // error
flow.task("list", set([1])); // error
`,
  "an extension is of a kind that there is": `
const flow = workflow("f");
flow.extension("notes", { extend: "call", before: (list, task) => list.task("a", set({ of: task.name })) });
flow.extension("wrong", { extend: "calls" }); // error
flow.extension("typo", { extend: "call", before: (list, task) => list.task("b", set({ of: task.title })) }); // error
`,
  "what a branch gives can be referred to": `
const flow = workflow("f");
const both = flow.steps.fork("both", { left: set({ n: 1 }), right: set({ s: "" }) });
flow.task("show", set({ n: both.branches.left.output.n }));
flow.task("bad", set({ n: both.branches.left.output.s })); // error
flow.task("none", set({ n: both.branches.middle })); // error
`,
  "a function gets what the one before it gave": `
workflow("w")
  .task("a", (_, input: { id: string }) => ({ rows: [input.id] }))
  .task("b", (_, { rows }) => rows.length)
  .task("c", (_, n) => n.toFixed())
  .task("d", (_, s) => s.missing); // error
`,
  "a function must take what the one before it gave": `
workflow("w")
  .task("a", () => ({ rows: [1] }))
  .task("b", (_, input: { lines: number[] }) => input.lines); // error
`,
  "a function must take what the schema says": `
const typed = workflow("w", { input: t.object({ id: t.string() }) });
typed.task("good", (_, { id }) => id.length);
typed.task("bad", (_, input: { id: number }) => input.id); // error
`,
  "an execution is given its input and gives its output": `
const w = workflow("w").task("a", (_, input: { n: number }) => ({ m: input.n }));
const { m } = await w.execute({ n: 1 });
m.toFixed();
await w.execute({ n: "1" }); // error
await w.execute({ n: 1 }).then((it) => it.n); // error
`,
  "a step gives what JSON makes of its value": `
workflow("w").task("a", async (ctx) => {
  const { at, n } = await ctx.step("s", () => ({ at: new Date(), n: 1, f: () => 1 }));
  at.toUpperCase();
  n.toFixed();
  at.getTime(); // error
});
`,
  "a signal that may be late may be undefined": `
workflow("w").task("a", async (ctx) => {
  const sure = await ctx.signal("go", { schema: t.object({ by: t.string() }) });
  sure.by.trim();
  const late = await ctx.signal("go", {
    schema: t.object({ by: t.string() }),
    timeout: "1h",
  });
  late?.by.trim();
  late.by; // error
});
`,
  "waits for several keep their types": `
workflow("w").task("a", async (ctx) => {
  const [n, s] = await ctx.all([ctx.step("n", () => 1), ctx.step("s", () => "")]);
  n.toFixed();
  s.trim();
  n.trim(); // error
});
`,
  "a length of time has a unit": `
wait("5m");
wait({ hours: 1 });
wait("PT5M");
wait("5 minutes"); // error
wait(5); // error
`,
  "a graph refers to its inputs and to the outputs of its tasks": `
const g = graph("g", { inputs: { issue: "string" } });
const sort = g.agent("sort", { agent: "triager", inputs: { issue: g.inputs.issue }, outputs: ["label"] });
g.agent("answer", { agent: "writer", message: text\`As \${sort.outputs.label}\` });
g.agent("bad", { agent: "writer", message: text\`As \${sort.outputs.lable}\` }); // error
g.agent("none", { agent: "writer", message: g.inputs.isue }); // error
`,
};

const NAMES =
  "agent, call, expr, graph, listen, run, set, t, text, wait, workflow";
const IMPORTS = `import { ${NAMES} } from "@stigmer/cli/sdk";
void [${NAMES}];
`;
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** Lines at which the compiler refuses each file, by its name. */
async function refusedLines(
  folder: string,
): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
  const files = [...Deno.readDirSync(folder)].map(({ name }) =>
    `${folder}/${name}`
  );
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "--no-lock", "--config", CONFIG, ...files],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  const said = decoder.decode(stdout) + decoder.decode(stderr);
  const refused = new Map<string, Set<number>>();
  // What an error is related to stands deeper.
  const places = said.matchAll(/^ {4}at .*\/(\d+\.ts):(\d+):\d+/gm);
  for (const [, name = "", line] of places) {
    refused.set(name, (refused.get(name) ?? new Set()).add(Number(line)));
  }
  return refused;
}

Deno.test("the compiler refuses what cannot work, at its line", async (test) => {
  const folder = await Deno.makeTempDir({ prefix: "stigmer-sdk-types-" });
  try {
    const entries = Object.entries(SNIPPETS);
    for (const [i, [, snippet]] of entries.entries()) {
      Deno.writeTextFileSync(`${folder}/${i}.ts`, IMPORTS + snippet);
    }
    const refused = await refusedLines(folder);
    for (const [i, [name, snippet]] of entries.entries()) {
      await test.step(name, () => {
        const wanted = (IMPORTS + snippet).split("\n").flatMap((line, at) =>
          line.endsWith("// error") ? [at + 1] : []
        );
        assert.deepEqual(
          [...refused.get(`${i}.ts`) ?? []].sort(byValue),
          wanted,
        );
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

function byValue(a: number, b: number): number {
  return a - b;
}
