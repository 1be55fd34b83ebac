import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { readManifests } from "./read.ts";

const HEAD = `document: {dsl: 1.0.3, namespace: a, name: a, version: 1.0.0}
do:
  - a:
`;

/** Texts of tasks in which `bogus` is a function that does not exist. */
const WRITTEN: readonly (readonly [name: string, task: string])[] = [
  ["plain", "set: {x: '${ bogus }'}"],
  ["after text", "set: {x: 'é 😀 ${ .a } and ${ .b | bogus }'}"],
  ["single quotes", "set: {x: 'it''s ${ \"a''b\" | bogus }'}"],
  ["double quotes", 'set: {x: "\\u00e9\\t\\"${ \\"a\\\\n\\" | bogus }"}'],
  ["double, folded", 'set:\n  x: "a\n    ${ .b\n\n      | bogus }"'],
  ["plain, folded", "set:\n  x: ${ .a |\n    .b | bogus }"],
  ["literal", "set:\n  x: |\n    ${\n      .a\n      | bogus\n    }"],
  ["literal, indented", "set:\n  x: |2-\n      ${ .a\n      | bogus }"],
  ["folded", "set:\n  x: >-\n    ${ .a\n    | map(.b)\n\n      | bogus }"],
  ["folded, two paragraphs", "set:\n  x: >\n    a b\n    c\n\n    ${ bogus }"],
  ["bare", "if: .a == bogus\nset: {x: 1}"],
  ["bare block", "if: |\n  .a\n    | bogus\nset: {x: 1}"],
  ["transform", "set: {x: 1}\noutput:\n  as: .a | bogus"],
];

async function found(task: string) {
  const indented = task.replaceAll(/^/gm, "      ");
  const text = `${HEAD}${indented}\n`;
  const { diagnostics } = await readManifests([{ name: "w.yaml", text }]);
  return { text, diagnostics };
}

/** Where a word stands, as editors count. */
function placeOf(text: string, word: string): readonly number[] {
  const before = text.slice(0, text.indexOf(word)).split("\n");
  return [before.length, Array.from(before.at(-1) ?? "").length + 1];
}

for (const [name, task] of WRITTEN) {
  Deno.test(`a mistake is shown inside its expression: ${name}`, async () => {
    const { text, diagnostics } = await found(task);
    const [first] = diagnostics;
    strictEqual(diagnostics.length, 1, JSON.stringify(diagnostics));
    strictEqual(first?.message, 'Unknown function "bogus"');
    deepStrictEqual([first.line, first.column], placeOf(text, "bogus"));
    strictEqual(first.excerpt?.length, "bogus".length);
  });
}

Deno.test("all mistakes of an expression are shown, each at its place", async () => {
  const { text, diagnostics } = await found(
    "set:\n  x: |\n    ${ frist(.a) as $x\n      | $y | has }",
  );
  deepStrictEqual(
    diagnostics.map((it) => [it.severity, it.message, it.hint]),
    [
      ["error", 'Unknown function "frist"', 'Did you mean "first"?'],
      ["error", 'Unknown variable "$y"', undefined],
      ["error", 'Function "has" takes 1 argument, not 0', undefined],
    ],
  );
  deepStrictEqual(
    diagnostics.map((it) => [it.line, it.column]),
    ["frist", "$y", "has }"].map((it) => placeOf(text, it)),
  );
});

Deno.test("what is odd in an expression is a warning at its place", async () => {
  const { text, diagnostics } = await found("set: {x: '${ 1 // .odd }'}");
  const [first] = diagnostics;
  ok(first !== undefined);
  strictEqual(first.severity, "warning");
  deepStrictEqual([first.line, first.column], placeOf(text, ".odd"));
});

Deno.test("a member is shown with its dot", async () => {
  const { diagnostics } = await found("set: {x: '${ {a: 1} | .odd }'}");
  strictEqual(diagnostics[0]?.excerpt?.length, ".odd".length);
});

Deno.test("of a rewritten reference its start is shown", async () => {
  const text = `apiVersion: agentic.stigmer.ai/v1
kind: Workflow
metadata: {name: g}
spec:
  inputs: {n: integer}
  tasks:
    - name: a
      set: {x: "\${ workflow.inputs.n | bogus }"}
`;
  const { diagnostics } = await readManifests([{ name: "g.yaml", text }]);
  const [first] = diagnostics.filter((it) => it.severity === "error");
  deepStrictEqual([first?.line, first?.column], placeOf(text, "bogus"));
});
