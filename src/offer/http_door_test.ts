import { match, ok, strictEqual, throws } from "node:assert/strict";
import { openDoor } from "./http_door.ts";

const LOCAL = { kind: "tcp", hostname: "127.0.0.1", port: 7235 } as const;
const OPEN = { kind: "tcp", hostname: "0.0.0.0", port: 7235 } as const;
const UNIX = { kind: "unix", path: "/run/mcp" } as const;

function statusOf(
  door: ReturnType<typeof openDoor>,
  headers: Readonly<Record<string, string>>,
  path = "/mcp",
): number {
  const request = new Request(`http://x${path}`, { headers: { ...headers } });
  return door.refuse(request)?.status ?? 200;
}

Deno.test("a door on this machine lets in what is called by a name of this machine", () => {
  const door = openDoor({ address: LOCAL });
  const cases = [
    [{ host: "127.0.0.1:7235" }, 200],
    [{ host: "localhost" }, 200],
    [{ host: "[::1]:7235" }, 200],
    [{ host: "localhost:7235", origin: "http://localhost:3000" }, 200],
    [{ host: "localhost:7235", origin: "http://[::1]:3000" }, 200],
    [{ host: "evil.example" }, 403],
    [{ host: "127.0.0.1.evil.example:7235" }, 403],
    [{ host: "localhost.evil.example" }, 403],
    [{}, 403],
    [{ host: "localhost", origin: "https://evil.example" }, 403],
    [{ host: "localhost", origin: "http://localhost.evil.example" }, 403],
    [{ host: "localhost", origin: "null" }, 403],
  ] as const;
  for (const [headers, status] of cases) {
    strictEqual(statusOf(door, headers), status, JSON.stringify(headers));
  }
  strictEqual(statusOf(door, { host: "localhost" }, "/"), 404);
});

Deno.test("a door for others needs a token, and a request the same one", async () => {
  throws(() => openDoor({ address: OPEN }), /without a token/);
  const door = openDoor({ address: OPEN, token: "s3cret" });
  const host = "tools.example:7235";
  const cases = [
    [{ host, authorization: "Bearer s3cret" }, 200],
    [{ host, authorization: "bearer s3cret" }, 200],
    [
      { host, authorization: "Bearer s3cret", origin: "https://tools.example" },
      200,
    ],
    [
      { host, authorization: "Bearer s3cret", origin: "https://evil.example" },
      403,
    ],
    [{ host }, 401],
    [{ host, authorization: "Bearer s3cre" }, 401],
    [{ host, authorization: "Basic s3cret" }, 401],
    [{ host, authorization: "s3cret" }, 401],
  ] as const;
  for (const [headers, status] of cases) {
    strictEqual(statusOf(door, headers), status, JSON.stringify(headers));
  }
  const refused = door.refuse(
    new Request("http://x/mcp", { headers: { host } }),
  );
  ok(refused);
  match(refused.headers.get("www-authenticate") ?? "", /^Bearer$/);
  match(await refused.text(), /A token is needed/);
  const wrong = door.refuse(
    new Request("http://x/mcp", {
      headers: { host, authorization: "Bearer s3cre" },
    }),
  );
  ok(wrong);
  match(wrong.headers.get("www-authenticate") ?? "", /invalid_token/);
  match(await wrong.text(), /The token is not that of this server/);
});

Deno.test("a door on a socket needs no name: none leads there", () => {
  strictEqual(statusOf(openDoor({ address: UNIX }), { host: "anything" }), 200);
  const door = openDoor({ address: UNIX, token: "s3cret" });
  strictEqual(statusOf(door, { host: "anything" }), 401);
});
