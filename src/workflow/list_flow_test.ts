import { deepStrictEqual } from "node:assert/strict";
import { parse } from "yaml";
import { checkWorkflow } from "./check.ts";

const HEAD = "document: {dsl: 1.0.3, namespace: a, name: b, version: 1.0.0}\n";

/** What is said of a list of tasks. */
function said(tasks: string): readonly string[] {
  const { diagnostics } = checkWorkflow(parse(`${HEAD}do:\n${tasks}`));
  return diagnostics.map(({ severity, pointer, message }) =>
    `${severity} ${pointer}: ${message}`
  );
}

Deno.test("tasks that nothing leads to are warned of, in any list", () => {
  deepStrictEqual(
    said(`
- a: { set: { v: 1 }, then: c }
- b: { set: { v: 1 } }
- c:
    do:
      - d: { raise: { error: { type: "https://example.org/x", status: 400 } } }
      - e: { set: { v: 1 } }
`),
    [
      'warning /do/2/c/do/1/e: Task "e" is never reached',
      'warning /do/1/b: Task "b" is never reached',
    ],
  );
});

Deno.test("a task behind a condition or a way back is reached", () => {
  deepStrictEqual(
    said(`
- a: { set: { v: 1 }, if: .x, then: end }
- b: { set: { v: 1 }, then: d }
- c: { set: { v: 1 }, then: end }
- d: { set: { v: 1 }, then: c }
`),
    [],
  );
});

Deno.test("branches run at once: none is behind another", () => {
  deepStrictEqual(
    said(`
- both:
    fork:
      branches:
        - a: { set: { v: 1 }, then: end }
        - b: { raise: { error: { type: "https://example.org/x", status: 400 } } }
        - c: { wait: PT1S }
`),
    [],
  );
});

Deno.test("a literal output that cannot fit its schema is an error", () => {
  const schema = "schema: { document: { type: object, properties: " +
    "{ v: { type: string } }, required: [w] } }";
  deepStrictEqual(
    said(`
- a: { set: { v: 1, w: "\${ .x }" }, output: { ${schema} } }
- b: { set: { v: "\${ .x }", w: 1 }, output: { ${schema} } }
- c: { set: { v: 1 }, output: { as: { w: "\${ .v }", v: 2 }, ${schema} } }
- d: { set: { v: "\${ .x }" }, output: { ${schema} } }
`).map((it) => it.split(" ").slice(0, 2).join(" ")),
    [
      "error /do/0/a/set/v:",
      "error /do/2/c/output/as/v:",
      "error /do/3/d/set:",
    ],
  );
});
