import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Json } from "../model/json.ts";
import { compileBare, compileExpression, compileTemplate } from "./compile.ts";
import { evaluateTemplate } from "./evaluate.ts";

const SCOPE = {
  input: { n: 1, s: "x", o: { a: [1] }, tricky: "${ .s }", nothing: null },
  variables: { context: { k: true } },
};

function give(value: Json): Json {
  const { template, diagnostics } = compileTemplate(value, { pointer: "" });
  deepStrictEqual(diagnostics, []);
  return evaluateTemplate(template, SCOPE);
}

Deno.test("a template keeps the type of a whole expression, and joins text", () => {
  const cases: readonly (readonly [Json, Json])[] = [
    ["${ .n }", 1],
    ["  ${.o}\n", { a: [1] }],
    ["a ${ .n } b ${ .o } c ${.s}", 'a 1 b {"a":[1]} c x'],
    ["${ .s }${ .s }", "xx"],
    ["${ .nothing } and ${ .nothing }", "null and null"],
    ["plain $ { } text", "plain $ { } text"],
    ['${ "}" }', "}"],
    ['${ "a \\(.n) }" }', "a 1 }"],
    ["${ $context.k }", true],
    [{ a: ["${ .n }", 2], "k${.n}": 1 }, { a: [1, 2], "k${.n}": 1 }],
    [[], []],
    [null, null],
    ['{"__proto__": "${ .n }"}', '{"__proto__": "1"}'],
  ];
  for (const [value, expected] of cases) {
    deepStrictEqual(give(value), expected, JSON.stringify(value));
  }
});

Deno.test("a template keeps the key __proto__ as any other", () => {
  const value = give(JSON.parse('{"__proto__": "${ .n }"}'));
  strictEqual(JSON.stringify(value), '{"__proto__":1}');
});

Deno.test("expression syntax inside data stays literal", () => {
  strictEqual(give("${ .tricky }"), "${ .s }");
  strictEqual(give("see ${ .tricky }"), "see ${ .s }");
});

Deno.test("compileTemplate() tells every problem with pointer and offset", () => {
  const { diagnostics } = compileTemplate(
    { a: "x ${ .b + }", c: ["ok", "${ foo }"], "d/e": "open ${ .f" },
    { pointer: "/with" },
  );
  deepStrictEqual(diagnostics, [
    {
      severity: "error",
      pointer: "/with/a",
      offset: 10,
      message: "The expression ends too early",
    },
    {
      severity: "error",
      pointer: "/with/c/1",
      offset: 3,
      message: 'Unknown function "foo"',
      hint: 'Write ".foo" for a field; texts stand in double quotes',
    },
    {
      severity: "error",
      pointer: "/with/d~1e",
      offset: 5,
      message: '"${" is not closed with "}"',
    },
  ]);
});

Deno.test("a template can hold the braces of a shell", () => {
  const cases: readonly (readonly [string, Json])[] = [
    ["echo $HOME", "echo $HOME"],
    ['echo ${ "${HOME:-/tmp}" }', "echo ${HOME:-/tmp}"],
    ['${ "$" }{HOME}', "${HOME}"],
    ["$${ .n }", "$1"],
  ];
  for (const [text, expected] of cases) {
    const { template, diagnostics } = compileTemplate(text, { pointer: "" });
    deepStrictEqual(diagnostics, []);
    strictEqual(evaluateTemplate(template, SCOPE), expected);
  }
});

Deno.test("compileTemplate() says which bracket is open where an expression ends", () => {
  const cases: readonly (readonly [string, number, string])[] = [
    ["${ .foo | bogus( }", 15, '"(" is not closed'],
    ["${ [.a, (.b }", 8, '"(" is not closed'],
    ["${ {a: [1 } }", 7, '"[" is not closed'],
    ["a ${ .b", 2, '"${" is not closed with "}"'],
    ["${ {a: 1 }", 0, '"${" is not closed with "}"'],
    ["${ .foo | bogus(.) }", 10, 'Unknown function "bogus"'],
  ];
  for (const [text, offset, message] of cases) {
    const { diagnostics } = compileTemplate(text, { pointer: "" });
    deepStrictEqual(
      diagnostics.map((it) => [it.offset, it.message]),
      [[offset, message]],
      text,
    );
  }
});

Deno.test("compileTemplate() in loose mode tries what has no ${ }", () => {
  const loose = (value: Json): Json => {
    const options = { pointer: "", mode: "loose" } as const;
    return evaluateTemplate(compileTemplate(value, options).template, SCOPE);
  };
  strictEqual(loose(".n"), 1);
  strictEqual(loose("just words"), "just words");
  strictEqual(loose(".n.s"), ".n.s");
  strictEqual(loose("${ .n.s }"), "${ .n.s }");
});

Deno.test("compileBare() takes an expression with and without ${ }", () => {
  for (const text of [".a == 1", "${ .a == 1 }", " ${.a == 1} "]) {
    const compiled = compileBare(text, { pointer: "" });
    ok("expression" in compiled);
    strictEqual(compiled.expression.source, ".a == 1");
  }
  const after = compileBare("${ .a } b", { pointer: "" });
  ok("problems" in after);
  strictEqual(after.problems[0]?.offset, 7);
});

Deno.test("compileExpression() knows what needs no jq", () => {
  const native = [
    ".",
    ".a",
    " .a.b[0] ",
    '."a b"',
    '.["a"].b',
    ".[0]",
    ".[-1].a",
    "$context",
    "$context.a[0]",
    "12",
    "-1.5e3",
    '"text"',
    "null",
    '[1, {"a": true}]',
    '"a \\(.b.c) \\($context) d"',
    '""',
  ];
  const byJq = [
    ".a?",
    ".a[]",
    "..",
    ".a | .b",
    '"\\(.a + 1)"',
    "{a: 1}",
    ".[1:2]",
    '."a\\(1)"',
    ".a == 1",
    '"a" + "b"',
  ];
  const isNative = (source: string): boolean => {
    const compiled = compileExpression(source, { pointer: "" });
    ok("expression" in compiled, source);
    const { path, literal, text } = compiled.expression;
    return (path ?? literal ?? text) !== undefined;
  };
  deepStrictEqual(native.filter((source) => !isNative(source)), []);
  deepStrictEqual(byJq.filter(isNative), []);
});
