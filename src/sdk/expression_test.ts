import assert from "node:assert/strict";
import { expr, reference, text, written } from "./expression.ts";

interface Row {
  readonly rows: readonly { readonly "a-b": number }[];
  readonly name: string;
}

Deno.test("a reference is the path to what it names", () => {
  const it = reference<Row>("$context.get");
  assert.equal(JSON.stringify(it.name), '"${ $context.get.name }"');
  assert.equal(
    it.rows[0]?.["a-b"]?.toJSON(),
    '${ $context.get.rows[0]["a-b"] }',
  );
});

Deno.test("expr takes references as expressions, and values as they are", () => {
  const it = reference<Row>("$context.get");
  assert.equal(
    expr`${it.rows} | map(select(.n > ${3})) | .[${"x"}]`.toJSON(),
    '${ $context.get.rows | map(select(.n > 3)) | .["x"] }',
  );
  assert.throws(
    () => expr`${text`a ${it.name}`} | length`,
    /Cannot put a text/,
  );
});

Deno.test("text writes expressions into a text", () => {
  const it = reference<Row>("$context.get");
  assert.equal(
    text`Hi ${it.name}, ${1} of ${expr(".n")}`.toJSON(),
    "Hi ${ $context.get.name }, 1 of ${ .n }",
  );
});

Deno.test("written() tells which tasks a value reads, however deep", () => {
  const [one, two] = [{ name: "one" }, { name: "two" }];
  const { json, sources } = written({
    a: [reference("$context.one", [one]).x],
    b: { c: text`x ${expr`${reference("$context.two", [two])} + 1`}` },
    d: undefined,
    e: null,
  });
  assert.deepEqual(json, {
    a: ["${ $context.one.x }"],
    b: { c: "x ${ $context.two + 1 }" },
    e: null,
  });
  assert.deepEqual(sources, [one, two]);
});
