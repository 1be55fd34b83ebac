import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createPlace, pick } from "./program.ts";

const FLOW = `import { agent, set, t, text, workflow } from "@stigmer/cli/sdk";
import { word } from "./word.ts";

console.log("talk");
const greet = workflow("greet", { input: t.object({ name: t.string() }) });
greet.task("say", set({ words: text\`\${word} \${greet.input.name}\` }));
export default greet;
export const lead = agent({ name: "lead", instructions: "Lead the others." });
`;
const WORD = `export const word = "Hello";\n`;

Deno.test("a script is applied, checked and run as the manifest that it defines", async () => {
  await using place = await createPlace();
  await place.write("flow.ts", FLOW);
  await place.write("word.ts", WORD);
  const checked = await place.run(["validate", "-f", "flow.ts"]);
  equal(checked.stderr, "");
  match(checked.stdout, /^flow\.ts:5: Workflow "greet" is valid$/m);
  match(checked.stdout, /^flow\.ts:8: Agent "lead" is valid$/m);
  const ran = await place.run([
    "run",
    "flow.ts",
    "--name",
    "greet",
    "--input",
    "name=Ada",
    "-o",
    "json",
  ]);
  equal(pick(JSON.parse(ran.stdout), "status.output.words"), "Hello Ada");
  const applied = await place.run(["apply", "-f", "flow.ts"]);
  equal(applied.stderr, "");
  equal(applied.stdout, "workflow/greet created\nagent/lead created\n");
  const again = await place.run(["apply", "-f", "flow.ts"]);
  match(again.stdout, /greet unchanged\n/);
});

Deno.test("what is wrong with a task is shown where a script adds it", async () => {
  await using place = await createPlace();
  await place.write(
    "bad.ts",
    `import { agent, expr, set, workflow } from "@stigmer/cli/sdk";
const flow = workflow("bad");
flow.task("fine", set({ n: 1 }));
flow.steps.do("all", (list) =>
  list.task("broken", set({ n: expr(".n |") })));
export default [flow, agent({ name: "x", instructions: "No" })];
`,
  );
  const { code, stderr } = await place.run(["validate", "-f", "bad.ts"]);
  equal(code, 2);
  match(stderr, /^bad\.ts:5:8: error: The expression ends too early$/m);
  match(stderr, /^ 5 \| {3}list\.task\("broken"/m);
  match(stderr, /^bad\.ts:6:23: error: Instructions need 10 characters/m);
});

Deno.test("what is wrong in a graph is shown where its task is added, too", async () => {
  await using place = await createPlace();
  await place.write(
    "graph.ts",
    `import { expr, graph, set } from "@stigmer/cli/sdk";
const g = graph("g");
g.task("fine", set({ n: 1 }));
g.task("broken", set({ n: expr(".n |") }));
g.task("a: \\"b\\"", set({ n: 1 }));
g.task("data", set({ rows: [{ name: "fine", n: expr(".m |") }] }));
export default g;
`,
  );
  const { code, stderr } = await place.run(["validate", "-f", "graph.ts"]);
  equal(code, 2);
  const lines = [...stderr.matchAll(/^graph\.ts:(\d+):3: error/gm)];
  equal(lines.map(([, line]) => line).join(), "4,5,6");
});

Deno.test("a script may do nothing but define, and not forever", async (test) => {
  await using place = await createPlace();
  const refused = async (
    name: string,
    text: string,
    reason: RegExp,
    hint?: RegExp,
  ): Promise<void> => {
    await test.step(name, async () => {
      await place.write("s.ts", text);
      const { code, stderr } = await place.run(["validate", "-f", "s.ts"], {
        env: { A_SECRET: "very-secret" },
      });
      equal(code, 2);
      match(stderr, /^Error: Cannot (run|read) "s\.ts": /);
      match(stderr, reason);
      ok(!stderr.includes("very-secret"));
      ok(!stderr.includes("/src/sdk/"), stderr);
      const hints = stderr.split("\n").filter((it) => it.startsWith("Hint:"));
      if (hint === undefined) deepEqual(hints, []);
      else match(hints.join("\n"), hint);
    });
  };
  const main = /^Hint: Put what runs it.*if \(import\.meta\.main\)/;
  const may = (what: string) => new RegExp(`Requires ${what} access`);
  await refused(
    "read",
    `Deno.readTextFileSync("/etc/hostname");`,
    may("read"),
    main,
  );
  await refused("env", `Deno.env.get("A_SECRET");`, may("env"), main);
  await refused(
    "net",
    `await fetch("http://127.0.0.1:1234");`,
    may("net"),
    main,
  );
  await refused(
    "run",
    `new Deno.Command("ls").outputSync();`,
    may("run"),
    main,
  );
  await refused(
    "write",
    `Deno.writeTextFileSync("x", "");`,
    may("write"),
    main,
  );
  const workflowOf = (more: string) =>
    'import { openBackend, wait, workflow } from "@stigmer/cli/sdk";\n' +
    `const w = workflow("a");\n${more}\nexport default w;\n`;
  await refused(
    "execute",
    workflowOf(`await w.task("b", () => 1).execute({});`),
    may("env"),
    main,
  );
  await refused("temp", "await Deno.makeTempDir();", may("write"), main);
  await refused(
    "builder",
    workflowOf(`w.task("x", wait(5 as never));`),
    /: Cannot read 5 as a length of time\n +at \S+s\.ts:3:13\n/,
    /^Hint: Write "10s", .*$/,
  );
  await refused(
    "twice",
    workflowOf(`w.task("x", wait("1s")).name;\nw.task("x", wait("1s"));`),
    /"x"/,
  );
  await refused("throw", `throw new Error("boom");`, /boom/);
  await refused("syntax", `export default {`, /s\.ts:1/);
  await refused(
    "nothing",
    `export const n = 1;`,
    /it exports no resource/,
    /Export what it defines/,
  );
  await refused(
    "memory",
    `const all = []; for (;;) all.push(new Array(10_000).fill(all.length / 3));`,
    /it needed more than \d+ MiB of memory/,
  );
  await refused(
    "print",
    `for (;;) Deno.stdout.writeSync(new Uint8Array(1 << 20));`,
    /it printed over \d+ bytes/,
  );
});

Deno.test("a script that is not named is not run", async () => {
  await using place = await createPlace();
  await place.write("flow.ts", `throw new Error("run");`);
  await place.write(
    "w.yaml",
    `document: { dsl: 1.0.3, namespace: a, name: w, version: 1.0.0 }
do: [{ one: { set: { n: 1 } } }]
`,
  );
  const { code, stdout } = await place.run(["validate", "-f", "."]);
  equal(code, 0);
  match(stdout, /Workflow "w" is valid/);
});

Deno.test("an execution that a program serves is left to it, and says so", async () => {
  await using place = await createPlace();
  await place.write(
    "served.ts",
    `import { workflow } from "@stigmer/cli/sdk";
export default workflow("served").task("one", () => 1);
`,
  );
  equal((await place.run(["apply", "-f", "served.ts"])).code, 0);
  const words = ["workflow", "execute", "served", "--detach", "-o", "name"];
  const id = (await place.run(words)).stdout.trim();
  equal((await place.run(["worker", "--until-idle"])).code, 0);
  const got = await place.json(["execution", "get", id, "-o", "json"]);
  equal(
    pick(got, "status.waitingFor"),
    'the TypeScript program that serves "served"',
  );
  equal(pick(got, "status.phase"), "PENDING");
});
