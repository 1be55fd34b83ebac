import assert from "node:assert/strict";
import type { Decision } from "../model/permission.ts";
import { parseToolRule } from "../model/tool_rule.ts";
import type { WorkspaceToolName } from "../model/workspace.ts";
import { whyNoCall } from "./_rule_reach.ts";

const SETTINGS = {
  commands: ["git", "./check.sh", "/usr/bin/make"],
  hosts: ["a.org", "*.b.org", "c.org:8080"],
};

function said(
  text: string,
  { list = "allow", ...others }: {
    readonly list?: Decision;
    readonly settings?: typeof SETTINGS | undefined;
  } = {},
): string {
  const rule = parseToolRule(text);
  assert.ok(rule);
  const tools = rule.server.split("+") as WorkspaceToolName[];
  const found = whyNoCall(rule, { list, tools, settings: SETTINGS, ...others });
  return found === undefined
    ? ""
    : `${text.slice(found.offset)} ${found.why} (${found.hint})`;
}

Deno.test("whyNoCall() takes what a call may have", () => {
  const rules = [
    "read:path=.",
    "read:path=docs/*",
    "read:path=*/docs",
    "read:path=.env",
    "read:path=?/a",
    "read:path=..a/*",
    "read:path=~a",
    "shell:cmd=git *",
    "shell:cmd=gi*",
    "shell:cmd=git commit -m 'a; (b)' *",
    "shell:cmd=git log 'it'\"'\"'s'",
    "shell:cmd=*;*",
    "shell:cmd=git *|*",
    "shell:cmd=./check.sh",
    "shell:cmd=/usr/bin/make *",
    "shell:cmd=?it",
    "shell:cmd='odd name' a",
    "shell:folder=src",
    "fetch:url=https://a.org/*",
    "fetch:url=HTTPS://A.org:443/*",
    "fetch:url=https://a.org*",
    "fetch:url=https://x.b.org/*",
    "fetch:url=http://c.org:8080",
    "fetch:url=https://*",
    "fetch:url=*a.org*",
    "fetch:url=http*://a.org/*",
    "edit:path=a:edits.newText=*",
    "read+write:path=a:content=*",
  ];
  for (const list of ["allow", "ask", "deny"] as const) {
    for (const rule of rules) assert.equal(said(rule, { list }), "", rule);
  }
});

Deno.test("whyNoCall() says which value no call has", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["read:path=./docs/*", 'Write "docs/*"'],
    ["read:path=docs//a/./b", 'Write "docs/a/b"'],
    ["read:path=docs/", 'Write "docs/*"'],
    ["read:path=./", 'Write "*"'],
    ["read:path=/etc/*", "Paths begin in the folder"],
    ["read:path=../*", "Paths begin in the folder"],
    ["read:path=*/../a", "Paths begin in the folder"],
    ["read:path=~/.ssh/*", "Paths begin in the folder"],
    ["read:path=C:\\a", "Paths begin in the folder"],
    ["shell:folder=/tmp", "Paths begin in the folder"],
    ["shell:cmd=git;ls", "Write a rule for each program"],
    ["shell:cmd=git 'a' && ls*", "Write a rule for each program"],
    ['shell:cmd=git commit -m "a*', "Quote the word"],
    ["shell:cmd=gti push*", 'Did you mean "git"?'],
    ["fetch:url=a.org/*", 'Write "https://a.org/*"'],
    ["fetch:url=a.org:80/*", 'Write "https://a.org:80/*"'],
    ["fetch:url=ftp://a.org/*", "Remove it"],
    ["fetch:url=https://e.org/*", "It may reach a.org, *.b.org, c.org:8080"],
    ["fetch:url=https://aa.org", "It may reach a.org"],
    ["fetch:url=https://b.org/*", "It may reach"],
    ["fetch:url=https://c.org/*", "It may reach"],
    ["read:limit=3:path=./a", 'Write "a"'],
    ["read+shell:path=a:cmd=git", "Write a rule for each"],
  ];
  for (const list of ["allow", "ask", "deny"] as const) {
    for (const [rule, hint] of cases) {
      assert.ok(said(rule, { list }).includes(`(${hint}`), said(rule));
    }
  }
  assert.equal(
    said("read:limit=3:path=./a"),
    'path=./a no path has "./" or "//" in it, or ends in "/" (Write "a")',
  );
});

Deno.test("whyNoCall() leaves what is refused where other programs may start it", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["shell:cmd=rm *", "It may start git, ./check.sh, /usr/bin/make"],
    ["shell:cmd=gitk*", 'Did you mean "git"?'],
    ["shell:cmd=make *", 'Did you mean "/usr/bin/make"?'],
    ["shell:cmd=git log [a]", "Quote the word"],
    ["shell:cmd=git log $a", "Quote the word"],
    ["fetch:url=https://e.org*", "It may reach"],
  ];
  for (const [rule, hint] of cases) {
    assert.equal(said(rule, { list: "deny" }), "", rule);
    assert.ok(said(rule).includes(`(${hint}`), said(rule));
  }
});

Deno.test("whyNoCall() does not go by what only some of the held may reach", () => {
  for (const rule of ["shell:cmd=rm *", "fetch:url=https://e.org/*"]) {
    assert.equal(said(rule, { settings: undefined }), "");
    assert.notEqual(said(rule), "");
  }
  const settings = { commands: ["git", "*"], hosts: ["*"] };
  assert.equal(said("shell:cmd=rm *", { settings }), "");
  assert.equal(said("fetch:url=https://e.org/*", { settings }), "");
});
