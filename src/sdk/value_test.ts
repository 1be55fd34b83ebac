import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { create, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import type { Json } from "../model/json.ts";
import { jsonOf, valueOf } from "./value.ts";

const VALUES: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1.5,
  "",
  "ü\u0000日",
  [],
  {},
  [1, [null, { a: [] }]],
  { "a.b": 1, "": { nested: [true] }, constructor: "x" },
];

Deno.test("valueOf() writes what the protobuf library would", () => {
  for (const json of VALUES) {
    const message = create(ValueSchema, valueOf(json));
    deepStrictEqual(toJson(ValueSchema, message), json);
  }
});

Deno.test("jsonOf() gives back what valueOf() was given", () => {
  for (const json of VALUES) {
    deepStrictEqual(jsonOf(create(ValueSchema, valueOf(json))), json);
  }
  strictEqual(jsonOf(undefined), undefined);
});
