import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { signal } from "../../tests/servers/oauth_scene.ts";
import { systemHost } from "../host/system.ts";
import { messageOf } from "../model/error.ts";
import { discover } from "./oauth_discovery.ts";
import { authorityFetch, checkedAddress } from "./oauth_network.ts";

Deno.test("checkedAddress() lets TLS through, and this machine to itself", () => {
  const here = "http://127.0.0.1:8080/mcp";
  const there = "https://mcp.example.com/mcp";
  const fine: readonly (readonly [string, string])[] = [
    ["https://login.example/token", there],
    ["http://localhost:9/token", here],
    ["http://[::1]:9/token", here],
    ["https://login.example/token", here],
  ];
  for (const [text, server] of fine) {
    equal(checkedAddress(text, server).href, text);
  }
  const refused: readonly (readonly [string, string, RegExp])[] = [
    ["http://login.example/token", there, /not over TLS/],
    ["http://127.0.0.1:22/", there, /on this machine/],
    ["https://localhost/token", there, /on this machine/],
    ["https://localhost./token", there, /on this machine/],
    ["https://login.localhost/token", there, /on this machine/],
    ["https://0.0.0.0/token", there, /on this machine/],
    ["https://[::]/token", there, /on this machine/],
    ["https://[::ffff:127.0.0.1]/token", there, /on this machine/],
    ["http://login.localhost/token", here, /not over TLS/],
    ["https://me:pass@login.example/", there, /a user or a password/],
    ["javascript:alert(1)", here, /not over TLS/],
    ["nonsense", here, /is no address/],
  ];
  for (const [text, server, expected] of refused) {
    let message = "";
    try {
      checkedAddress(text, server);
    } catch (error) {
      message = messageOf(error);
    }
    match(message, expected, text);
  }
});

Deno.test("discover() asks for no token that would go to a server without TLS", async () => {
  const asked: string[] = [];
  const challenge = {
    status: 401,
    scopes: [],
    metadataUrl: new URL("https://mcp.example/metadata"),
  } as const;
  await rejects(
    discover("http://mcp.example/mcp", {
      challenge,
      fetch: (url) => {
        asked.push(String(url));
        return Promise.resolve(Response.json({}));
      },
    }),
    /"http:\/\/mcp.example" is not over TLS, no token is to be sent there/,
  );
  deepEqual(asked, []);
});

Deno.test("authorityFetch() follows no redirect, and waits no longer than it may", async () => {
  const asked: string[] = [];
  const hung = Promise.withResolvers<Response>();
  const begun = Promise.withResolvers<void>();
  /** An answer that begins and does not end. */
  const dripping = () =>
    new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode("{"));
        begun.resolve();
        return new Promise(() => {});
      },
    });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const { pathname } = new URL(request.url);
      asked.push(pathname);
      if (pathname === "/hang") return hung.promise;
      if (pathname === "/drip") return new Response(dripping());
      return new Response(null, {
        status: 307,
        headers: { location: "/else" },
      });
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}`;
  const host = systemHost();
  const timers: (() => void)[] = [];
  const clock = {
    ...host.clock,
    timer: (_delayMs: number, callback: () => void) => {
      timers.push(callback);
      return () => {};
    },
  };
  try {
    const fetch = authorityFetch({ ...host, clock }, { server: url, signal });
    const moved = await fetch(`${url}/move`);
    equal(moved.status, 307);
    const waiting = fetch(`${url}/hang`);
    timers.at(-1)?.();
    await rejects(waiting, /there was no answer within 30 s/);
    const dripped = fetch(`${url}/drip`);
    await begun.promise;
    timers.at(-1)?.();
    await rejects(dripped, /there was no answer within 30 s/);
    deepEqual(asked.filter((it) => it === "/else"), []);
  } finally {
    hung.resolve(new Response(null));
    await server.shutdown();
  }
});
