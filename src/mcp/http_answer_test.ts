import assert from "node:assert/strict";
import {
  events,
  PATIENCE_MS,
  serveSessions,
} from "../../tests/servers/session_server.ts";
import { systemHost } from "../host/system.ts";
import { createMask } from "../vault/mask.ts";
import { createToolHub } from "./hub.ts";
import type { OAuthLogins } from "./oauth.ts";

/** Where somebody has logged in, by a token that does not end. */
const LOGINS: OAuthLogins = {
  find: () =>
    Promise.resolve({
      authority: { issuer: "here", tokenEndpoint: "http://127.0.0.1:9/token" },
      client: { id: "us", authentication: "none" },
      tokens: { accessToken: "what-nobody-sees", scopes: [] },
      askedScopes: [],
    }),
  keep: () => Promise.resolve(),
  forget: () => Promise.resolve(false),
  exclusively: (_key, work) => work(),
  command: (name) => `stigmer mcp login ${name}`,
  mask: () => createMask({}),
};

Deno.test("a stream that ends without an answer fails the call at once", async () => {
  await using web = serveSessions(() => events([": nothing"]));
  await assert.rejects(
    web.call(),
    /Cannot call "work" of tool server "web": .*its answer broke off/,
  );
});

Deno.test("of what a server by HTTP answers instead, an error shows the beginning", async () => {
  const words = "x".repeat(5000);
  await using web = serveSessions(() => new Response(words, { status: 500 }));
  await assert.rejects(web.call(), (error: Error) => {
    assert.match(error.message, /"web": it answered with HTTP 500 .*: x+…$/);
    assert.ok(error.message.length < 4200, String(error.message.length));
    return true;
  });
});

Deno.test("a page of a server by HTTP is not shown as its answer", async () => {
  const page = `\n<!doctype html>\n<html>${"\n<p>Sorry".repeat(12)}`;
  await using web = serveSessions(() => new Response(page, { status: 501 }));
  await assert.rejects(web.call(), /it answered with HTTP 501 .* and a page/);
});

for (const kind of ["events", "a body"] as const) {
  Deno.test(`what is no result fails the call at once, as ${kind}`, async () => {
    await using web = serveSessions(({ id }) => {
      const answer = { jsonrpc: "2.0", id, result: "what" };
      return kind === "events"
        ? events([`data: ${JSON.stringify(answer)}`])
        : Response.json(answer);
    });
    await assert.rejects(
      web.call(),
      /its answer (broke off|breaks the protocol)/,
    );
  });
}

for (const kind of ["events", "a body"] as const) {
  Deno.test(`JSON that is nested too deeply fails the call at once, as ${kind}`, async () => {
    const deep = '{"a":'.repeat(100_000) + "1" + "}".repeat(100_000);
    await using web = serveSessions(({ id }) => {
      const text = `{"jsonrpc":"2.0","id":${id},"result":` +
        `{"content":[],"structuredContent":${deep}}}`;
      return kind === "events"
        ? events([`data: ${text}`])
        : new Response(text, {
          headers: { "content-type": "application/json" },
        });
    });
    const before = performance.now();
    const text = await web.call().catch((error: Error) => error.message);
    assert.match(text, /nested more than 512 levels deep/);
    assert.ok(performance.now() - before < PATIENCE_MS / 2, "it did not wait");
  });
}

Deno.test("JSON that is nested too deeply to look for secrets in fails the call at once", async () => {
  const deep = '{"a":'.repeat(100_000) + "1" + "}".repeat(100_000);
  await using web = serveSessions(({ id }) =>
    events([
      `data: {"jsonrpc":"2.0","method":"notifications/message",` +
      `"params":{"level":"info","data":${deep}}}`,
      `data: {"jsonrpc":"2.0","id":${id},"result":` +
      `{"content":[],"structuredContent":${deep}}}`,
    ])
  );
  const hub = createToolHub({ host: systemHost(), logins: LOGINS });
  try {
    const result = await hub.call({
      server: web.server,
      tool: "work",
      arguments: {},
      idempotencyKey: "key",
      timeoutMs: PATIENCE_MS,
    }, {
      variables: {},
      workingDirectory: "/",
      signal: new AbortController().signal,
    });
    assert.deepEqual(result, {
      text: "it sent JSON that is nested too deeply",
      isError: true,
    });
  } finally {
    await hub.close();
  }
});
