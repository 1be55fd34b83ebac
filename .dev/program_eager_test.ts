import {
  deepStrictEqual as deepEqual,
  equal,
  match,
  ok,
  throws,
} from "node:assert/strict";
import { outputOf, runDeno } from "./command.ts";
import { withEagerFunctions } from "./program_eager.ts";
import type { FunctionPlace } from "./program_functions.ts";

/** The place of a text in the module. */
function place(
  code: string,
  key: string,
  [form, text]: readonly [FunctionPlace["form"], string],
): FunctionPlace {
  const start = code.indexOf(text);
  ok(start >= 0, `Not in the module: ${text}`);
  return { key, start, end: start + text.length, form };
}

const ADD = "function add(a,b){return[a,b].map(it=>it+1)}";
const LATER = "async function*later(){yield 1}";
const COLD = "function cold(){return 2}";
const CODE = `import{x}from"./x.js";const sum=add(1,2);${ADD}${LATER}${COLD}` +
  "const twice=v=>v*2;export{add,cold,later,sum,twice};";
const FUNCTIONS: readonly FunctionPlace[] = [
  place(CODE, "add", ["declaration", ADD]),
  place(CODE, "add/1", ["expression", "it=>it+1"]),
  place(CODE, "later", ["declaration", LATER]),
  place(CODE, "cold", ["declaration", COLD]),
  place(CODE, "twice", ["expression", "v=>v*2"]),
];

Deno.test("withEagerFunctions() writes what is to be compiled as expressions", () => {
  equal(
    withEagerFunctions(CODE, FUNCTIONS, (it) => it !== "cold"),
    "var add=(function(a,b){return[a,b].map((it=>it+1))})," +
      "later=(async function*(){yield 1});" +
      'import{x}from"./x.js";const sum=add(1,2);;;' +
      `${COLD}const twice=(v=>v*2);export{add,cold,later,sum,twice};`,
  );
});

Deno.test("withEagerFunctions() leaves a module in which nothing is to be", () => {
  equal(withEagerFunctions(CODE, FUNCTIONS, () => false), CODE);
});

Deno.test("withEagerFunctions() leaves methods, whatever is asked for", () => {
  const code = "class A{m(){return 1}}";
  const functions = [place(code, "A/m", ["other", "(){return 1}"])];
  equal(withEagerFunctions(code, functions, () => true), code);
});

Deno.test("withEagerFunctions() puts parentheses into others that end together", () => {
  const code = "const a=b=>c=>b+c;";
  const functions = [
    place(code, "a", ["expression", "b=>c=>b+c"]),
    place(code, "a/1", ["expression", "c=>b+c"]),
  ];
  const isAny = () => true;
  equal(
    withEagerFunctions(code, functions, isAny),
    "const a=(b=>(c=>b+c));",
  );
});

Deno.test("withEagerFunctions() keeps what stood around a declaration apart", () => {
  const declaration = "function f(){}";
  const functions = (code: string) => [
    place(code, "f", ["declaration", declaration]),
  ];
  for (const next of ["(1,log.push(2));", "[1].map(it=>log.push(it));"]) {
    const code = `var a=g\n${declaration}\n${next}\nreturn a`;
    const eager = withEagerFunctions(code, functions(code), () => true);
    for (const text of [code, eager]) {
      const log: unknown[] = [];
      const g = () => ok(false, `It was called: ${text}`);
      equal(new Function("g", "log", text)(g, log), g);
      equal(log.length, 1);
    }
  }
});

Deno.test("withEagerFunctions() refuses a place that is no declaration", () => {
  const functions = [place("let a=1;", "a", ["declaration", "a=1"])];
  throws(
    () => withEagerFunctions("let a=1;", functions, () => true),
    /Cannot read a function: a=1/,
  );
});

Deno.test("what is written so is compiled with its module, and as it was", async () => {
  const folder = await Deno.makeTempDir({ prefix: "stigmer eager ü-" });
  try {
    const code = withEagerFunctions(CODE, FUNCTIONS, (it) => it !== "cold");
    await Deno.writeTextFile(`${folder}/x.js`, "export const x=1;");
    await Deno.writeTextFile(`${folder}/eager.js`, code);
    await Deno.writeTextFile(
      `${folder}/main.js`,
      'import*as it from"./eager.js";' +
        "console.log(JSON.stringify([it.sum,it.add.name,it.later.name," +
        "it.twice.name,it.cold.name,it.add.length,typeof it.add.prototype]));",
    );
    const result = await runDeno([
      "run",
      "-A",
      "--no-code-cache",
      "--v8-flags=--log-function-events,--no-logfile-per-isolate," +
      "--logfile=engine.log",
      "main.js",
    ], { cwd: folder });
    ok(result.ok, outputOf(result));
    deepEqual(JSON.parse(result.stdout), [
      [2, 3],
      "add",
      "later",
      "twice",
      "cold",
      2,
      "object",
    ]);
    const log = await Deno.readTextFile(`${folder}/engine.log`);
    const [, script = ""] = /^script-details,(\d+),[^,]*eager\.js/m.exec(log) ??
      [];
    match(script, /^\d+$/);
    const compiled = [
      ...log.matchAll(
        new RegExp(`^function,interpreter,${script},.*,(\\w+)$`, "gm"),
      ),
    ].map(([, name]) => name);
    // Nobody has called the generator or the arrow.
    for (const name of ["add", "later", "twice"]) {
      ok(compiled.includes(name), `${name} is not among ${compiled}`);
    }
    ok(!compiled.includes("cold"), `${compiled}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
