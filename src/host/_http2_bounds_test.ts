import { ok, strictEqual } from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:http2";
import { boundIdle } from "./_http2_bounds.ts";

const IDLE_MS = 100;

Deno.test("boundIdle() ends a connection without a call, and none with one", async () => {
  const server = createServer();
  server.on("session", (session) => boundIdle(session, IDLE_MS));
  server.on("stream", (stream) => {
    stream.respond({ ":status": 200 });
    setTimeout(() => stream.end("late"), IDLE_MS * 4);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  ok(address !== null && typeof address === "object");
  const session = connect(`http://127.0.0.1:${address.port}`);
  const closed = once(session, "close");
  const stream = session.request({ ":path": "/" });
  let text = "";
  stream.setEncoding("utf8");
  stream.on("data", (piece) => text += piece);
  const beganMs = performance.now();
  stream.end();
  await once(stream, "end");
  strictEqual(text, "late");
  strictEqual(session.closed, false);
  await closed;
  ok(performance.now() - beganMs >= IDLE_MS * 4);
  await new Promise((resolve) => server.close(resolve));
});

Deno.test("boundIdle() ends a connection that never called", async () => {
  const server = createServer();
  server.on("session", (session) => boundIdle(session, IDLE_MS));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  ok(address !== null && typeof address === "object");
  const session = connect(`http://127.0.0.1:${address.port}`);
  await once(session, "close");
  await new Promise((resolve) => server.close(resolve));
});
