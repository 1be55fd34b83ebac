import { match, ok, strictEqual } from "node:assert/strict";
import { rewriteReferences } from "../workflow/graph_references.ts";
import { compileBare, type CompileOptions } from "./compile.ts";
import { evaluate } from "./evaluate.ts";
import { ExpressionError } from "./failure.ts";

const INPUT = { n: 1, s: "x", nothing: null };

/** What is said of an expression that fails. */
function failureOf(
  text: string,
  options: Partial<CompileOptions> = {},
): ExpressionError {
  const made = compileBare(text, { pointer: "/p", ...options });
  ok("expression" in made, JSON.stringify(made));
  const tasks = { "a-b": { outputs: { x: "x" } } };
  try {
    evaluate(made.expression, { input: INPUT, variables: { tasks } });
  } catch (thrown) {
    if (thrown instanceof ExpressionError) return thrown;
    throw thrown;
  }
  throw new Error(`${text} does not fail`);
}

Deno.test("a failure says where in the expression as written it is", () => {
  const cases: readonly (readonly [string, string])[] = [
    [".s | tonumber", " at line 1, column 6: "],
    ["${   .s | tonumber }", " at line 1, column 6: "],
    ["${\n  .n\n  | ascii_downcase }", " at line 2, column 5: "],
    ['"a \\(.n.a) b"', " at line 1, column 6: "],
    ['"é😀" + (.n | implode)', " at line 1, column 15: "],
    [".n.a", '".n.a": '],
    ["1 + {}", '"1 + {}": '],
  ];
  for (const [text, words] of cases) {
    const { message } = failureOf(text);
    ok(message.includes(words), `${text}: ${message}`);
  }
});

Deno.test("a failure in what references were turned into is where they are", () => {
  const names = {
    tasks: new Map([["a-b", ["x"]]]),
    inputs: new Set<string>(),
    secrets: [],
    usedInputs: new Set<string>(),
    usedTasks: new Set<string>(),
  };
  const options = {
    rewrite: (source: string) => rewriteReferences(source, names),
  };
  const after = failureOf("${ 1 | tasks.a-b.outputs.x | tonumber }", options);
  strictEqual(after.place?.column, 27);
  const inside = failureOf("${ 1 + (tasks.a-b.outputs.x.deep) }", options);
  strictEqual(inside.place?.column, 6);
  match(
    inside.message,
    /"1 \+ \(tasks.a-b.outputs.x.deep\)" at line 1, column 6/,
  );
});
