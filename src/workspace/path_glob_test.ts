import assert from "node:assert/strict";
import { pathGlob } from "./path_glob.ts";

Deno.test("pathGlob() fits paths part by part", () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["*.ts", "a.ts", true],
    ["*.ts", "src/deep/a.ts", true],
    ["*.ts", "a.tsx", false],
    ["src/*.ts", "src/a.ts", true],
    ["src/*.ts", "src/deep/a.ts", false],
    ["./src/**/*.ts", "src/a.ts", true],
    ["src/**/*.ts", "src/x/y/a.ts", true],
    ["src/**", "src/x/y", true],
    ["src/", "src/x", true],
    ["**/test/**", "a/test/b", true],
    ["**/test/**", "a/tests/b", false],
    ["{a,b/c}/*.md", "b/c/x.md", true],
    ["{a,{b,c}}.md", "c.md", true],
    ["{a,b}.md", "c.md", false],
    ["**", "anything/at/all", true],
    ["a?c", "abc", true],
    ["$1.(x)+", "$1.(x)+", true],
  ];
  for (const [glob, path, expected] of cases) {
    assert.equal(pathGlob(glob)?.(path), expected, `${glob} on ${path}`);
  }
});

Deno.test("pathGlob() takes no glob that comes to too many, and none takes long", () => {
  assert.equal(pathGlob("{a,b}".repeat(10)), undefined);
  const deep = `${"a/".repeat(400)}b`;
  assert.equal(pathGlob(`${"**/a/".repeat(90)}c`)?.(deep), false);
});
