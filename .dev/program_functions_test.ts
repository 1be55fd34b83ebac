import { deepStrictEqual as equal } from "node:assert/strict";
import { outputOf, ROOT, runDeno } from "./command.ts";
import { type FunctionPlace, functionsOf } from "./program_functions.ts";

/** Asks for the functions of modules, as others do. */
async function functionsIn(
  ...codes: readonly string[]
): Promise<readonly (readonly FunctionPlace[])[]> {
  const folder = await Deno.makeTempDir({ prefix: "stigmer functions ü-" });
  try {
    const paths = codes.map((_, index) => `${folder}/${index}.js`);
    for (const [index, path] of paths.entries()) {
      await Deno.writeTextFile(path, codes[index] ?? "");
    }
    const result = await runDeno([
      "run",
      "-A",
      `--config=${ROOT}.dev/tools.json`,
      `${ROOT}.dev/program_functions.ts`,
      ...paths,
    ]);
    if (!result.ok) throw new Error(outputOf(result));
    return JSON.parse(result.stdout);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Each function by its key and its form, and its text. */
async function check(
  code: string,
  expected: readonly (readonly [string, FunctionPlace["form"], string])[],
): Promise<void> {
  const [functions = []] = await functionsIn(code);
  equal(
    functions.map((it) => [it.key, it.form, code.slice(it.start, it.end)]),
    expected,
  );
}

Deno.test("functionsOf() tells functions by what they stand in", async () => {
  await check(
    "function open$1(){let close=()=>1;return[()=>2,function end(){}]}" +
      "class Store{get size(){return[()=>3]}}" +
      "const rules=[()=>4],read=x=>x;",
    [
      [
        "open",
        "declaration",
        "function open$1(){let close=()=>1;return[()=>2,function end(){}]}",
      ],
      ["open/1", "expression", "()=>1"],
      ["open/2", "expression", "()=>2"],
      ["open/end", "expression", "function end(){}"],
      ["Store/size", "other", "(){return[()=>3]}"],
      ["Store/size/1", "expression", "()=>3"],
      ["rules/1", "expression", "()=>4"],
      ["read", "expression", "x=>x"],
    ],
  );
});

Deno.test("functionsOf() tells what cannot be put into parentheses, or is", async () => {
  await check(
    "(function(){})();const a={b(){},get c(){return 1},d:function(){}};" +
      "const e=async()=>1;if(a){function f(){}}export function g(){}",
    [
      ["1", "other", "function(){}"],
      ["a/b", "other", "(){}"],
      ["a/c", "other", "(){return 1}"],
      ["a/d", "expression", "function(){}"],
      ["e", "other", "async()=>1"],
      ["f", "other", "function f(){}"],
      ["g", "other", "function g(){}"],
    ],
  );
});

Deno.test("functionsOf() gives a list for each module, and none for nothing", async () => {
  const lists = await functionsIn("export{};", "const a=()=>1;");
  equal(lists.map((it) => it.length), [0, 1]);
  equal(functionsOf(undefined), []);
});
