import assert from "node:assert/strict";
import { events, serveSessions } from "../../tests/servers/session_server.ts";
import { systemHost } from "../host/system.ts";
import { createToolHub } from "./hub.ts";
import type { ToolServer } from "./server.ts";

interface Changing extends AsyncDisposable {
  /** Resolves once the list is asked for that waits. */
  readonly asked: Promise<void>;
  /** Lets it be answered. */
  readonly release: () => void;
  /** Calls the tool; gives the description that was checked. */
  call(signal?: AbortSignal): Promise<string>;
}

/**
 * Serves a tool whose description changes with its first call; the list that
 * is asked for then is held back.
 */
function serveChanging(): Changing {
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  let description = "first";
  let lists = 0;
  let calls = 0;
  async function answer(
    { id, method }: { readonly id?: number; readonly method: string },
  ): Promise<Response> {
    const reply = (result: unknown) => ({ jsonrpc: "2.0", id, result });
    switch (method) {
      case "initialize":
        return Response.json(reply({
          protocolVersion: "2025-06-18",
          capabilities: { tools: { listChanged: true } },
          serverInfo: { name: "changing", version: "1" },
        }));
      case "tools/list": {
        if (++lists === 2) {
          asked.resolve();
          await released.promise;
        }
        const inputSchema = { type: "object" };
        const tools = [{ name: "work", description, inputSchema }];
        return Response.json(reply({ tools }));
      }
      case "tools/call": {
        const result = reply({ content: [{ type: "text", text: "done" }] });
        if (++calls > 1) return Response.json(result);
        description = "second";
        const changed = {
          jsonrpc: "2.0",
          method: "notifications/tools/list_changed",
        };
        const events = [changed, result]
          .map((it) => `data: ${JSON.stringify(it)}\n\n`);
        return new Response(events.join(""), {
          headers: { "content-type": "text/event-stream" },
        });
      }
      default:
        return new Response(null, { status: 202 });
    }
  }
  const listener = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) =>
      request.method === "POST"
        ? await answer(await request.json())
        : new Response(null, { status: 405 }),
  );
  const hub = createToolHub({ host: systemHost() });
  const server: ToolServer = {
    name: "changing",
    enabledTools: [],
    transport: {
      kind: "http",
      url: `http://127.0.0.1:${listener.addr.port}/mcp`,
      headers: {},
    },
  };
  return {
    asked: asked.promise,
    release: released.resolve,
    async call(signal = new AbortController().signal) {
      let checked = "";
      await hub.call({
        server,
        tool: "work",
        arguments: {},
        idempotencyKey: "key",
        timeoutMs: 10_000,
        check(tool) {
          checked = tool.description;
          return Promise.resolve();
        },
      }, { variables: {}, workingDirectory: "/", signal });
      return checked;
    },
    async [Symbol.asyncDispose]() {
      released.resolve();
      await hub.close();
      await listener.shutdown();
    },
  };
}

Deno.test("no call is checked by what a tool was while its server is asked what it is", async () => {
  await using changing = serveChanging();
  assert.equal(await changing.call(), "first");
  const one = changing.call();
  await changing.asked;
  const other = changing.call();
  changing.release();
  assert.deepEqual(await Promise.all([one, other]), ["second", "second"]);
});

Deno.test("tools that have changed are listed anew after a call that was given up meanwhile", async () => {
  await using changing = serveChanging();
  assert.equal(await changing.call(), "first");
  const giving = new AbortController();
  const given = changing.call(giving.signal);
  await changing.asked;
  giving.abort(new Error("cancelled"));
  await assert.rejects(given, /cancelled/);
  changing.release();
  assert.equal(await changing.call(), "second");
});

Deno.test("a session that is forgotten keeps no tools from who lists them anew", async () => {
  await using web = serveSessions((_message, reply) =>
    events([
      { jsonrpc: "2.0", method: "notifications/tools/list_changed" },
      reply({ content: [{ type: "text", text: "done" }] }),
    ].map((it) => `data: ${JSON.stringify(it)}`))
  );
  assert.equal(await web.call(), "done");
  web.forget();
  const tools = await web.hub.tools([web.server], {
    variables: {},
    workingDirectory: "/",
    signal: new AbortController().signal,
  });
  assert.deepEqual(tools.map(({ tool }) => tool), ["work"]);
  assert.equal(await web.call(), "done");
});
