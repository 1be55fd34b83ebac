import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Json, JsonObject } from "./json.ts";
import { shallow, shallowValue } from "./shallow.ts";

function levels(value: Json): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(levels));
}

Deno.test("shallow() leaves what is not deep as it is", () => {
  const value = { a: [1, { b: null, __proto__: 1 }], "": "text" };
  deepStrictEqual(shallow(value), value);
});

Deno.test("shallow() writes the rest of what is deep as JSON, and loses none of it", () => {
  for (const depth of [27, 28, 29, 20_000]) {
    const text = `{"a":${"[".repeat(depth)}"end"${"]".repeat(depth)}}`;
    const value: JsonObject = JSON.parse(text);
    const written = shallow(value);
    strictEqual(levels(written), Math.min(depth + 1, 28));
    const shown = JSON.stringify(written).slice('{"a":'.length, -1);
    const inner = shown.match(/^\[*(".*")\]*$/)?.[1] ?? "";
    const rest = Math.max(0, depth - 27);
    strictEqual(
      JSON.parse(inner),
      rest === 0 ? "end" : `${"[".repeat(rest)}"end"${"]".repeat(rest)}`,
    );
  }
});

Deno.test("shallowValue() does the same with any value, and copies none without need", () => {
  const list: Json = JSON.parse(`${"[".repeat(100)}1${"]".repeat(100)}`);
  strictEqual(levels(shallowValue(list)), 28);
  const small = [[{ a: 1 }]];
  strictEqual(shallowValue(small), small);
  strictEqual(shallowValue("text"), "text");
});
