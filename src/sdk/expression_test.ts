import assert from "node:assert/strict";
import type { Json } from "../model/json.ts";
import { expr, reference, text, written } from "./expression.ts";
import { type Schema, t } from "./schema.ts";

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

Deno.test("digits are a name in an object, and an index in all else", () => {
  const n = t.record(t.number());
  const cases: readonly (readonly [Schema<unknown> | undefined, string])[] = [
    [n, '$x["4711"]'],
    [t.object({ "4711": t.number() }), '$x["4711"]'],
    [t.union(n, t.null()), '$x["4711"]'],
    [t.union(n, t.object({ a: t.number() })), '$x["4711"]'],
    [t.array(t.number()), "$x[4711]"],
    [t.union(n, t.array(t.number())), "$x[4711]"],
    [t.json(), "$x[4711]"],
    [undefined, "$x[4711]"],
  ];
  for (const [schema, path] of cases) {
    const it = reference<Json>("$x", [], schema?.json);
    assert.equal(`${it["4711"]?.toJSON()}`, `\${ ${path} }`);
    const within = schema &&
      reference<Json>("$x", [], t.object({ a: t.optional(schema) }).json).a;
    assert.equal(
      `${(within ?? it)["4711"]?.toJSON()}`,
      `\${ ${within === undefined ? path : path.replace("$x", "$x.a")} }`,
    );
  }
  assert.equal(reference<Json>("$x")["007"]?.toJSON(), '${ $x["007"] }');
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
