import assert from "node:assert/strict";
import {
  namesLoosely,
  namesStrictly,
  viewArguments,
} from "./argument_match.ts";
import type { Json, JsonObject } from "./json.ts";

function strictly(glob: string, value: Json, name = "x"): boolean {
  return viewArguments({ [name]: value }).holdsStrictly({ name, glob });
}

function loosely(glob: string, value: Json, name = "x"): boolean {
  return viewArguments({ [name]: value }).holdsLoosely({ name, glob });
}

const LET_THROUGH: readonly (readonly [string, Json])[] = [
  ["docs/*", "docs/a/b.md"],
  ["docs/*", ["docs/a", "docs/b"]],
  ["docs/../*", "docs/../x"],
  ["git push*", "git push origin main"],
  ["git log*|*head*", "git log -5 | head"],
  ["*", "anything; at\nall"],
  ["5", 5],
  ["true", true],
  ["https://api.example.com/*", "https://api.example.com/v1?a=1&b=$2"],
  ["https://api.example.com*", "https://api.example.com/v1"],
  ["https://api.example.com", "https://api.example.com"],
  ["https://API.example.com:443/*", "HTTPS://api.EXAMPLE.com/x"],
  ["https://*.example.com/*", "https://a.b.example.com/x"],
  ["https://*", "https://anywhere.example/x"],
  ["*://localhost:8080/*", "http://localhost:8080/x"],
];

const HELD_UP: readonly (readonly [string, Json])[] = [
  ["docs/*", "docs/../.ssh/id"],
  ["docs/*", "docs\\..\\x"],
  ["docs/*", "docs/.."],
  ["docs/*", "docs/a\0.md"],
  ["docs/*", "docs/a\u202egnp.sh"],
  ["docs/*", "./docs/a"],
  ["docs/*", "DOCS/a"],
  ["docs/*", ["docs/a", "etc/b"]],
  ["docs/*", [["docs/a"]]],
  ["docs/*", []],
  ["docs/*", { path: "docs/a" }],
  ["caf\u00e9/*", "cafe\u0301/x"],
  ["git push*", "git push; rm -rf ."],
  ["git push*", "git push && rm -rf ."],
  ["git push*", "git push\nrm -rf ."],
  ["git push*", "git push $(rm -rf .)"],
  ["git push*", "git push `rm -rf .`"],
  ["git push*", "git push > /etc/passwd"],
  ["git log*|*head*", "git log | rm | head"],
  ["a?b", "a;b"],
  ["https://api.example.com/*", "https://api.example.com.evil.example/"],
  ["https://api.example.com*", "https://api.example.com.evil.example/"],
  ["https://api.example.com*", "https://api.example.com@evil.example/"],
  ["https://*.example.com/*", "https://evil.example/x.example.com/"],
  ["https://*.example.com/*", "https://evil.example#.example.com/"],
  ["https://*.example.com/*", "https://evil.example\\.example.com/"],
  ["https://a.example/api/*", "https://a.example/api/../admin"],
  ["https://a.example/api/*", "https://a.example/api/%2e%2e/admin"],
  ["https://a.example/*", "https://user:pass@a.example/"],
  ["https://a.example/*", "https://a.exa\tmple/"],
  ["https://a.example/*", "http://a.example/x"],
  ["https://a.example/*", "https://a.example:8443/x"],
  ["https://a.example", "https://a.example/x"],
  ["https://*", "file:///etc/passwd"],
  ["https://*", 5],
];

for (const [glob, value] of LET_THROUGH) {
  Deno.test(`what is allowed as ${glob} may be ${JSON.stringify(value)}`, () => {
    assert.equal(strictly(glob, value), true);
  });
}

for (const [glob, value] of HELD_UP) {
  Deno.test(`what is allowed as ${glob} may not be ${JSON.stringify(value)}`, () => {
    assert.equal(strictly(glob, value), false);
  });
}

const FOUND: readonly (readonly [string, Json, string?])[] = [
  ["sudo*", "sudo rm"],
  ["sudo*", " sudo rm"],
  ["sudo*", "\n\tSUDO rm"],
  ["sudo*", "\uff53\uff55\uff44\uff4f rm"],
  ["sudo*", "su\u200bdo rm"],
  ["sudo*", ["ls", "sudo rm"]],
  ["rm -rf*", ["rm", "-rf", "/"]],
  ["sudo*", { program: "sudo", args: ["rm"] }],
  ["sudo*", [[{ a: ["sudo"] }]]],
  ["*secrets/*", "docs/./secrets//x"],
  ["secrets/*", "docs/../secrets/x"],
  ["secrets/*", "secrets\\x"],
  ["secrets/*", "./Secrets/x"],
  ["/etc/*", "/tmp/../etc/passwd"],
  ["/etc/*", "/../../etc/passwd"],
  ["*id_rsa", "~/.ssh/ID_RSA "],
  ["caf\u00e9*", "cafe\u0301/x"],
  ["https://evil.example/*", "HTTPS://EVIL.example/x"],
  ["https://evil.example/*", "https://user@evil.example/x"],
  ["https://evil.example/*", "https://evil.example./x"],
  ["https://evil.example/*", "https://evil.example:8443/x"],
  ["https://evil.example/*", "https:evil.example/x"],
  ["https://evil.example/*", " https://ev\til.example/x"],
  ["rm*", "ls; /bin/rm -rf x", "cmd"],
  ["rm*", "ls && 'rm' -rf x", "command"],
  ["rm*", "A=1 B=2 rm x", "cmd"],
  ["rm*", "echo $(rm x)", "a.script"],
  ["rm*", "r\\m x", "cmd"],
  ["rm*", ";".repeat(1000) + "rm", "cmd"],
];

const NOT_FOUND: readonly (readonly [string, Json, string?])[] = [
  ["sudo*", "pseudo"],
  ["secrets/*", "docs/secrets.md"],
  ["rm*", "/bin/rm", "path"],
  ["rm*", "git rm x", "cmd"],
  // What no rule over texts can find: programs that start programs.
  ["rm*", "env rm x", "cmd"],
  ["rm*", "sh -c 'rm x'", "cmd"],
  ["rm*", "$RM x", "cmd"],
];

for (const [glob, value, name] of FOUND) {
  Deno.test(`what is refused as ${glob} is found in ${JSON.stringify(value).slice(0, 60)}`, () => {
    const [key = "x", inner] = (name ?? "x").split(".");
    const args = inner === undefined
      ? { [key]: value }
      : { [key]: { [inner]: value } };
    const condition = { name: name ?? "x", glob };
    assert.equal(viewArguments(args).holdsLoosely(condition), true);
  });
}

for (const [glob, value, name] of NOT_FOUND) {
  Deno.test(`what is refused as ${glob} is not found in ${JSON.stringify(value)}`, () => {
    assert.equal(loosely(glob, value, name), false);
  });
}

function both(args: JsonObject, name: string, glob: string): string {
  const view = viewArguments(args);
  const condition = { name, glob };
  return `${view.holdsStrictly(condition)} ${view.holdsLoosely(condition)}`;
}

Deno.test("what is missing is neither allowed nor refused", () => {
  assert.equal(both({}, "path", "*"), "false false");
  assert.equal(both({ a: 1 }, "a.b", "*"), "false false");
  assert.equal(both({}, "constructor", "*"), "false false");
  assert.equal(both({ path: null }, "path", "null"), "true true");
});

Deno.test("a name with dots leads into objects and lists, each of which must be as it says", () => {
  const files = [{ path: "docs/a" }, { path: "docs/b" }];
  assert.equal(both({ files }, "files.path", "docs/*"), "true true");
  const more = [...files, { path: "etc/x" }];
  assert.equal(both({ files: more }, "files.path", "docs/*"), "false true");
  const less = [...files, {}];
  assert.equal(both({ files: less }, "files.path", "docs/*"), "false true");
  assert.equal(both({ "a.b": "x" }, "a.b", "x"), "true true");
  const twice = { "a.b": "x", a: { b: "y" } };
  assert.equal(both(twice, "a.b", "x"), "false true");
  assert.equal(both(twice, "a.b", "y"), "false true");
});

Deno.test("an argument that is there twice, in two writings, is not allowed and is refused", () => {
  const args = { path: "docs/a", Path: "etc/x" };
  assert.equal(both(args, "path", "docs/*"), "false true");
  assert.equal(both(args, "path", "etc/*"), "false true");
  assert.equal(both({ "pa\u200bth": "etc/x" }, "path", "etc/*"), "false true");
});

Deno.test("names of tools are read in the same way", () => {
  assert.equal(namesStrictly("get_*", "get_it"), true);
  assert.equal(namesStrictly("get_*", "GET_it"), false);
  assert.equal(namesStrictly("get_*", "get_\u202eit"), false);
  assert.equal(namesStrictly("*", "\u202e"), true);
  assert.equal(namesLoosely("delete_*", "Delete_\u200ball"), true);
  assert.equal(namesLoosely("delete_*", "undelete_all"), false);
});

Deno.test("large and deep arguments are looked at in no time, and what is too much is held up", () => {
  const long = "ab/".repeat(350_000);
  let deep: Json = "x";
  for (let i = 0; i < 20_000; i++) deep = [deep];
  const many = Array.from({ length: 20_000 }, () => "x");
  const began = performance.now();
  const view = viewArguments({ long, deep, many });
  for (let i = 0; i < 32; i++) {
    const glob = `*${"ab".repeat(50)}${i}*`;
    assert.equal(view.holdsLoosely({ name: "long", glob }), false);
    assert.equal(view.holdsStrictly({ name: "long", glob }), false);
  }
  assert.equal(view.holdsLoosely({ name: "deep", glob: "y" }), true);
  assert.equal(view.holdsStrictly({ name: "deep", glob: "x" }), false);
  assert.equal(view.holdsLoosely({ name: "many", glob: "y" }), true);
  const tookMs = performance.now() - began;
  assert.ok(tookMs < 10_000, `${tookMs} ms`);
});

Deno.test("what stands behind more than is looked at is neither allowed nor let off", () => {
  const many = Array.from({ length: 10_000 }, () => ({ parts: [] }));
  const edits = [
    { parts: [{ path: "docs/a" }] },
    ...many,
    { parts: [{ path: "etc/x" }] },
  ];
  assert.equal(both({ edits }, "edits.parts.path", "docs/*"), "false true");
  assert.equal(both({ edits }, "edits.parts.path", "etc/*"), "false true");
});
