import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { foreignFunction, foreignOperator } from "./foreign.ts";
import { compileJq, JqSyntaxError } from "./mod.ts";

/** What is wrong with a program first, with its hint. */
function problemOf(source: string): string {
  try {
    compileJq(source, { variables: new Set(["input", "env", "context"]) });
    return "nothing";
  } catch (error) {
    if (!(error instanceof JqSyntaxError)) throw error;
    const [first] = error.problems;
    return `${first?.message} (${first?.hint})`;
  }
}

Deno.test("foreignFunction() knows functions by their letters", () => {
  strictEqual(foreignFunction("len"), 'Write "length"');
  strictEqual(foreignFunction("to_upper_case"), 'Write "ascii_upcase"');
  strictEqual(foreignFunction("None"), 'Write "null"');
  strictEqual(foreignFunction("constructor"), undefined);
  strictEqual(foreignOperator("AND"), 'Write "and"');
  strictEqual(foreignOperator("constructor"), undefined);
});

Deno.test("what people write in other languages leads to what it is in jq", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["len(.a)", 'Unknown function "len" (Write ".a | length")'],
    ["len", 'Unknown function "len" (Write "length")'],
    [
      "length(.a)",
      'Function "length" takes 0 arguments, not 1 (Write ".a | length")',
    ],
    [
      "now()",
      'Unexpected ")", a value is expected (Leave out "()": a function without arguments has none)',
    ],
    [".a == None", 'Unknown function "None" (Write "null")'],
    [
      "input.file",
      '"input" is not allowed here: there is no further input (Write "$input.file" for the variable, or ".file")',
    ],
    [
      "input",
      '"input" is not allowed here: there is no further input (Write "$input" for the variable, or ".")',
    ],
    [
      "inputs.a",
      '"inputs" is not allowed here: there is no further input (Write "$input.a" for the variable, or ".a")',
    ],
    [
      "env.HOME",
      '"env" is not allowed here: it reads the environment of this process (Write "$env.HOME" for the variable)',
    ],
    [
      "$ENV.HOME",
      '"$ENV" is not allowed here: it reads the environment of this process (Write "$env.HOME" for the variable)',
    ],
    [
      ".a ? 1 : 2",
      'Unexpected "1", an operator or the end is expected (Write "if … then … else … end" for "… ? … : …")',
    ],
    [
      '.a ? "x" : "y"',
      'Unexpected string, an operator or the end is expected (Write "if … then … else … end" for "… ? … : …")',
    ],
    [
      ".a ?? 2",
      'Unexpected "2", an operator or the end is expected (Write "//", which takes what follows where there is null or false)',
    ],
    [
      ".a contains 1",
      'Unexpected "contains", an operator or the end is expected (Write "| contains(VALUE)")',
    ],
    [
      ".a AND .b",
      'Unexpected "AND", an operator or the end is expected (Write "and")',
    ],
    [
      "$.a",
      'Unexpected "$", a value is expected (Leave out the "$": "." alone is what is given here)',
    ],
    ["=.a", 'Unexpected "=", a value is expected (Leave out the "=")'],
    [
      "{ inputs.a }",
      'Unexpected ".a", "}" is expected (Braces make an object: for a value leave them out)',
    ],
    [
      "{{ .a }}",
      'Unexpected "{", a key is expected (Braces make an object: for a value leave them out)',
    ],
    [
      "nosuch",
      'Unknown function "nosuch" (Write ".nosuch" for a field; texts stand in double quotes)',
    ],
    [
      ".my-field",
      'Unknown function "field" (Write ."my-field" for a key with "-")',
    ],
    // What is right is left in peace.
    [".a? // 2", "nothing"],
    [".a?.b", "nothing"],
    ["{ a: .b }", "nothing"],
  ];
  for (const [source, expected] of cases) {
    strictEqual(problemOf(source), expected, source);
  }
});

Deno.test("each way out of a foreign word can be read itself", () => {
  const NAMES = ["len", "filter", "find", "slice", "exists", "push", "today"];
  for (const name of NAMES) {
    const hint = foreignFunction(name) ?? "";
    const program = /^Write "(.*?)"(?:,|$)/.exec(hint)?.[1] ?? "";
    ok(program !== "", hint);
    const filled = program.replaceAll('\\"', '"').replaceAll("…", ".")
      .replaceAll(/FROM|TO|VALUE/g, "1");
    deepStrictEqual(problemOf(filled), "nothing", filled);
  }
});
