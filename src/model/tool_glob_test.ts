import assert from "node:assert/strict";
import {
  letsServerThrough,
  letsToolThrough,
  matchesGlob,
} from "./tool_glob.ts";

const CASES: readonly (readonly [string[], string, boolean])[] = [
  [[], "files:read", true],
  [["none"], "files:read", false],
  [["none"], "none:read", false],
  [["none:*"], "none:read", true],
  [["files"], "files:read", true],
  [["files"], "files2:read", false],
  [["file*"], "files2:read", true],
  [["files:read"], "files:read", true],
  [["files:read"], "files:read_all", false],
  [["files:read*"], "files:read_all", true],
  [["files:*_all"], "files:read_all", true],
  [["files:r?ad"], "files:read", true],
  [["files:r?ad"], "files:rad", false],
  [["*:read"], "github:read", true],
  [["git:*", "files:write"], "files:write", true],
  [["git:*", "files:write"], "files:read", false],
  [["files:a*b*c"], "files:aXbXbXc", true],
  [["files:*?b?d*"], "files:abcbbcd", true],
  [["files:*?b?d*"], "files:bcdabd", false],
  [["files:*??*?"], "files:abc", true],
  [["files:*??*?"], "files:ab", false],
  [["files:a*b*c"], "files:aXbXbX", false],
  [["files:"], "files:read", false],
  [["agent:reviewer"], "agent:reviewer", true],
  [["files:.*"], "files:read", false],
];

for (const [globs, place, expected] of CASES) {
  Deno.test(`letsToolThrough() of [${globs}] says ${expected} for ${place}`, () => {
    const [server = "", tool = ""] = place.split(":");
    assert.equal(letsToolThrough(globs, { server, tool }), expected);
  });
}

Deno.test("letsServerThrough() lets go of servers that no glob can mean", () => {
  assert.equal(letsServerThrough(["git:*"], "files"), false);
  assert.equal(letsServerThrough(["git:*", "files:read"], "files"), true);
  assert.equal(letsServerThrough(["none"], "files"), false);
  assert.equal(letsServerThrough([], "files"), true);
});

Deno.test("letsToolThrough() takes no time for a glob full of stars", () => {
  const glob = `files:${"*a".repeat(200)}b`;
  const tool = "a".repeat(5000);
  assert.equal(letsToolThrough([glob], { server: "files", tool }), false);
});

Deno.test("matchesGlob() looks for what is sure in a part full of question marks", () => {
  const text = "x".repeat(200_000);
  const began = performance.now();
  for (let i = 0; i < 16; i++) {
    assert.equal(matchesGlob(`*${"?".repeat(400)}y*`, text), false);
  }
  assert.equal(matchesGlob(`*${"?".repeat(400)}x*`, text), true);
  const tookMs = performance.now() - began;
  assert.ok(tookMs < 2000, `${tookMs} ms`);
});
