import assert from "node:assert/strict";
import type { JsonObject } from "./json.ts";
import { judgeCall, parseToolRule, type ToolRules } from "./permission.ts";

const NO_RULES: ToolRules = { allow: [], ask: [], deny: [] };

function judge(
  rules: Partial<ToolRules>,
  place: string,
  args: JsonObject = {},
): string {
  const [server = "", tool = ""] = place.split(":");
  const call = { server, tool, arguments: args, effect: "unknown" } as const;
  const layer = { agent: "bot", rules: { ...NO_RULES, ...rules } };
  return judgeCall(call, [layer]).decision;
}

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
  ] as const;
  for (const [text, rule] of cases) {
    assert.deepEqual(parseToolRule(text), rule, text);
  }
  for (const text of ["", ":", ":x", "a:b:c", "=x"]) {
    assert.equal(parseToolRule(text), undefined, text);
  }
});

Deno.test("judgeCall() lets deny count before ask, and ask before allow", () => {
  const all = { allow: ["*"], ask: ["x:w*"], deny: ["x:wipe"] };
  assert.equal(judge(all, "x:read"), "allow");
  assert.equal(judge(all, "x:write"), "ask");
  assert.equal(judge(all, "x:wipe"), "deny");
  assert.equal(judge({}, "x:wipe"), "ask");
});

Deno.test("judgeCall() names the rule that decided", () => {
  const call = {
    server: "workspace",
    tool: "shell",
    arguments: { cmd: "sudo rm -rf /" },
    effect: "destructive",
  } as const;
  const own = { ...NO_RULES, allow: ["shell"] };
  const above = { ...NO_RULES, deny: ["shell:cmd=sudo*"] };
  const layers = [{ agent: "child", rules: own }];
  assert.deepEqual(judgeCall(call, layers), {
    decision: "allow",
    rule: 'allow shell of agent "child"',
  });
  assert.deepEqual(
    judgeCall(call, [...layers, { agent: "boss", rules: above }]),
    {
      decision: "deny",
      rule: 'deny shell:cmd=sudo* of agent "boss"',
    },
  );
});

Deno.test("judgeCall() allows no path that leads elsewhere than it says", () => {
  const rules = { allow: ["files:write:path=docs/*"] };
  assert.equal(judge(rules, "files:write", { path: "docs/a.md" }), "allow");
  assert.equal(judge(rules, "files:write", { path: "docs/../.ssh" }), "ask");
  assert.equal(judge(rules, "files:write"), "ask");
});
