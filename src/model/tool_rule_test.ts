import assert from "node:assert/strict";
import { parseToolRule, readToolRule } from "./tool_rule.ts";

Deno.test("parseToolRule() takes places and conditions apart", () => {
  const cases = [
    ["github", { server: "github", conditions: [] }],
    ["github:create_*", { server: "github", tool: "create_*", conditions: [] }],
    ["shell:cmd=sudo*", {
      server: "shell",
      conditions: [{ name: "cmd", glob: "sudo*" }],
    }],
    ["workspace:fetch:url=https://a:8/x?y=1:method=GET", {
      server: "workspace",
      tool: "fetch",
      conditions: [
        { name: "url", glob: "https://a:8/x?y=1" },
        { name: "method", glob: "GET" },
      ],
    }],
    ["files:write:meta.owner-id=me", {
      server: "files",
      tool: "write",
      conditions: [{ name: "meta.owner-id", glob: "me" }],
    }],
  ] as const;
  for (const [text, rule] of cases) {
    assert.deepEqual(parseToolRule(text), rule, text);
  }
});

const WRONG: readonly (readonly [string, RegExp, number?])[] = [
  ["", /A rule is empty/],
  [":", /names no server/],
  [":x", /names no server/],
  ["x:", /names no tool/],
  ["a:b:c", /more parts than "server:tool"/, 3],
  ["=x", /names no argument before its "="/, 0],
  ["shell=rm", /names no argument/, 5],
  ["shell cmd=rm", /names no argument/],
  ["git hub:get", /has a space/, 3],
  [" github", /has a space/, 0],
  ["github: get", /has a space/, 7],
  ["shell:cmd=", /"cmd=" has no value/, 6],
  ["shell:cmd=:timeout=5", /"cmd=" has no value/, 6],
  ["a\u200b:b", /nobody sees, U\+200B/, 1],
  ["shell:cmd=a\nb", /nobody sees, U\+000A/, 11],
  ["a:b\0", /U\+0000/, 3],
  ["\u{e0041}", /U\+E0041/, 0],
  ["a".repeat(501), /500 characters, this has 501/],
];

for (const [text, message, offset] of WRONG) {
  Deno.test(`readToolRule() says what is wrong with ${JSON.stringify(text.slice(0, 30))}`, () => {
    const read = readToolRule(text);
    assert.equal(read.kind, "wrong");
    assert.match(read.kind === "wrong" ? read.message : "", message);
    if (offset !== undefined && read.kind === "wrong") {
      assert.equal(read.offset, offset);
    }
    assert.equal(parseToolRule(text), undefined);
  });
}
