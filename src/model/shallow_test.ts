import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Json, JsonObject } from "./json.ts";
import { shallow } from "./shallow.ts";

function levels(value: Json): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(levels));
}

Deno.test("shallow() leaves what is not deep as it is", () => {
  const value = { a: [1, { b: null, __proto__: 1 }], "": "text" };
  deepStrictEqual(shallow(value), value);
});

Deno.test("shallow() writes the rest of what is deep as JSON, and loses none of it", () => {
  for (const depth of [19, 20, 21, 20_000]) {
    const text = `{"a":${"[".repeat(depth)}"end"${"]".repeat(depth)}}`;
    const value: JsonObject = JSON.parse(text);
    const written = shallow(value);
    strictEqual(levels(written), Math.min(depth + 1, 20));
    const shown = JSON.stringify(written).slice('{"a":'.length, -1);
    const inner = shown.match(/^\[*(".*")\]*$/)?.[1] ?? "";
    const rest = Math.max(0, depth - 19);
    strictEqual(
      JSON.parse(inner),
      rest === 0 ? "end" : `${"[".repeat(rest)}"end"${"]".repeat(rest)}`,
    );
  }
});
