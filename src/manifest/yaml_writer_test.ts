import { deepEqual, equal } from "node:assert/strict";
import { parse } from "yaml";
import { randomFrom, randomJson } from "../../tests/manifest/random.ts";
import type { Json } from "../model/json.ts";
import { toYaml } from "./yaml_writer.ts";

Deno.test("toYaml() writes what people would", () => {
  const cases: readonly (readonly [Json, string])[] = [
    [{}, "{}\n"],
    [[], "[]\n"],
    ["a", "a\n"],
    [{ a: 1, b: true, c: null }, "a: 1\nb: true\nc: null\n"],
    [{ a: { b: [] } }, "a:\n  b: []\n"],
    [
      { a: [1, [2, 3], { b: 4, c: 5 }] },
      [
        "a:",
        "  - 1",
        "  - - 2",
        "    - 3",
        "  - b: 4",
        "    c: 5",
        "",
      ].join("\n"),
    ],
    [{ a: "one\ntwo\n" }, "a: |\n  one\n  two\n"],
    [{ a: "one\n\n  two" }, "a: |-\n  one\n\n    two\n"],
    [{ a: "one\ntwo\n\n" }, "a: |+\n  one\n  two\n\n"],
    [{ a: " one\ntwo" }, 'a: " one\\ntwo"\n'],
    [{ a: "yes", b: "1.10", c: "" }, 'a: "yes"\nb: "1.10"\nc: ""\n'],
    [{ a: "${ .x }" }, "a: ${ .x }\n"],
    [{ a: "b: c", d: "e #f" }, 'a: "b: c"\nd: "e #f"\n'],
    [{ a: "https://x.org/y?z=1" }, "a: https://x.org/y?z=1\n"],
    [{ a: "\ufffd\u2028" }, 'a: "\\ufffd\\u2028"\n'],
    [{ "<<": 1, "true": 2 }, '"<<": 1\n"true": 2\n'],
    [["multi\nline"], "- |-\n  multi\n  line\n"],
  ];
  for (const [value, text] of cases) equal(toYaml(value), text);
});

Deno.test("toYaml() writes long keys so that they can be read", () => {
  const value = { a: { ["k".repeat(2000)]: { b: 1 }, c: [2] } };
  deepEqual(parse(toYaml(value)), value);
});

Deno.test("toYaml() is read back by YAML 1.2 and 1.1", () => {
  for (let seed = 1; seed <= 1500; seed++) {
    const value = randomJson(randomFrom(seed), 3);
    const text = toYaml(value);
    for (const version of ["1.2", "1.1"] as const) {
      const read: unknown = parse(text, { version, uniqueKeys: false });
      deepEqual(read, value, `seed ${seed}, YAML ${version}:\n${text}`);
    }
  }
});
