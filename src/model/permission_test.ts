import assert from "node:assert/strict";
import type { JsonObject } from "./json.ts";
import { judgeCall, toolEffect, type ToolRules } from "./permission.ts";
import { sealedReference } from "./sealed.ts";

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

Deno.test("judgeCall() holds everything up by a rule that cannot be read", () => {
  assert.equal(judge({ allow: ["x"], deny: ["a:b:c"] }, "x:y"), "deny");
  assert.equal(judge({ allow: ["x"], ask: [""] }, "x:y"), "ask");
  assert.equal(judge({ allow: ["a:b:c", " x"] }, "x:y"), "ask");
});

Deno.test("judgeCall() refuses an address that is written without what it has anyway", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["https://evil.example", "https://evil.example/"],
    ["https://evil.example:443/*", "https://evil.example/a?b"],
    ["https://evil.example:443/*", "https://evil.example./a?b"],
    ["http://evil.example:80", "http://evil.example/"],
    ["https://evil.example/?a=b", "https://evil.example?a=b"],
    ["https://[::1]:443/*", "https://[::1]/a"],
  ];
  for (const [glob, url] of cases) {
    const rules = { deny: [`*:*:url=${glob}`] };
    assert.equal(judge(rules, "workspace:fetch", { url }), "deny", glob);
  }
  const other = { url: "https://evil.example:444/" };
  const rules = { deny: ["*:*:url=https://evil.example:443/*"] };
  assert.equal(judge(rules, "workspace:fetch", other), "ask");
});

Deno.test("judgeCall() takes a bare word for a server, or for a workspace tool", () => {
  const rules = { allow: ["shell"] };
  assert.equal(judge(rules, "shell:run"), "allow");
  assert.equal(judge(rules, "workspace:shell"), "allow");
  assert.equal(judge(rules, "other:shell"), "ask");
  assert.equal(judge({ allow: ["workspace"] }, "workspace:shell"), "allow");
  assert.equal(judge({ deny: ["*"] }, "agent:writer"), "deny");
});

Deno.test("judgeCall() goes by what a tool does where no rule speaks of it", () => {
  const layers = [{ agent: "bot", rules: NO_RULES }];
  const effects = ["read", "write", "destructive", "unknown"] as const;
  const verdicts = effects.map((effect) =>
    judgeCall({ server: "x", tool: "y", arguments: {}, effect }, layers)
  );
  assert.deepEqual(verdicts, [
    { decision: "allow", rule: "default: it only reads" },
    { decision: "ask", rule: "default: it changes something" },
    { decision: "ask", rule: "default: it may destroy something" },
    { decision: "ask", rule: "default: its server does not say what it does" },
  ]);
});

Deno.test("judgeCall() lets a call through that nobody holds to rules", () => {
  const call = { server: "x", tool: "y", arguments: {}, effect: "unknown" };
  assert.equal(
    judgeCall({ ...call, effect: toolEffect(call.effect) }, []).decision,
    "allow",
  );
});

Deno.test("judgeCall() allows no text by its letters that a secret is put into", () => {
  const sealed = sealedReference("0123456789abcdef".repeat(2), "NAME");
  const rules = { allow: ["*:*:path=docs/*"] };
  const args = { path: `docs/${sealed}` };
  assert.equal(judge(rules, "files:write", { path: "docs/a" }), "allow");
  assert.equal(judge(rules, "files:write", args), "ask");
  assert.equal(
    judge(rules, "files:write", { path: ["docs/a", args.path] }),
    "ask",
  );
  assert.equal(judge({ allow: ["*:*:path=*"] }, "files:write", args), "allow");
  // A built-in tool takes a secret for a part of where it stands, or not at all.
  assert.equal(judge(rules, "workspace:write", args), "allow");
  const url = { url: `https://api.example.com/v1?key=${sealed}` };
  const web = { allow: ["*:*:url=https://api.example.com/*"] };
  assert.equal(judge(web, "api:get", url), "allow");
});
