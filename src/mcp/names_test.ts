import assert from "node:assert/strict";
import { qualifiedName } from "./names.ts";

Deno.test("qualifiedName() gives what every model accepts", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["filesystem", "read_file"],
    ["my server", "search/files.by name"],
    ["grün", "größe"],
    ["s".repeat(63), "t".repeat(128)],
  ];
  for (const [server, tool] of cases) {
    const name = qualifiedName(server, tool, new Set());
    assert.match(name, /^[a-zA-Z0-9_-]{1,64}$/);
  }
  assert.equal(
    qualifiedName("filesystem", "read_file", new Set()),
    "filesystem_read_file",
  );
});

Deno.test("qualifiedName() keeps names apart that would clash", () => {
  const taken = new Set<string>();
  const pairs = [["a_b", "c"], ["a", "b_c"], ["a.b", "c"]] as const;
  const names = pairs.map(([server, tool]) =>
    qualifiedName(server, tool, taken)
  );
  assert.deepEqual(names, ["a_b_c", "a_b_c_2", "a_b_c_3"]);
});

Deno.test("qualifiedName() keeps long names apart by a hash of the whole", () => {
  const long = "t".repeat(100);
  const one = qualifiedName("s", `${long}1`, new Set());
  const two = qualifiedName("s", `${long}2`, new Set());
  assert.notEqual(one, two);
  assert.equal(one, qualifiedName("s", `${long}1`, new Set()));
});
