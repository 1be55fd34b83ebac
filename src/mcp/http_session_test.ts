import assert from "node:assert/strict";
import {
  type Answer,
  events,
  PATIENCE_MS,
  serveSessions,
} from "../../tests/servers/session_server.ts";
import { StigmerError } from "../model/error.ts";
import { reconnectDelayMs } from "./http_transport.ts";

/** How long a server may wait to hear that a call is cancelled. */
const CANCELLED_WITHIN_MS = 1000;

function event(id: string, data: unknown): string {
  return `id: ${id}\ndata: ${JSON.stringify(data)}`;
}

const NOTICE = {
  jsonrpc: "2.0",
  method: "notifications/message",
  params: { level: "info", data: "at it" },
};

const HANGS: Answer = () => events([": wait"], { ends: false });

Deno.test("a session is kept for its calls, and ended with its hub", async () => {
  await using web = serveSessions(() => undefined);
  assert.equal(await web.call(), "done");
  assert.equal(await web.call(), "done");
  await web.hub.close();
  const sessions = web.seen.filter((it) => it.startsWith("POST"));
  assert.deepEqual(sessions, [
    "POST initialize ",
    "POST notifications/initialized s1",
    "POST tools/list s1",
    "POST tools/call s1",
    "POST tools/call s1",
  ]);
  assert.equal(web.seen.at(-1), "DELETE  s1");
});

Deno.test("a forgotten session is met anew, once for a call and however often", async () => {
  await using web = serveSessions(() => undefined);
  for (let round = 1; round <= 7; round++) {
    assert.equal(await web.call(), "done");
    web.forget();
  }
  assert.equal(web.seen.filter((it) => it.includes("initialize ")).length, 7);
  // None of the forgotten ones is ended: there is nothing to end.
  assert.ok(!web.seen.some((it) => it.startsWith("DELETE")));
});

Deno.test("a session that is forgotten again and again fails the call", async () => {
  await using web = serveSessions(() => new Response(null, { status: 404 }));
  await assert.rejects(web.call(), /Cannot call "work" of tool server "web"/);
  const calls = web.seen.filter((it) => it.includes("tools/call"));
  assert.equal(calls.length, 2);
});

Deno.test("a call that had begun is not made again when its session is forgotten", async () => {
  await using web = serveSessions(
    () => events(["retry: 10", event("e1", NOTICE)]),
    () => new Response(null, { status: 404 }),
  );
  await assert.rejects(web.call(), /Cannot call "work" of tool server "web"/);
  const calls = web.seen.filter((it) => it.includes("tools/call"));
  assert.deepEqual(calls, ["POST tools/call s1"]);
});

Deno.test("a call beside one that finds its session forgotten is not made again", async () => {
  let count = 0;
  await using web = serveSessions(() => {
    count++;
    // The server goes on with the first, and knows nothing of the second.
    if (count === 1) return events([": at it"], { ends: false });
    return count === 2 ? new Response(null, { status: 404 }) : undefined;
  });
  const first = assert.rejects(web.call(), /Cannot call "work"/);
  await web.until("POST tools/call s1");
  assert.equal(await web.call(), "done");
  await first;
  const calls = web.seen.filter((it) => it.includes("tools/call"));
  assert.deepEqual(calls, [
    "POST tools/call s1",
    "POST tools/call s1",
    "POST tools/call s2",
  ]);
});

Deno.test("calls of one turn are all made where their session was forgotten", async () => {
  await using web = serveSessions(() => undefined);
  assert.equal(await web.call(), "done");
  web.forget();
  const texts = await Promise.all(Array.from({ length: 5 }, () => web.call()));
  assert.deepEqual(texts, Array.from({ length: 5 }, () => "done"));
  const met = web.seen.filter((it) => it.includes("initialize "));
  assert.equal(met.length, 2);
});

Deno.test("a call that is checked while its session is found forgotten is made", async () => {
  await using web = serveSessions(() => undefined);
  assert.equal(await web.call(), "done");
  web.forget();
  const { hub, server } = web;
  let checks = 0;
  const result = await hub.call({
    server,
    tool: "work",
    arguments: {},
    idempotencyKey: "key",
    timeoutMs: PATIENCE_MS,
    async check() {
      if (++checks === 1) assert.equal(await web.call(), "done");
    },
  }, {
    variables: {},
    workingDirectory: "/",
    signal: new AbortController().signal,
  });
  assert.equal(result.text, "done");
  assert.equal(checks, 2);
});

Deno.test("a session that several calls find forgotten counts once against its starts", async () => {
  let isBroken = false;
  await using web = serveSessions(() =>
    isBroken ? events([": nothing"]) : undefined
  );
  assert.equal(await web.call(), "done");
  web.forget();
  await Promise.all(Array.from({ length: 5 }, () => web.call()));
  isBroken = true;
  for (let i = 0; i < 5; i++) await assert.rejects(web.call(), /broke off/);
  await assert.rejects(web.call(), /it ended 5 times already/);
});

Deno.test("a server by HTTP hears within a second that a call is cancelled", async () => {
  await using web = serveSessions(HANGS);
  const stop = new AbortController();
  const calling = assert.rejects(web.call({ signal: stop.signal }), /enough/);
  await web.until("POST tools/call");
  const before = performance.now();
  stop.abort(new Error("enough"));
  await calling;
  await web.until("POST notifications/cancelled");
  const tookMs = performance.now() - before;
  assert.ok(tookMs < CANCELLED_WITHIN_MS, `it took ${tookMs} ms`);
});

Deno.test("a server by HTTP hears that a call timed out before the session ends", async () => {
  await using web = serveSessions(HANGS);
  await assert.rejects(web.call({ timeoutMs: 100 }), (error) => {
    assert(error instanceof StigmerError);
    assert.equal(error.code, "DEADLINE_EXCEEDED");
    return true;
  });
  assert.deepEqual(web.seen.slice(-2), [
    "POST notifications/cancelled s1",
    "DELETE  s1",
  ]);
});

Deno.test("a stream that breaks off is taken up where it ended", async () => {
  let answered: unknown;
  await using web = serveSessions(
    (message, reply) => {
      answered = reply({ content: [{ type: "text", text: "in the end" }] });
      const meta = Object(message.params?.["_meta"]);
      return events([
        "retry: 10",
        event("e1", {
          jsonrpc: "2.0",
          method: "notifications/progress",
          params: { progressToken: meta.progressToken, progress: 1, total: 2 },
        }),
      ]);
    },
    () => events([event("e2", answered)]),
  );
  const lines: string[] = [];
  const onProgress = (line: string): void => void lines.push(line);
  assert.equal(await web.call({ onProgress }), "in the end");
  assert.deepEqual(lines, ["1/2"]);
  assert.deepEqual(
    web.seen.filter((it) => it.startsWith("GET e")),
    ["GET e1 s1"],
  );
});

Deno.test("reconnectDelayMs() waits as long as a server says, within reason", () => {
  const cases = [[0, 100], [-5, 100], [500, 500], [1e12, 2 ** 31 - 1]];
  for (const [asked = 0, given] of cases) {
    assert.equal(reconnectDelayMs(asked), given);
  }
});

Deno.test("a server by HTTP is told of no folder of this machine", async () => {
  const asked: unknown[] = [];
  await using web = serveSessions((message) => {
    asked.push(message.params);
    return undefined;
  });
  await web.call();
  assert.equal(asked.length, 1);
  assert.ok(!web.seen.some((it) => it.includes("roots")));
});
