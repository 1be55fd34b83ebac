import { deepStrictEqual, equal, throws } from "node:assert/strict";
import { examplesOf, isAsShown, patternOf } from "./page.ts";

const PAGE = `# Page

## Set

\`\`\`json input
{ "a": 1 }
\`\`\`

\`\`\`yaml file lib/b.yaml
b: 2
\`\`\`

\`\`\`js ignore file c.js
c();
\`\`\`

\`\`\`yaml run
- one: { set: { x: 1 } }
\`\`\`

\`\`\`json output
{ "x": "…" }
\`\`\`

\`\`\`sh
stigmer run b.yaml
\`\`\`

## Go

\`\`\`yaml error
document: {}
\`\`\`

\`\`\`text
It is wrong
\`\`\`
`;

Deno.test("examplesOf() puts together what belongs together", () => {
  const [first, second, ...more] = examplesOf(PAGE);
  deepStrictEqual(more, []);
  equal(first?.name, "Set, line 17");
  equal(first?.kind, "run");
  equal(
    first?.text,
    "document: { dsl: 1.0.3, namespace: example, name: example, version: 1.0.0 }\ndo:\n- one: { set: { x: 1 } }\n",
  );
  deepStrictEqual(first?.input, { a: 1 });
  deepStrictEqual(first?.files, { "lib/b.yaml": "b: 2\n", "c.js": "c();\n" });
  deepStrictEqual(first?.output, { x: "…" });
  equal(second?.kind, "error");
  equal(second?.text, "document: {}\n");
  equal(second?.message, "It is wrong\n");
  deepStrictEqual(second?.files, {});
});

Deno.test("examplesOf() refuses fences that belong to nothing", () => {
  const run = "```yaml run\n- a: { set: {} }\n```\n";
  const refused: readonly (readonly [string, RegExp])[] = [
    ["```json output\n{}\n```\n", /Line 1: "json output" belongs to no/],
    ["```yaml\na: 1\n```\n", /Line 1: "yaml " belongs to no example/],
    [`${run}\`\`\`yaml\na: 1\n\`\`\`\n`, /Line 4: what is this "yaml"/],
    [`${run}\`\`\`json outptu\n{}\n\`\`\`\n`, /Line 4: "json outptu" belongs/],
    [`${run}\`\`\`json input\n{}\n\`\`\`\n`, /Line 4: what this is for/],
    [`${run}\`\`\`json output\n{\n\`\`\`\n`, /Line 4: this is no JSON/],
  ];
  for (const [page, message] of refused) {
    throws(() => examplesOf(page), message);
  }
});

Deno.test("isAsShown() takes … for anything, and nothing else", () => {
  const shown = { id: "…", list: [1, "a-…-z"], deep: { none: null } };
  const good = { id: 7, list: [1, "a-b\nc-z"], deep: { none: null } };
  equal(isAsShown(good, shown), true);
  for (
    const bad of [
      { ...good, more: 1 },
      { id: 7, list: good.list },
      { ...good, list: [1] },
      { ...good, list: [2, "a-b-z"] },
      { ...good, list: [1, "a-b"] },
      { ...good, deep: {} },
      { ...good, deep: null },
      [good],
      null,
    ]
  ) {
    equal(isAsShown(bad, shown), false, JSON.stringify(bad));
  }
});

Deno.test("patternOf() keeps the signs of patterns as they are", () => {
  equal(patternOf("a.b…(c)").test("a.b x (c)"), true);
  equal(patternOf("a.b…(c)").test("axb x (c)"), false);
});
