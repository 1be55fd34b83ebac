import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { isComputedKey, type KeyedServer, serverKey } from "./server_key.ts";

function stdio(
  command: string,
  args: readonly string[] = [],
  cwd = "",
): KeyedServer {
  return {
    name: "any",
    transport: { kind: "stdio", command, args, env: { KEY: "${KEY}" }, cwd },
  };
}

function http(url: string): KeyedServer {
  const headers = { authorization: "Bearer ${TOKEN}" };
  return { name: "any", transport: { kind: "http", url, headers } };
}

Deno.test("serverKey() says how a server is reached", () => {
  const cases: readonly (readonly [KeyedServer, string])[] = [
    [
      { name: "filesystem", transport: { kind: "catalog", args: ["/srv"] } },
      "catalog filesystem",
    ],
    [stdio("npx", ["-y", "@scope/server"]), "stdio npx -y @scope/server"],
    [stdio("deno", ["run", "npm:@scope/a/b"]), "stdio deno run npm:@scope/a/b"],
    [stdio("/usr/bin/tool", ["a b"]), 'stdio /usr/bin/tool "a b"'],
    [http("https://example.com/mcp"), "http https://example.com/mcp"],
  ];
  for (const [server, key] of cases) {
    equal(serverKey(server), key);
    // The folder of the run is nothing to them.
    equal(serverKey(server, "/work"), key);
  }
});

Deno.test("serverKey() counts the folder where a command names a file in it", () => {
  const relative = [
    stdio("deno", ["run", "tools.ts"]),
    stdio("./serve"),
    stdio("python", ["tools/serve"]),
    stdio("node", ["..\\serve.js"]),
  ];
  for (const server of relative) {
    const keys = ["/a", "/b"].map((folder) => serverKey(server, folder));
    equal(new Set(keys).size, 2, keys[0]);
  }
  const own = stdio("deno", ["run", "tools.ts"], "sub");
  equal(serverKey(own, "/a"), "stdio deno run tools.ts in /a/sub");
  equal(serverKey(own), "stdio deno run tools.ts in sub");
  equal(
    serverKey(stdio("deno", ["run", "tools.ts"], "/x"), "/a"),
    "stdio deno run tools.ts in /x",
  );
});

Deno.test("serverKey() has no secret in it", () => {
  deepEqual(
    [
      serverKey(http("https://ada:secret@example.com/mcp")),
      serverKey(stdio("serve", ["--token", "${TOKEN}"])),
    ],
    ["http https://example.com/mcp", "stdio serve --token ${TOKEN}"],
  );
});

Deno.test("serverKey() has nothing of what a workflow computes in it", () => {
  const asWritten = (written: KeyedServer, came: KeyedServer): string =>
    serverKey({ ...came, written: written.transport }, "/work");
  const computed = [
    [http("https://${ .region }.test/mcp"), http("https://eu.test/mcp")],
    [stdio("npx", ["-y", "${ .package }"]), stdio("npx", ["-y", "eu"])],
    [stdio("${ $env.PROGRAM }"), stdio("./eu")],
    [http("https://{region}.test/mcp"), http("https://eu.test/mcp")],
  ] as const;
  for (const [written, came] of computed) {
    const key = asWritten(written, came);
    doesNotMatch(key, /eu/);
    match(key, / #[0-9a-f]{16}$/);
    equal(isComputedKey(key), true, key);
    // Another value is another server, the same one the same.
    equal(asWritten(written, came), key);
    const other = JSON.parse(JSON.stringify(came).replaceAll("eu", "us"));
    equal(asWritten(written, other) === key, false, key);
  }
  const plain = stdio("npx", ["-y", "@scope/server"]);
  equal(asWritten(plain, plain), serverKey(plain));
  equal(isComputedKey(serverKey(plain)), false);
});
