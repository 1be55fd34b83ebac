import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { parseJq } from "./parser.ts";
import { eachNode } from "./walk.ts";

/** Programs in which `$x` stands wherever a node can have another one. */
const PROGRAMS: readonly string[] = [
  "$x.a",
  ".[$x]",
  ".[$x:$x]",
  "$x[]?",
  '"a \\($x) \\($x)"',
  '@base64 "\\($x)"',
  "[$x]",
  '{a: $x, $x, ($x): $x, "\\($x)": 1}',
  "-$x",
  "$x + $x * $x",
  "$x and $x or $x",
  "$x // $x",
  "$x | $x, $x",
  "$x |= $x",
  "if $x then $x elif $x then $x else $x end",
  "try $x catch $x",
  "reduce $x as {($x): $y} ($x; $x)",
  "foreach $x as [{($x): [$y]}] ($x; $x; $x)",
  "$x as [$y] ?// {($x): $y} | $x",
  "def f(g): $x; $x",
  "f($x; $x)",
  "label $f | $x, break $f",
];

Deno.test("eachNode() comes to every node, in the order of the text", () => {
  for (const source of PROGRAMS) {
    const { tree } = parseJq(source);
    const found: number[] = [];
    eachNode(tree, (node) => {
      if (node.kind === "variable" && node.name === "x") found.push(node.start);
    });
    const written = [...source.matchAll(/\$x\b/g)].map(({ index }) => index);
    deepStrictEqual(found.toSorted((a, b) => a - b), written, source);
  }
  let count = 0;
  eachNode(parseJq(". | .. | 1 | $__loc__ | @text").tree, () => count++);
  strictEqual(count, 9);
});
