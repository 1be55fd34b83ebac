import { deepStrictEqual, ok } from "node:assert/strict";
import { completeAt, type Completions } from "./complete.ts";
import { typeOf } from "./types.ts";

const INPUT = typeOf({
  items: [{ price: 2, product: { name: "x" } }],
  id: "a",
  "not a name": 1,
});
const OPTIONS = {
  input: INPUT,
  variables: new Map([["workflow", typeOf({ input: 1 })]]),
};

/** Completes where `^` stands. */
function at(marked: string): Completions {
  const offset = marked.indexOf("^");
  const source = marked.slice(0, offset) + marked.slice(offset + 1);
  return completeAt(source, offset, OPTIONS);
}

function labels(marked: string): readonly string[] {
  return at(marked).items.map(({ label }) => label);
}

Deno.test("completeAt() lists the members that are there", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    [".^", ["id", "items"]],
    [".it^", ["items"]],
    [".items[] | .pr^", ["price", "product"]],
    [".items | map(.product.^", ["name"]],
    [".items | map(.pr^ice)", ["price", "product"]],
    ["[.items[].^", ["price", "product"]],
    ["{a: .it^", ["items"]],
    ["if .i^", ["id", "items"]],
    ["if .id then .it^", ["items"]],
    ["if .id then 1 else .it^ end | . + 1", ["items"]],
    ['"a \\(.i^', ["id", "items"]],
    ["reduce .items[] as $i (0; . + $i.^", ["price", "product"]],
    [".items as [$first] | .i^", ["id", "items"]],
    ["$workflow.^", ["input"]],
    ['.id == "#" | .^', []],
    [".id | .^", []],
  ];
  for (const [marked, expected] of cases) {
    deepStrictEqual(labels(marked), expected, marked);
  }
});

Deno.test("completeAt() lists variables, functions and formats", () => {
  deepStrictEqual(labels("$^"), ["$workflow"]);
  deepStrictEqual(labels(".items[] as $item | $^"), ["$item", "$workflow"]);
  deepStrictEqual(labels("@base^"), [
    "@base32",
    "@base32d",
    "@base64",
    "@base64d",
  ]);
  deepStrictEqual(at("def double: . * 2; dou^").items, [
    { label: "double", kind: "function", detail: "0 arguments" },
  ]);
  deepStrictEqual(at(".items | map_v^ | .x").items, [
    { label: "map_values", kind: "function", detail: "1 argument" },
  ]);
  ok(!labels("^").includes("input"));
  ok(labels("1 + ^").includes("length"));
});

Deno.test("completeAt() lists nothing inside of texts and comments", () => {
  for (const marked of ['"a .i^', '"a" + "b^', ". # .it^", ".a # $^"]) {
    deepStrictEqual(labels(marked), [], marked);
  }
});

Deno.test("completeAt() says what is replaced", () => {
  const { start, end } = at(".items | map(.pr^ice)");
  deepStrictEqual([start, end], [14, 19]);
});

Deno.test("completeAt() takes any text and any place in it", () => {
  const text =
    'def f($a): if . == {a: [1, "x\\(.b)"]} then f(.) else @json end; ' +
    "reduce .[] as [$x, {y: $z}] ?// $x (null; try .a.b? catch .) # end";
  for (let length = 0; length <= text.length; length++) {
    const part = text.slice(0, length);
    for (const offset of [length, length >> 1]) {
      const { start, end } = completeAt(part, offset);
      ok(start <= offset && offset <= end && end <= length, part);
    }
  }
});

Deno.test("completeAt() takes an offset outside of the text for its nearest end", () => {
  const source = ".items | map(.pr)";
  const cases = [[-5, 0], [NaN, 0], [1.7, 1], [99, 17], [Infinity, 17]];
  for (const [offset = 0, nearest = 0] of cases) {
    deepStrictEqual(
      completeAt(source, offset),
      completeAt(source, nearest),
      `${offset}`,
    );
  }
});
