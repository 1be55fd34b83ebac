import { deepEqual, equal } from "node:assert/strict";
import { type KeyedServer, serverKey } from "./server_key.ts";

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
